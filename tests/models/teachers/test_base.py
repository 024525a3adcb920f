import copy

import pytest
import torch
from torch import nn

from recon_mm.models.teachers.base import FrozenTeacher


class NoisyTeacher(FrozenTeacher):
    """Its dropout and batch norm would betray a network that is not in eval mode."""

    def __init__(self):
        super().__init__()
        self.builds = 0

    @property
    def feature_dims(self):
        return 3

    def describe(self):
        return {'type': 'NoisyTeacher'}

    def build_network(self, device):
        self.builds += 1
        return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 3))

    def encode(self, network, inputs):
        return network(inputs['x'])


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)
        self.teacher = NoisyTeacher()


@pytest.fixture
def inputs():
    return {'x': torch.randn(5, 4)}


def test_nothing_is_built_before_the_first_use(inputs):
    teacher = NoisyTeacher()
    assert teacher.builds == 0
    teacher(inputs)
    teacher.prepare()
    teacher(inputs)
    assert teacher.builds == 1


def test_absent_from_the_student(inputs):
    student = Student()
    student.teacher(inputs)
    assert set(student.state_dict()) == {'layer.weight', 'layer.bias'}
    assert len(list(student.parameters())) == 2
    assert list(student.buffers()) == []
    assert [name for name, _ in student.named_modules()] == ['', 'layer', 'teacher']


def test_frozen_and_in_eval_mode_whatever_the_student_does(inputs):
    student = Student()
    expected = student.teacher(inputs)
    student.train().requires_grad_(True)
    network = student.teacher._hidden.network
    assert not student.teacher.training
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    output = student.teacher(inputs)
    assert not output.requires_grad
    torch.testing.assert_close(output, expected, rtol=0, atol=0)
    assert network[1].num_batches_tracked == 0


def test_no_gradient_into_differentiable_inputs():
    x = torch.randn(5, 4, requires_grad=True)
    assert not NoisyTeacher()({'x': x}).requires_grad


def test_float32_in_and_out_of_autocast_and_casts(inputs):
    teacher = NoisyTeacher()
    expected = teacher(inputs)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        inside = teacher(inputs)
        assert torch.nn.functional.linear(inputs['x'], torch.ones(2, 4)).dtype == torch.bfloat16
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, expected, rtol=0, atol=0)
    for cast in ('half', 'bfloat16', 'double'):
        output = getattr(teacher, cast)()(inputs)
        assert output.dtype == torch.float32
        torch.testing.assert_close(output, expected, rtol=0, atol=0)


def test_usable_in_training_after_preparing_in_inference_mode(inputs):
    student = Student()
    with torch.inference_mode():
        student.teacher.prepare()
    loss = nn.functional.smooth_l1_loss(student.layer(inputs['x']), student.teacher(inputs))
    loss.backward()
    assert student.layer.weight.grad.abs().sum() > 0


@pytest.mark.parametrize('prepared', [True, False])
def test_deep_copies_share_the_network(inputs, prepared):
    student = Student()
    if prepared:
        student.teacher.prepare()
    twin = copy.deepcopy(student)
    assert twin.layer.weight is not student.layer.weight
    twin.teacher(inputs)
    assert twin.teacher._hidden.network is not None
    assert twin.teacher._hidden.network is student.teacher._hidden.network


@pytest.mark.parametrize('prepared', [True, False])
def test_follows_the_student_to_another_device(prepared):
    # 'meta' stands for any other device; its tensors have shapes and no values
    student = Student()
    if prepared:
        student.teacher.prepare()
    student.to('meta')
    student.teacher.prepare()
    assert {p.device.type for p in student.teacher._hidden.network.parameters()} == {'meta'}


@pytest.mark.cuda
def test_cuda(inputs):
    student = Student()
    expected = student.teacher(inputs)
    student.cuda().half()
    output = student.teacher({'x': inputs['x'].cuda()})
    assert output.dtype == torch.float32
    torch.testing.assert_close(output.cpu(), expected)
    student.cpu()
    torch.testing.assert_close(student.teacher(inputs), expected, rtol=0, atol=0)
