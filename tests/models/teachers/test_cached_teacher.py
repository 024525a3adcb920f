import pytest
import torch

from recon_mm.registry import MODELS


@pytest.mark.parametrize('key', ['image_features', 'depth_features'])
def test_passes_stored_features_on(key):
    teacher = MODELS.build({'type': 'CachedTeacher', 'feature_dims': 4, 'input_key': key})
    features = torch.randn(3, 4).half()
    output = teacher({key: features})
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, features.float(), rtol=0, atol=0)
    assert teacher.state_dict() == {}


def test_name_in_older_configs():
    teacher = MODELS.build({'type': 'CachedImageTeacher', 'feature_dims': 4})
    features = torch.randn(3, 4)
    assert torch.equal(teacher({'image_features': features}), features)


def test_refuses_missing_and_other_features():
    teacher = MODELS.build({'type': 'CachedTeacher', 'feature_dims': 4})
    with pytest.raises(KeyError, match='CachedTeacher needs inputs'):
        teacher({'images': torch.zeros(1)})
    with pytest.raises(ValueError, match=r'is \(3, 5\), expected \(B, 4\)'):
        teacher({'image_features': torch.zeros(3, 5)})
    with pytest.raises(ValueError, match=r'is \(3, 2, 5\), expected .* \(B, rows, 4\)'):
        teacher({'image_features': torch.zeros(3, 2, 5)})


def test_passes_several_rows_on():
    teacher = MODELS.build({'type': 'CachedTeacher', 'feature_dims': 4})
    features = torch.randn(3, 2, 4)
    assert torch.equal(teacher({'image_features': features}), features)


class LengthEncoder:
    """A text teacher whose feature is the length of the name."""

    def class_features(self, classes):
        return torch.tensor([[float(len(name))] * 4 for name in classes])


def test_names_are_encoded_by_the_teacher_that_is_stored():
    MODELS.register_module(module=LengthEncoder, force=True)
    config = {'type': 'CachedTeacher', 'feature_dims': 4, 'encoder': {'type': 'LengthEncoder'}}
    teacher = MODELS.build(config)
    assert torch.equal(teacher.class_features(['ab', 'abc']), torch.tensor([[2.0] * 4, [3.0] * 4]))
    assert teacher.state_dict() == {}
    with pytest.raises(ValueError, match='gives 4 numbers, the stored features have 5'):
        MODELS.build({**config, 'feature_dims': 5}).class_features(['ab'])
    with pytest.raises(ValueError, match='nothing says what encodes names'):
        MODELS.build({'type': 'CachedTeacher', 'feature_dims': 4}).class_features(['ab'])
