"""Preparing shapes: what is written, resumed, joined, skipped, and said."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from recon_mm.apis.prepare import main
from recon_mm.datasets import ShapeFolder
from recon_mm.datasets.readers import read_image
from recon_mm.datasets.shape_files import draw_points, read_shape
from tests.tiny import ROOT

trimesh = pytest.importorskip('trimesh')
FAST = ('--views', '2', '--points', '128', '--workers', '1')


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """Eight boxes and clouds of two categories, a copy, and a file that is none."""
    folder = tmp_path / 'shapes'
    for index in range(8):
        path = folder / ('OpenBox', 'ufo')[index % 2] / f'{index}.obj'
        path.parent.mkdir(parents=True, exist_ok=True)
        if index == 7:
            np.savetxt(path.with_suffix('.xyz'), np.random.default_rng(0).normal(size=(300, 3)))
        else:
            trimesh.creation.box((1, 2, 3 + index)).export(path)
    shutil.copy(folder / 'OpenBox/0.obj', folder / 'ufo/copy.obj')
    (folder / 'ufo/bad.obj').write_text('v 1 2\n')
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, newline='') as content:
        return list(csv.DictReader(content))


def files(folder: Path) -> dict[str, bytes]:
    """Everything but the notes of who did what."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file() and path.parent.name != 'journal'
    }


def test_what_is_written(shapes: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / 'out'
    assert main([str(shapes), '--out', str(out), '--up', 'z', *FAST]) == 0
    shown = capsys.readouterr().out
    assert '9 shapes; 2 remarks' in shown and 'skipped: ufo/bad.obj' in shown
    listed = rows(out / 'shapes.csv')
    assert [row['id'] for row in listed][:5] == [
        'OpenBox/0',
        'OpenBox/2',
        'OpenBox/4',
        'OpenBox/6',
        'ufo/1',
    ]
    assert list(listed[0]) == ['path', 'category', 'caption', 'split', 'id']
    splits = {row['id']: row['split'] for row in listed}
    assert set(splits.values()) <= {'train', 'val'} and splits['OpenBox/0'] == splits['ufo/copy']
    report = {row['path']: (row['status'], row['reason']) for row in rows(out / 'report.csv')}
    assert report['ufo/copy.obj'] == ('duplicate', 'of OpenBox/0.obj; both are in one split')
    assert report['ufo/bad.obj'][0] == 'skipped' and 'bad.obj' in report['ufo/bad.obj'][1]
    for row in listed:
        points = np.load(out / row['path'])
        assert points.shape == (128, 3) and points.dtype == np.float32
        assert 0.5 < np.linalg.norm(points, axis=1).max() < 1.001
        views = [read_image(out / 'views' / row['id'] / f'{k}.png', 'a view') for k in (0, 1)]
        assert views[0].shape == (224, 224, 3) and (views[0] != views[1]).any()
    tall = np.load(out / 'points/ufo/5.npy')
    assert np.ptp(tall, axis=0).argmax() == 1  # 8 along z in the file, which is up
    sentences = json.loads((out / 'sentences.json').read_text())
    assert sentences['OpenBox/0'][:2] == ['an open box', 'a photo of an open box']
    assert len(sentences) == 9
    assert read_image(out / 'thumbnails.png', 'the sheet').shape[1] == 9 * 128
    data = ShapeFolder(str(out), split='all', with_images=True)
    assert len(data) == 9 and len(data[0]['image_paths']) == 2
    assert main([str(shapes), '--out', str(out), '--up', 'z', *FAST]) == 0  # nothing left to do


def test_a_list_says_which_axis_is_up(shapes: Path, tmp_path: Path) -> None:
    (shapes / 'shapes.csv').write_text('path,up\nOpenBox/0.obj,\nOpenBox/6.obj,y\nufo/5.obj,z\n')
    out = tmp_path / 'out'
    assert main([str(shapes), '--out', str(out), '--up', 'x', *FAST]) == 0
    heights = [np.ptp(np.load(out / row['path']), axis=0)[1] for row in rows(out / 'shapes.csv')]
    # Boxes of 1 x 2 x 3, 9 and 8, with x, y and z up, of diagonals 3.7, 9.3 and 8.3.
    np.testing.assert_allclose(heights, [2 / 3.74, 4 / 9.27, 16 / 8.31], rtol=0.05)


def test_shards_join_to_the_same(shapes: Path, tmp_path: Path, capsys) -> None:
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    main([str(shapes), '--out', str(whole), *FAST])
    for number in (3, 1):
        assert main([str(shapes), '--out', str(parts), '--shard', f'{number}/3', *FAST]) == 0
    assert main(['--out', str(parts), '--join']) == 1
    assert 'lacks 3 of 10 shapes' in capsys.readouterr().err
    main([str(shapes), '--out', str(parts), '--shard', '2/3', *FAST])
    assert main(['--out', str(parts), '--join']) == 0
    assert files(parts) == files(whole)


def test_killed_it_goes_on_and_ends_the_same(shapes: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / 'whole', tmp_path / 'killed'
    main([str(shapes), '--out', str(whole), *FAST])
    tool = str(ROOT / 'tools/dataset_converters/prepare_shapes.py')
    command = [sys.executable, tool, str(shapes), '--out', str(killed), *FAST]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
    )  # fmt: skip
    journal = killed / 'journal/0001-of-0001.jsonl'
    while not (journal.is_file() and journal.stat().st_size) and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with open(journal, 'a') as file:
        file.write('["ufo/copy", 12')  # a line that was cut off
    assert main([str(shapes), '--out', str(killed), *FAST]) == 0
    left = {name for name in files(killed) if name.endswith('.partial')}
    assert {k: v for k, v in files(killed).items() if k not in left} == files(whole)


def test_what_is_refused(shapes: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / 'out'
    main([str(shapes), '--out', str(out), *FAST])
    assert main([str(shapes), '--out', str(out), *FAST, '--seed', '1']) == 1
    assert 'was prepared with seed 0, not 1' in capsys.readouterr().err
    (shapes / 'ufo/new.obj').write_text('')
    assert main([str(shapes), '--out', str(out), *FAST]) == 1
    assert 'shapes 10, not 11' in capsys.readouterr().err
    (shapes / 'ufo/new.obj').unlink()
    (shapes / 'ufo/bad.obj').write_text('v 1 2 3\n')
    assert main([str(shapes), '--out', str(out), *FAST]) == 1
    assert 'fingerprint' in capsys.readouterr().err
    assert main([str(shapes), '--out', str(shapes), *FAST]) == 1
    assert 'holds other files' in capsys.readouterr().err
    (tmp_path / 'none').mkdir()
    (tmp_path / 'none/bad.obj').write_text('v 1 2\n')
    assert main([str(tmp_path / 'none'), '--out', str(tmp_path / 'none_out'), *FAST]) == 1
    assert 'none of the 1 shapes' in capsys.readouterr().err
    for wrong in (['--views', '-1'], ['--shard', '4/3'], ['--val', '1'], ['--join']):
        with pytest.raises(SystemExit):
            main([str(shapes), '--out', str(out), *wrong])


def test_a_process_that_is_ended_is_said(shapes: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    def read(path: Path, *options: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does where memory ends

    monkeypatch.setattr('recon_mm.apis.prepare_shapes.read_shape', read)
    assert main([str(shapes), '--out', str(tmp_path / 'out'), *FAST, '--workers', '2']) == 1
    assert "ended from outside, at 'OpenBox/0.obj'" in capsys.readouterr().err


def test_real_meshes(shared_data: Path) -> None:
    """Some of them; that all are prepared is said in docs/own_data.md."""
    meshes = sorted((shared_data / 'real/shapes').glob('*/*.obj'))[::100]
    if not meshes:
        pytest.skip('the shared data has no meshes')
    for path in meshes:
        points, _ = draw_points(read_shape(path), 256, 0, path)
        assert points.shape == (256, 3)
