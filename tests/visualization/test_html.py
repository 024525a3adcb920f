"""The page to rotate clouds: what it holds, and what a browser makes of it."""

import json
import re
import time
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recon_mm.visualization import labeled_cloud, plain_cloud, valued_cloud, write_html
from recon_mm.visualization.html import MAX_POINTS

from .browser import chromium

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(300, 3)).astype(np.float32)
NAMES, PALETTE = ['wing', '</script><b>tail'], [(200, 10, 10), (10, 10, 200)]
PARTS = labeled_cloud(POINTS, np.arange(300) % 2, NAMES, PALETTE, 'parts')
VALUES = valued_cloud(POINTS, POINTS[:, 1], 'meters', 'values')


def read(path: Path) -> dict[str, Any]:
    text = path.read_text()
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text)
    return json.loads(data)


def decode(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(b64decode(text), kind)


def test_data_are_read_back(tmp_path: Path) -> None:
    write_html(tmp_path / 'new/a.html', [[PARTS, VALUES]], 'two & "one"')
    data = read(tmp_path / 'new/a.html')
    assert data['title'] == 'two & "one"'
    (points,), ((parts, values),) = data['points'], data['rows']  # the same points once
    assert (decode(points, '<f4').reshape(-1, 3) == POINTS).all()
    assert (decode(parts['colors'], 'u1').reshape(-1, 3) == PARTS.colors).all()
    assert decode(parts['labels'], '<i4').tolist() == [0, 1] * 150
    assert [entry['name'] for entry in parts['legend']] == NAMES
    assert parts['legend'][0]['color'] == '#c80a0a' and parts['values'] is None
    assert (decode(values['values'], '<f4') == POINTS[:, 1]).all()
    assert values['limits'] == [POINTS[:, 1].min(), POINTS[:, 1].max()]
    assert values['ramp'][0] == '#440154' and values['ramp'][-1] == '#fde725'


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    write_html(tmp_path / 'a.html', [[PARTS]])
    text = (tmp_path / 'a.html').read_text()
    assert '://' not in text and 'src=' not in text and "default-src 'none'" in text


def test_large_clouds_are_sampled_and_say_so(tmp_path: Path) -> None:
    write_html(tmp_path / 'a.html', [[plain_cloud(RNG.normal(size=(MAX_POINTS + 1, 3)), 'room')]])
    data = read(tmp_path / 'a.html')
    assert data['rows'][0][0]['title'] == 'room (100,000 of 100,001 points)'
    assert len(decode(data['points'][0], '<f4')) == 3 * MAX_POINTS


def screenshot(driver: Any, element: Any) -> np.ndarray:
    time.sleep(0.3)
    return np.asarray(Image.open(BytesIO(element.screenshot_as_png)).convert('RGB')).astype(int)


@pytest.mark.timeout(120)
def test_in_a_browser(tmp_path: Path) -> None:
    """No error; a drag rotates all clouds of a row, the wheel enlarges, the pointer reads."""
    large = plain_cloud(RNG.normal(size=(MAX_POINTS, 3)), 'large')
    write_html(tmp_path / 'a.html', [[PARTS, VALUES], [large]], 'clouds')
    with chromium(tmp_path / 'profile') as driver:
        from selenium.webdriver import ActionChains
        from selenium.webdriver.support.ui import Select

        driver.get((tmp_path / 'a.html').as_uri())
        first, second = driver.find_elements('css selector', 'canvas')
        before = [screenshot(driver, canvas) for canvas in (first, second)]
        assert driver.title == 'clouds'
        legend = driver.find_element('css selector', '.legend').text
        assert 'wing' in legend and '</script><b>tail' in legend
        for image in before:
            share = (image < 240).any(-1).mean()
            assert 0.02 < share < 0.6  # neither blank nor full
            edge = np.concatenate([image[3], image[-4], image[:, 3], image[:, -4]])
            assert (edge > 240).all()

        ActionChains(driver).drag_and_drop_by_offset(first, 80, 30).perform()
        for canvas, image in zip((first, second), before):
            assert (abs(screenshot(driver, canvas) - image) > 40).mean() > 0.02

        driver.execute_script('view = home(); redraw()')
        assert abs(screenshot(driver, second) - before[1]).max() < 3
        index = 'return Array.from(panels[1].index).findIndex((i) => i >= 0)'
        at = driver.execute_script(index)
        width = driver.execute_script('return panels[1].canvas.width')
        box = second.rect
        offset = [at % width + 1 - box['width'] / 2, at // width + 1 - box['height'] / 2]
        ActionChains(driver).move_to_element_with_offset(second, *map(int, offset)).perform()
        shown = driver.find_element('id', 'tip').text
        value, number = re.search(r'meters: (\S+)\npoint (\d+):', shown).groups()
        assert float(value) == pytest.approx(POINTS[int(number), 1], rel=1e-3)

        inked = (screenshot(driver, first) < 240).any(-1).sum()
        driver.execute_script('zoom(1.5)')
        assert (screenshot(driver, first) < 240).any(-1).sum() > 1.3 * inked

        Select(driver.find_element('id', 'row')).select_by_visible_text('2: large')
        (canvas,) = driver.find_elements('css selector', 'canvas')
        assert (screenshot(driver, canvas) < 240).any(-1).mean() > 0.05
        assert driver.get_log('browser') == []
