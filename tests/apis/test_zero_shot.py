"""Zero-shot classification with custom class names."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from recon_mm.apis import ZeroShotClassifier

CLASSES = ['coffee mug', 'office_chair', 'lamp']


@pytest.fixture
def cloud() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1500, 3)).astype(np.float32)


def test_nearest_class_by_cosine(tiny_config, cloud) -> None:
    classify = ZeroShotClassifier(tiny_config('zeroshot_modelnet40'), None, CLASSES, 'cpu')
    (result,) = classify([cloud])
    model = classify.model
    points = model.data_preprocessor(dict(inputs=dict(points=torch.tensor(cloud[None]))))
    features = model.backbone(points['inputs']['points']).global_tokens
    feature = 0.25 * model.heads['text'](features[:, 2]) + model.heads['image'](features[:, 1])
    for name, cosine in result['similarities'].items():
        sentences = model.text_teacher.class_features([name])
        assert cosine == pytest.approx(F.cosine_similarity(feature, sentences).item(), abs=1e-5)
    assert list(result['similarities'].values()) == sorted(
        result['similarities'].values(), reverse=True
    )
    assert result['class'] == next(iter(result['similarities']))


def test_weights_of_a_different_teacher_are_refused(tiny_config, tmp_path) -> None:
    cfg = tiny_config('zeroshot_modelnet40')
    other = ZeroShotClassifier(cfg, None, CLASSES, 'cpu').model
    weights = other.state_dict()
    name = next(key for key in weights if key.startswith('heads.image.') and weights[key].ndim == 2)
    weights[name] = weights[name][:-1]
    torch.save(dict(state_dict=weights), tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='trained with a different teacher'):
        ZeroShotClassifier(cfg, tmp_path / 'other.pth', CLASSES, 'cpu')


def test_config_without_text_is_refused(tiny_config) -> None:
    with pytest.raises(ValueError, match='no text teacher'):
        ZeroShotClassifier(tiny_config('linear_svm_modelnet40'), None, CLASSES, 'cpu')
