import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from mmengine.logging import MMLogger

from recon_mm.datasets import DataError, ShapeNet55
from recon_mm.registry import DATASETS

PIPELINE = [
    {'type': 'LoadPoints'},
    {'type': 'LoadRenderedImage'},
    {
        'type': 'PackPointInputs',
        'input_keys': ('points', 'images', 'category'),
        'data_sample_keys': ('gt_label',),
    },
]


def test_a_batch_holds_what_the_files_hold(shapenet_root: Path) -> None:
    dataset = DATASETS.build(
        {
            'type': 'ShapeNet55',
            'data_root': str(shapenet_root),
            'ann_files': ('train.txt', 'test.txt'),
            'with_images': True,
            'pipeline': PIPELINE,
        }
    )
    assert len(dataset) == 9
    assert dataset.metainfo['classes'] == ('airplane', 'chair', 'table')  # by catalogue number
    batch = default_collate([dataset[i] for i in range(9)])
    assert batch['inputs']['points'].shape == (9, 128, 3)
    assert batch['inputs']['points'].dtype == torch.float32
    assert batch['inputs']['images'].shape == (9, 3, 32, 48)
    assert batch['inputs']['images'].dtype == torch.uint8
    assert batch['inputs']['images'][0, :, 0, 0].tolist() == [30, 20, 10]  # red first
    assert batch['inputs']['category'].tolist() == [0, 0, 1, 1, 2, 2, 0, 1, 2]
    first = batch['data_samples'][0]
    stem = first.metainfo['sample_id']
    on_disk = np.load(shapenet_root / 'shapenet_pc' / f'{stem}.npy')
    assert torch.equal(batch['inputs']['points'][0], torch.from_numpy(on_disk))
    assert first.gt_label.tolist() == [0]
    assert [s.metainfo['split'] for s in batch['data_samples']] == ['train'] * 6 + ['test'] * 3


def test_split_chooses_the_list_and_columns_of_pandas_are_read(shapenet_root: Path) -> None:
    table = {
        'catalogue': {'0': 4379243, '1': 3001627, '2': 2691156},
        'describe': {'0': 'table', '1': 'chair', '2': 'airplane'},
    }
    (shapenet_root / 'shapenet55.json').write_text(json.dumps(table))
    dataset = ShapeNet55(str(shapenet_root), split='test')
    assert [dataset.get_data_info(i)['category'] for i in range(len(dataset))] == [0, 1, 2]
    assert 'image_path' not in dataset.get_data_info(0)
    assert dataset.get_cat_ids(2) == [2]


def test_missing_root_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        ShapeNet55(str(tmp_path / 'nowhere'))
    for part in ('nowhere', 'shapenet_pc/<synset>', 'make_demo_data.py', 'RECON_DATA'):
        assert part in str(error.value)


def test_list_naming_a_missing_file(shapenet_root: Path) -> None:
    victim = next((shapenet_root / 'shapenet_img').glob('03001627-*0.png'))
    victim.unlink()
    ShapeNet55(str(shapenet_root))  # the image is not needed here
    with pytest.raises(DataError, match=rf'1 of 6 files that do not exist.*{victim.name}'):
        ShapeNet55(str(shapenet_root), with_images=True)


def test_synset_without_category(shapenet_root: Path) -> None:
    np.save(shapenet_root / 'shapenet_pc' / '09999999-a.npy', np.zeros((8, 3)))
    (shapenet_root / 'ShapeNet-55' / 'train.txt').write_text('09999999-a.npy\n')
    with pytest.raises(DataError, match='09999999'):
        ShapeNet55(str(shapenet_root))


@pytest.mark.parametrize(
    'content',
    ['[]', '{"a": 1}', '[{"catalogue": 1}]', '[{"catalogue": 1, "describe": null}]', 'not json'],
)
def test_broken_category_table(shapenet_root: Path, content: str) -> None:
    (shapenet_root / 'shapenet55.json').write_text(content)
    with pytest.raises(DataError, match=r'shapenet55\.json'):
        ShapeNet55(str(shapenet_root))


def test_empty_list(shapenet_root: Path) -> None:
    (shapenet_root / 'ShapeNet-55' / 'train.txt').write_text('\n')
    with pytest.raises(DataError, match=r'train\.txt.*empty'):
        ShapeNet55(str(shapenet_root))


def test_corrupt_sample_is_named_or_replaced(
    shapenet_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = [{'type': 'LoadPoints'}, {'type': 'PackPointInputs'}]
    victim = next((shapenet_root / 'shapenet_pc').glob('02691156-*0.npy'))
    victim.write_bytes(victim.read_bytes()[:200])
    dataset = ShapeNet55(str(shapenet_root), pipeline=pipeline)
    with pytest.raises(DataError, match=victim.name):
        dataset[0]
    warnings: list[str] = []
    dataset = ShapeNet55(str(shapenet_root), pipeline=pipeline, skip_corrupt=True)
    monkeypatch.setattr(
        MMLogger.get_current_instance(), 'warning', lambda text, *args: warnings.append(text % args)
    )
    for _ in range(3):
        assert dataset[0]['data_samples'].metainfo['sample_id'] != victim.stem
    assert len(warnings) == 1
    assert victim.name in warnings[0]


def test_skipping_is_refused_in_test_mode(shapenet_root: Path) -> None:
    with pytest.raises(ValueError, match='test_mode'):
        ShapeNet55(str(shapenet_root), test_mode=True, skip_corrupt=True)


@pytest.mark.parametrize('indices', [0, []])
def test_no_samples_are_refused(shapenet_root: Path, indices: object) -> None:
    with pytest.raises(ValueError, match=r'ShapeNet55: indices=.* leaves no sample'):
        ShapeNet55(str(shapenet_root), indices=indices)


def test_unknown_split(shapenet_root: Path) -> None:
    with pytest.raises(ValueError, match="'val'"):
        ShapeNet55(str(shapenet_root), split='val')
