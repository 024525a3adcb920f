import pytest
import torch

from recon_mm.registry import MODELS


def test_passes_stored_features_on():
    teacher = MODELS.build({'type': 'CachedImageTeacher', 'feature_dims': 4})
    features = torch.randn(3, 4).half()
    output = teacher({'image_features': features})
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, features.float(), rtol=0, atol=0)
    assert teacher.state_dict() == {}


def test_refuses_missing_and_other_features():
    teacher = MODELS.build({'type': 'CachedImageTeacher', 'feature_dims': 4})
    with pytest.raises(KeyError, match='CachedImageTeacher needs inputs'):
        teacher({'images': torch.zeros(1)})
    with pytest.raises(ValueError, match=r'is \(3, 5\), expected \(B, 4\)'):
        teacher({'image_features': torch.zeros(3, 5)})
