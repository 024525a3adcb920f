from pathlib import Path

from recon_mm.datasets.check_dataset import configured_datasets, dataset_problems


def test_every_bad_file_is_listed(shapenet_root: Path) -> None:
    steps = [dict(type='LoadPoints'), dict(type='LoadRenderedImage')]
    config = dict(type='ShapeNet55', data_root=str(shapenet_root), with_images=True, pipeline=steps)
    assert dataset_problems(config) == []
    truncated, missing = sorted((shapenet_root / 'shapenet_pc').iterdir())[:2]
    truncated.write_bytes(truncated.read_bytes()[:150])
    missing.unlink()
    image = next((shapenet_root / 'shapenet_img').glob('04379243-*0.png'))
    image.write_bytes(b'')
    problems = dataset_problems(config)
    assert len(problems) == 3
    for path in (truncated, missing, image):
        assert path.name in ''.join(problems)


def test_config_with_wrapped_data_sets(
    shapenet_root: Path, modelnet_root: Path, tmp_path: Path
) -> None:
    (tmp_path / 'config.py').write_text(
        f"""
default_scope = 'recon_mm'
shapes = dict(type='ShapeNet55', data_root={str(shapenet_root)!r}, pipeline=[
    dict(type='LoadPoints'), dict(type='SamplePoints', num_points=9999), dict(type='Nonsense')])
labeled = dict(type='ModelNet', data_root={str(modelnet_root)!r}, test_mode=True)
train_dataloader = dict(dataset=dict(type='RepeatDataset', times=2, dataset=shapes))
val_dataloader = dict(dataset=dict(type='ConcatDataset', datasets=[
    dict(split='train', **labeled), dict(split='test', **labeled)]))
test_dataloader = val_dataloader
"""
    )
    configs = configured_datasets(str(tmp_path / 'config.py'))
    found = [(config['type'], config.get('split')) for config in configs]
    assert sorted(found, key=str) == [
        *(('ModelNet', 'test'), ('ModelNet', 'train'), ('ShapeNet55', None))
    ]
    assert [dataset_problems(config) for config in configs] == [[], [], []]
    for name in ('airplane', 'bathtub'):
        (modelnet_root / name / f'{name}_0003.txt').write_text('nonsense')
    problems = ''.join(text for config in configs for text in dataset_problems(config))
    assert 'airplane_0003.txt' in problems
    assert 'bathtub_0003.txt' in problems
