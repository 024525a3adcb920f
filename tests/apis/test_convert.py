import numpy as np
import pytest
import torch

from recon_mm.apis.convert import convert_release
from recon_mm.models.release import from_release
from tests.reference import reference_state_dict


def equal(first: dict, second: dict) -> bool:
    return set(first) == set(second) and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize(
    ('folder', 'table', 'wrapper'),
    [
        ('tiny', 'pretrain', 'base_model'),
        ('tiny', 'cls_full', 'base_model'),
        ('partseg', None, 'model_state_dict'),
    ],
)
def test_there_and_back(reference_dir, tmp_path, capsys, folder, table, wrapper) -> None:
    release = reference_state_dict(reference_dir / folder, table)
    theirs, ours, back = (tmp_path / name for name in ('theirs.pth', 'ours.pth', 'back.pth'))
    weights = {f'module.{k}': v for k, v in release.items()}
    torch.save({wrapper: weights, 'epoch': 300, 'test_acc': np.float64(94.1)}, theirs)
    convert_release(theirs, ours)
    report = capsys.readouterr().out
    assert 'missing in the file: 0' in report
    assert 'not understood, left out: 0' in report
    converted = torch.load(ours, weights_only=True)
    assert equal(converted['state_dict'], from_release(release)[0])
    assert converted['meta']['converted_from'] == 'theirs.pth'
    convert_release(ours, back, release=True)
    assert equal(torch.load(back, weights_only=True)[wrapper], release)


def test_report_names_what_differs(reference_dir, tmp_path, capsys) -> None:
    release = reference_state_dict(reference_dir / 'tiny', 'svm')
    del release['cls_token']
    release['strange.weight'] = torch.zeros(2)
    torch.save(dict(base_model=release), tmp_path / 'in.pth')
    convert_release(tmp_path / 'in.pth', tmp_path / 'out.pth')
    report = capsys.readouterr().out
    assert 'embed_dims=96, depth=4' in report
    assert 'missing in the file: 1\n    backbone.cls_token' in report
    assert 'not understood, left out: 1\n    strange.weight' in report


def test_different_architecture_is_refused_with_an_explanation(reference_dir, tmp_path) -> None:
    config = tmp_path / 'config.py'
    config.write_text(
        "model = dict(type='PointClassifier', head=dict(type='PointClsHead', embed_dims=48), "
        "backbone=dict(type='ReConTransformer', embed_dims=48, depth=4, num_heads=3))"
    )
    torch.save(reference_state_dict(reference_dir / 'tiny', 'svm'), tmp_path / 'in.pth')
    message = r'in\.pth does not fit: .*this file is embed_dims=96, depth=4; the model is emb'
    with pytest.raises(ValueError, match=message):
        convert_release(tmp_path / 'in.pth', tmp_path / 'out.pth', config=str(config))
    assert not (tmp_path / 'out.pth').exists()


def test_a_file_without_a_backbone_is_refused(tmp_path) -> None:
    torch.save({'layer1.conv.weight': torch.zeros(2)}, tmp_path / 'resnet.pth')
    with pytest.raises(ValueError, match=r'no backbone.*layer1\.conv\.weight'):
        convert_release(tmp_path / 'resnet.pth', tmp_path / 'out.pth')
