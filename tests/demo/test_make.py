"""All sets: determinism over processes, and what is refused."""

from pathlib import Path

import pytest

from demo import Counts, make_demo_data
from demo.make import MARKER

pytest.importorskip('trimesh')
pytest.importorskip('h5py')
pytest.importorskip('PIL')


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob('*') if p.is_file()}


def test_same_bytes_whatever_the_number_of_processes(tmp_path):
    for name, workers in (('one', 1), ('two', 2)):
        sets = ['shapenet55', 'scanobjectnn']
        make_demo_data(tmp_path / name, sets, counts=Counts(1, 1), workers=workers)
    one, two = contents(tmp_path / 'one'), contents(tmp_path / 'two')
    assert one == two
    assert len(one) > 60


def test_other_seed_other_shapes(tmp_path):
    for seed in (0, 1):
        make_demo_data(tmp_path / str(seed), ['scanobjectnn'], seed, Counts(1, 1))
    file = 'ScanObjectNN/main_split/test_objectdataset.h5'
    assert (tmp_path / '0' / file).read_bytes() != (tmp_path / '1' / file).read_bytes()


def test_demo_data_are_replaced_only_when_asked(tmp_path):
    counts = Counts(1, 1)
    folder = make_demo_data(tmp_path, ['scanobjectnn'], counts=counts)['scanobjectnn']
    (folder / 'left over').touch()
    with pytest.raises(FileExistsError, match='--overwrite'):
        make_demo_data(tmp_path, ['scanobjectnn'], counts=counts)
    make_demo_data(tmp_path, ['scanobjectnn'], counts=counts, overwrite=True)
    assert not (folder / 'left over').exists()


def test_real_data_are_never_replaced(tmp_path):
    real = tmp_path / 'ScanObjectNN' / 'main_split'
    real.mkdir(parents=True)
    (real / 'training_objectdataset.h5').touch()
    with pytest.raises(FileExistsError, match=f'no {MARKER}'):
        make_demo_data(tmp_path, ['shapenet55', 'scanobjectnn'], overwrite=True)
    # refused before anything is written
    assert [path.name for path in tmp_path.iterdir()] == ['ScanObjectNN']


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ({'sets': ['imagenet']}, 'imagenet'),
        ({'sets': []}, 'expected some of'),
        ({'seed': -1}, 'seed is -1'),
        ({'workers': 0}, '0 worker'),
        ({'counts': Counts(0, 4)}, 'expected 1 or more'),
    ],
)
def test_bad_arguments(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        make_demo_data(tmp_path / 'out', **arguments)
    assert not (tmp_path / 'out').exists()
