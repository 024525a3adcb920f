"""Stores appear complete or not at all, whoever is killed and whoever else writes."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError
from recon_mm.datasets.storage import (
    FEATURES,
    SENTENCES,
    ArraySpec,
    ArrayStore,
    open_or_build,
    open_store,
    resume_store,
    writer,
)
from tests.stores import features_header, store_features
from tests.tiny import ROOT

IDS = ['chair-1', 'chair-2', 'table-1']
FEATURE = np.random.default_rng(0).normal(size=(3, 2, 4)).astype(np.float16)


def build(folder: Path, value: float = 1.0) -> dict[str, ArraySpec]:
    table = np.full((2, 3, 4), value, np.float32)
    np.save(folder / 'table.npy', table)
    return {'table': ArraySpec(table.shape, 'float32')}


def ask(parent: Path, origin: str = 'a', value: float = 1.0, keep: bool = False) -> ArrayStore:
    return open_or_build(
        parent, 'table', SENTENCES, {'model': origin}, lambda folder: build(folder, value), keep
    )


def value(store: ArrayStore) -> float:
    return float(store['table'][0, 0, 0])


class TestOpenOrBuild:
    def test_builds_once(self, tmp_path: Path) -> None:
        assert value(ask(tmp_path / 'new')) == 1
        assert value(ask(tmp_path / 'new', value=2)) == 1  # not built again
        assert len(list(tmp_path.glob('new/table-*'))) == 1
        assert not list(tmp_path.glob('new/*.partial'))

    @pytest.mark.parametrize('keep', [False, True])
    def test_another_origin(self, tmp_path: Path, keep: bool) -> None:
        old = ask(tmp_path)
        assert value(ask(tmp_path, 'b', 2, keep)) == 2
        assert old.path.exists() == keep

    @pytest.mark.parametrize('name', ['table.npy', 'header.json'])
    def test_damaged_is_built_again_with_a_line_in_the_log(
        self, tmp_path: Path, name: str, log: pytest.LogCaptureFixture
    ) -> None:
        file = ask(tmp_path).path / name
        file.write_bytes(file.read_bytes()[:-9])
        assert value(ask(tmp_path, value=2)) == 2
        assert f"made again: '{file}'" in log.text
        assert value(ask(tmp_path, value=3)) == 2

    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        elsewhere = ask(tmp_path / 'elsewhere').path
        (tmp_path / 'here').mkdir()
        link = tmp_path / 'here' / elsewhere.name
        link.symlink_to(elsewhere)
        assert value(ask(tmp_path / 'here', value=2)) == 1  # a store may be a link
        ask(tmp_path / 'here', 'b')
        assert link.is_symlink()
        (elsewhere / 'table.npy').write_bytes(b'')
        assert value(ask(tmp_path / 'here', value=3)) == 3
        assert not link.is_symlink()
        assert (elsewhere / 'header.json').exists()

    def test_several_at_the_same_time_build_once(self, tmp_path: Path) -> None:
        calls, values, together = [], [], threading.Barrier(4)

        def build_and_count(folder: Path) -> dict[str, ArraySpec]:
            calls.append(folder)
            return build(folder)

        def run() -> None:
            together.wait()
            store = open_or_build(tmp_path / 'x', 'table', SENTENCES, {}, build_and_count)
            values.append(value(store))

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(calls) == 1
        assert values == [1.0] * 4

    def test_an_error_leaves_nothing(self, tmp_path: Path) -> None:
        def fail(folder: Path) -> dict[str, ArraySpec]:
            build(folder)
            raise DataError('bad source')

        with pytest.raises(DataError, match='bad source'):
            open_or_build(tmp_path, 'table', SENTENCES, {}, fail)
        assert [path.name for path in tmp_path.iterdir()] == ['table.lock']

    def test_killed(self, tmp_path: Path) -> None:
        def die(folder: Path) -> dict[str, ArraySpec]:
            build(folder, 5)
            os.kill(os.getpid(), signal.SIGKILL)
            return {}

        process = multiprocessing.get_context('fork').Process(
            target=open_or_build, args=(tmp_path, 'table', SENTENCES, {'model': 'a'}, die)
        )
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert list(tmp_path.glob('*.partial'))
        assert not list(tmp_path.glob('table-*[0-9a-f]'))
        assert value(ask(tmp_path)) == 1
        assert not list(tmp_path.glob('*.partial'))

    def test_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / 'file').write_text('not a folder')
        with pytest.raises(DataError, match=r"file' cannot be written .*RECON_CACHE"):
            ask(tmp_path / 'file')


class TestResumable:
    def test_continues_an_interrupted_store(self, tmp_path: Path) -> None:
        path, header = tmp_path / 'store', features_header(FEATURE, IDS, {})
        with (
            contextlib.suppress(KeyboardInterrupt),
            resume_store(path, FEATURES, header, 2) as first,
        ):
            first.write((np.array([0, 2]), np.array([1, 0])), FEATURE[[0, 2], [1, 0]])
            raise KeyboardInterrupt
        with pytest.raises(DataError, match=r"store\.partial' is not complete: run"):
            open_store(path, FEATURES)
        with resume_store(path, FEATURES, header, 2) as second:
            assert second.finished.tolist() == [[False, True], [False, False], [True, False]]
            rows = np.nonzero(~second.finished)
            second.write(rows, FEATURE[rows])
        np.testing.assert_array_equal(open_store(path, FEATURES)['features'], FEATURE)
        with resume_store(path, FEATURES, header, 2) as third:
            assert third.finished.all()
        assert sorted(path.name for path in tmp_path.iterdir()) == ['store', 'store.lock']

    def test_rows_that_nobody_wrote(self, tmp_path: Path) -> None:
        header = features_header(FEATURE, IDS, {})
        with (
            pytest.raises(DataError, match=r"store\.partial' lacks 6 of 6"),
            resume_store(tmp_path / 'store', FEATURES, header, 2),
        ):
            pass
        assert not (tmp_path / 'store').exists()

    @pytest.mark.parametrize('complete', [True, False])
    @pytest.mark.parametrize('changed', ['seed', 'sample_ids', 'arrays'])
    def test_a_store_of_something_else(self, tmp_path: Path, complete: bool, changed: str) -> None:
        path, header = tmp_path / 'store', features_header(FEATURE, IDS, {'seed': 0})
        store_features(path, FEATURE, IDS, seed=0)
        if not complete:
            path.rename(tmp_path / 'store.partial')
        header = {
            'seed': header._replace(made_from={'seed': 1}),
            'sample_ids': header._replace(sample_ids=IDS[::-1]),
            'arrays': header._replace(arrays={'features': ArraySpec((3, 2, 5), 'float16')}),
        }[changed]
        with (
            pytest.raises(DataError, match=f'made with a different {changed}'),
            resume_store(path, FEATURES, header, 2),
        ):
            pass

    def test_two_writers(self, tmp_path: Path) -> None:
        header = features_header(FEATURE, IDS, {})
        with (
            pytest.raises(DataError, match=r"another process holds '.*store\.lock'"),
            resume_store(tmp_path / 'store', FEATURES, header, 2),
            resume_store(tmp_path / 'store', FEATURES, header, 2),
        ):
            pass

    def test_values_that_cannot_be_stored(self, tmp_path: Path) -> None:
        header = features_header(FEATURE, IDS, {})
        too_large = np.full((1, 4), 1e6, np.float32)
        with (
            pytest.raises(DataError, match=r"'chair-2' are not finite as float16 .*1e\+06"),
            resume_store(tmp_path / 'store', FEATURES, header, 2) as store,
        ):
            store.write((np.array([1]), np.array([0])), too_large)
        with pytest.raises(DataError, match='lacks 6 of 6'):
            store_nothing(tmp_path / 'store')

    def test_disk_space(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        header = features_header(FEATURE, IDS, {})
        needed = 3 * 2 * 4 * 2 + 3 * 2
        usage = type('Usage', (), {'free': needed - 1})
        monkeypatch.setattr(writer.shutil, 'disk_usage', lambda folder: usage)
        with (
            pytest.raises(DataError, match=r'needs 0\.00 GB and its disk has 0\.00 GB free'),
            resume_store(tmp_path / 'store', FEATURES, header, 2),
        ):
            pass
        usage.free = needed
        store_features(tmp_path / 'store', FEATURE, IDS)

    def test_killed_while_the_disk_is_claimed(self, tmp_path: Path) -> None:
        script = (
            'import os, signal\n'
            'os.posix_fallocate = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n'
            'import numpy as np\n'
            'from pathlib import Path\n'
            'from tests.stores import store_features\n'
            f'store_features(Path({str(tmp_path / "store")!r}), np.ones((3, 2, 4)), {IDS})\n'
        )
        environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
        killed = subprocess.run([sys.executable, '-c', script], env=environment)
        assert killed.returncode == -signal.SIGKILL
        assert (tmp_path / 'store.partial').exists()
        store_features(tmp_path / 'store', FEATURE, IDS)
        np.testing.assert_array_equal(open_store(tmp_path / 'store', FEATURES)['features'], FEATURE)


def store_nothing(folder: Path) -> None:
    with resume_store(folder, FEATURES, features_header(FEATURE, IDS, {}), 2):
        pass
