from pathlib import Path

import pytest

from tools.dataset_converters import check_dataset


def test_all_is_well(shapenet_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ['--type', 'ShapeNet55', '--data-root', str(shapenet_root)]
    assert check_dataset.main([*arguments, '--options', 'with_images=True']) == 0
    assert 'nothing wrong' in capsys.readouterr().out


def test_every_bad_file_is_listed(
    shapenet_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    truncated, missing = sorted((shapenet_root / 'shapenet_pc').iterdir())[:2]
    truncated.write_bytes(truncated.read_bytes()[:150])
    missing.unlink()
    image = next((shapenet_root / 'shapenet_img').glob('04379243-*0.png'))
    image.write_bytes(b'')
    arguments = ['--type', 'ShapeNet55', '--data-root', str(shapenet_root)]
    assert check_dataset.main([*arguments, '--options', 'with_images=True']) == 1
    out = capsys.readouterr().out
    for path in (truncated, missing, image):
        assert path.name in out
    assert '3 wrong' in out


def test_config_with_wrapped_data_sets(
    shapenet_root: Path,
    modelnet_root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
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
    assert check_dataset.main([str(tmp_path / 'config.py')]) == 0
    assert '3 data set(s)' in capsys.readouterr().out
    for name in ('airplane', 'bathtub'):
        (modelnet_root / name / f'{name}_0003.txt').write_text('nonsense')
    assert check_dataset.main([str(tmp_path / 'config.py')]) == 1
    out = capsys.readouterr().out
    assert 'airplane_0003.txt' in out
    assert 'bathtub_0003.txt' in out


def test_arguments() -> None:
    with pytest.raises(SystemExit):
        check_dataset.parse_args([])
    with pytest.raises(SystemExit):
        check_dataset.parse_args(['--type', 'ModelNet'])
