import pickle
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError, ModelNet

CLASSES = ('airplane', 'bathtub', 'night_stand')


def test_text_files(modelnet_root: Path) -> None:
    dataset = ModelNet(str(modelnet_root), split='train')
    assert dataset.metainfo['classes'] == CLASSES
    info = dataset.get_data_info(5)
    assert (info['category'], info['sample_id']) == (2, 'night_stand_0002')
    table = np.loadtxt(modelnet_root / 'night_stand' / 'night_stand_0002.txt', delimiter=',')
    np.testing.assert_allclose(info['points'], table[:, :3], atol=1e-6)
    assert info['points'].dtype == np.float32
    assert len(ModelNet(str(modelnet_root), split='test')) == 3


def test_parsed_once_and_again_after_a_change(
    modelnet_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ModelNet(str(modelnet_root))
    calls = []
    loadtxt = np.loadtxt
    monkeypatch.setattr(np, 'loadtxt', lambda *a, **k: calls.append(a) or loadtxt(*a, **k))
    dataset = ModelNet(str(modelnet_root))
    assert not calls
    before = dataset.get_data_info(0)['points']
    file = modelnet_root / 'airplane' / 'airplane_0001.txt'
    file.write_text(file.read_text() + '1,2,3,0,0,1\n')
    dataset = ModelNet(str(modelnet_root))
    assert len(calls) == 6
    assert len(dataset.get_data_info(0)['points']) == len(before) + 1
    (store,) = (modelnet_root / '.recon_cache').glob('modelnet40-train-*')  # the old one is gone
    assert (store / 'header.json').is_file()


@pytest.mark.parametrize('shape', [(1,), ()])
def test_pickle_is_preferred(modelnet_root: Path, rng: np.random.Generator, shape: tuple) -> None:
    clouds = [rng.normal(size=(64, 6)).astype(np.float32) for _ in range(3)]
    labels = [np.full(shape, k, np.int32) for k in (2, 0, 1)]
    path = modelnet_root / 'modelnet40_test_8192pts_fps.dat'
    path.write_bytes(pickle.dumps([clouds, labels]))
    dataset = ModelNet(str(modelnet_root), split='test')
    infos = [dataset.get_data_info(i) for i in range(3)]
    assert [info['category'] for info in infos] == [2, 0, 1]
    np.testing.assert_array_equal(infos[1]['points'], clouds[1][:, :3])
    assert len({info['sample_id'] for info in infos}) == 3


def test_points_can_be_changed_without_changing_the_cache(modelnet_root: Path) -> None:
    dataset = ModelNet(str(modelnet_root))
    points = dataset.get_data_info(0)['points']
    points += 1
    assert not np.array_equal(dataset.get_data_info(0)['points'], points)


def test_survives_pickling_without_its_arrays(modelnet_root: Path) -> None:
    dataset = ModelNet(str(modelnet_root))
    points = dataset.get_data_info(3)['points']
    state = pickle.dumps(dataset)
    assert points.tobytes() not in state
    np.testing.assert_array_equal(pickle.loads(state).get_data_info(3)['points'], points)


def test_malicious_pickle_is_refused(modelnet_root: Path, tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self):
            return Path.touch, (tmp_path / 'owned',)

    path = modelnet_root / 'modelnet40_test_8192pts_fps.dat'
    path.write_bytes(pickle.dumps([[Attack()], [0]]))
    with pytest.raises(DataError, match=r'8192pts_fps\.dat.*refused'):
        ModelNet(str(modelnet_root), split='test')
    assert not (tmp_path / 'owned').exists()


def test_label_out_of_range(modelnet_root: Path) -> None:
    path = modelnet_root / 'modelnet40_test_8192pts_fps.dat'
    path.write_bytes(pickle.dumps([[np.zeros((4, 6))], [np.array([3])]]))
    with pytest.raises(DataError, match=r'label 3 .*expected 0 to 2'):
        ModelNet(str(modelnet_root), split='test')


def test_all_broken_text_files_are_named_and_leave_no_cache(modelnet_root: Path) -> None:
    for name in ('bathtub', 'airplane'):
        file = modelnet_root / name / f'{name}_0001.txt'
        file.write_text('0.1,0.2,0.3,0,0,1\n0.1,nonsense\n')
    with pytest.raises(DataError, match=r'airplane_0001\.txt(.|\n)*bathtub_0001\.txt'):
        ModelNet(str(modelnet_root))
    assert not list((modelnet_root / '.recon_cache').glob('*/header.json'))


def test_list_naming_a_missing_shape(modelnet_root: Path) -> None:
    (modelnet_root / 'airplane' / 'airplane_0003.txt').unlink()
    with pytest.raises(DataError, match=r'airplane_0003\.txt'):
        ModelNet(str(modelnet_root), split='test')


def test_list_naming_an_unknown_class(modelnet_root: Path) -> None:
    (modelnet_root / 'modelnet40_test.txt').write_text('spoon_0001\n')
    with pytest.raises(DataError, match="'spoon'"):
        ModelNet(str(modelnet_root), split='test')


def test_modelnet10_has_its_own_lists(modelnet_root: Path) -> None:
    with pytest.raises(DataError, match=r'modelnet10_shape_names\.txt'):
        ModelNet(str(modelnet_root), num_classes=10)
    (modelnet_root / 'modelnet10_shape_names.txt').write_text('bathtub\n')
    (modelnet_root / 'modelnet10_train.txt').write_text('bathtub_0001\n')
    dataset = ModelNet(str(modelnet_root), num_classes=10)
    assert [dataset.get_data_info(i)['category'] for i in range(len(dataset))] == [0]
