"""Features of clouds of any size, as the model alone gives them."""

import numpy as np
import pytest
import torch

from recon_mm.apis import FeatureInferencer
from recon_mm.registry import INFERENCERS


def prepared(model, cloud: np.ndarray) -> torch.Tensor:
    data = {'inputs': {'points': torch.tensor(cloud[None])}}
    return model.data_preprocessor(data, training=False)['inputs']['points']


def test_unequal_clouds_get_what_each_gets_alone(tiny_config, clouds) -> None:
    infer = FeatureInferencer(tiny_config('linear_svm_modelnet40'), device='cpu')
    results = infer(clouds, batch_size=3)['predictions']
    assert [result['name'] for result in results] == [f'cloud {i}' for i in range(4)]
    for cloud, result in zip(clouds[:3], results):
        with torch.no_grad():
            tokens = infer.model.extract_feat(prepared(infer.model, cloud))
        expected = tokens.probing_feature()[0].numpy()
        assert np.allclose(result['feature'], expected, atol=1e-5)
        assert np.allclose(result['global_tokens'], tokens.global_tokens[0], atol=1e-5)
    # The last has too few points: its own fill it up.
    again = infer(np.resize(clouds[3], (1024, 3)))['predictions'][0]
    assert np.allclose(results[3]['feature'], again['feature'], atol=1e-5)


def test_patches_lie_where_the_cloud_is(tiny_config, clouds) -> None:
    """Centers are points of the input: normalization and rotation are undone."""
    cfg = tiny_config('linear_svm_modelnet40')
    result = FeatureInferencer(cfg, level='patch', up='z', device='cpu')(clouds)['predictions'][1]
    assert result['patch_tokens'].shape == (16, 24)
    distance = np.linalg.norm(result['center'][:, None] - clouds[1], axis=2).min(1)  # (16,)
    assert distance.max() < 1e-4


def test_z_up_equals_a_rotated_cloud(tiny_config, clouds) -> None:
    cfg = tiny_config('linear_svm_modelnet40')
    lying = clouds[0][:, [0, 2, 1]] * np.float32([1, -1, 1])  # y up to z up
    upright, rotated = (FeatureInferencer(cfg, device='cpu', up=up) for up in 'yz')
    rotated.model.load_state_dict(upright.model.state_dict())
    expected = upright(clouds[0])['predictions'][0]['feature']
    assert np.allclose(rotated(lying)['predictions'][0]['feature'], expected, atol=1e-5)
    assert not np.allclose(upright(lying)['predictions'][0]['feature'], expected, atol=1e-3)


def test_every_point_of_the_input_gets_a_feature(tiny_config, clouds) -> None:
    cfg = tiny_config('linear_svm_modelnet40')
    infer = FeatureInferencer(cfg, level='point', device='cpu')
    result = infer(clouds[0])['predictions'][0]
    assert np.array_equal(result['points'], clouds[0])
    assert result['point_features'].shape == (1500, 24)
    infer.level = 'patch'
    patches = infer(clouds[0])['predictions'][0]
    # A point that is the center of a patch has its token.
    at = np.linalg.norm(patches['center'][:, None] - clouds[0], axis=2).argmin(1)
    assert np.allclose(result['point_features'][at], patches['patch_tokens'], atol=1e-3)


def test_an_unknown_level_or_axis_is_refused(tiny_config) -> None:
    with pytest.raises(ValueError, match="level is 'patches', expected one of"):
        FeatureInferencer('recon/linear_svm_modelnet40', level='patches')
    with pytest.raises(ValueError, match="up='w', expected one of x, -x, y"):
        FeatureInferencer(tiny_config('linear_svm_modelnet40'), up='w')


def test_registered_for_mmengine(tiny_config, clouds) -> None:
    cfg = dict(type='FeatureInferencer', model=tiny_config('linear_svm_modelnet40'), device='cpu')
    sample = INFERENCERS.build(cfg)(clouds[0], return_datasamples=True)['predictions'][0]
    assert sample.sample_id == 'cloud 0'
    assert sample.feature.shape == (48,)


def test_a_model_that_sees_colors_gets_gray_ones(clouds) -> None:
    options = {'model.backbone.depth': 1, 'model.backbone.num_groups': 16}
    infer = FeatureInferencer(
        'reconpp/pretrain_openshape_small', level='patch', device='cpu', cfg_options=options
    )
    assert infer.describe().endswith('without its colors, all are 0.4')
    result = infer(clouds[0])['predictions'][0]
    assert result['patch_tokens'].shape[0] == 16
    distance = np.linalg.norm(result['center'][:, None] - clouds[0], axis=2).min(1)
    assert distance.max() < 1e-4
