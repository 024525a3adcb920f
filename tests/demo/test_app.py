"""The page to play with: what it answers, and the page in a browser."""

import time
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demo.app import ASKED, TASKS, answer, build, inferencer, main
from tests.visualization.browser import chromium

CONFIGS = {
    'classify': 'classification_modelnet40_1k_full',
    'zero-shot': 'zeroshot_modelnet40',
    'parts': 'part_segmentation_shapenetpart',
    'attention': 'linear_svm_modelnet40',
}


@pytest.fixture
def cloud(tmp_path: Path) -> str:
    points = np.random.default_rng(0).normal(size=(1100, 3)).astype(np.float32)
    np.save(tmp_path / 'my <cloud>.npy', points)
    return str(tmp_path / 'my <cloud>.npy')


@pytest.fixture
def models(tiny_config, tmp_path: Path):
    """Config and checkpoint of tasks, tiny and untrained."""
    inferencer.cache_clear()

    def load(*tasks: str) -> dict[str, tuple[str, str]]:
        for task in tasks:
            tiny_config(CONFIGS[task]).dump(tmp_path / f'{task}.py')
        return {task: (str(tmp_path / f'{task}.py'), 'none') for task in tasks}

    yield load
    inferencer.cache_clear()


@pytest.mark.parametrize('task', TASKS)
def test_answers(models, cloud: str, task: str) -> None:
    model = models(task)[task]
    name = TASKS[task][2]
    scores, frame = answer(task, model, cloud, 'z', ASKED[name][1] if name else '')
    if task == 'classify':
        assert len(scores) == 40 and sum(scores.values()) == pytest.approx(1, abs=1e-4)
    elif task == 'zero-shot':
        assert set(scores) == {'chair', 'table', 'lamp', 'airplane', 'mug'}
    else:
        assert scores == {}
    page = unescape(frame.partition('srcdoc="')[2].partition('" style')[0])
    assert page.startswith('<!DOCTYPE html>') and '"title": "my \\u003ccloud>"' in page
    assert answer(task, model, cloud, 'z', ASKED[name][1] if name else '') == (scores, frame)


def test_what_is_wrong_is_said(models, tmp_path: Path) -> None:
    model = models('attention')['attention']
    with pytest.raises(ValueError, match='Drop a file first'):
        answer('attention', model, None, 'y')
    (tmp_path / 'a.npy').write_bytes(b'no array')
    with pytest.raises(ValueError, match=r"a\.npy' cannot be read"):
        answer('attention', model, str(tmp_path / 'a.npy'), 'y')


def test_no_tab_is_refused(capsys) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert 'give one of --classify, --zero-shot' in capsys.readouterr().err


def screenshot(element: Any) -> np.ndarray:
    time.sleep(0.5)
    return np.asarray(Image.open(BytesIO(element.screenshot_as_png)).convert('RGB')).astype(int)


@pytest.mark.timeout(240)
def test_in_a_browser(models, cloud: str, tmp_path: Path) -> None:
    """A file is dropped, labels are typed, scores and a cloud that rotates come back."""
    pytest.importorskip('gradio', reason="needs the extra 'app'")
    with chromium(tmp_path / 'profile') as driver:
        from selenium.webdriver import ActionChains
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.expected_conditions import (
            frame_to_be_available_and_switch_to_it as frame_is_there,
        )
        from selenium.webdriver.support.ui import WebDriverWait

        page = build(models('zero-shot', 'attention'))
        _, url, _ = page.launch(server_name='127.0.0.1', prevent_thread_lock=True, quiet=True)
        try:
            driver.get(url)
            wait = WebDriverWait(driver, 60)
            wait.until(lambda d: d.find_elements(By.CSS_SELECTOR, 'input[type=file]'))
            driver.find_element(By.CSS_SELECTOR, 'input[type=file]').send_keys(cloud)
            wait.until(lambda d: 'my <cloud>' in d.find_element(By.TAG_NAME, 'body').text)
            box = driver.find_element(By.CSS_SELECTOR, 'textarea, input[type=text]')
            box.clear()
            box.send_keys('teapot, anvil')
            (button,) = [
                found
                for found in driver.find_elements(By.TAG_NAME, 'button')
                if found.text == 'Show' and found.is_displayed()
            ]
            button.click()
            wait.until(frame_is_there((By.TAG_NAME, 'iframe')))
            canvas = driver.find_element(By.TAG_NAME, 'canvas')
            before = screenshot(canvas)
            assert (before < 240).any(-1).mean() > 0.02
            ActionChains(driver).drag_and_drop_by_offset(canvas, 60, 30).perform()
            assert (abs(screenshot(canvas) - before) > 40).mean() > 0.01
            driver.switch_to.default_content()
            text = driver.find_element(By.TAG_NAME, 'body').text
            assert 'teapot' in text and 'anvil' in text
            log = driver.get_log('browser')
            assert [entry for entry in log if entry['level'] == 'SEVERE'] == []
        finally:
            page.close()
