"""Which mmcv is installed, and what torch.compile sees of the ops."""

import subprocess
import sys

import pytest
import torch

from recon_mm import ops
from recon_mm.ops.compiled import compiled_op

WITHOUT_MMCV = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == 'mmcv' else found(name, *a)
import recon_mm.ops
"""


def test_without_mmcv_the_import_says_what_to_install():
    run = subprocess.run([sys.executable, '-c', WITHOUT_MMCV], capture_output=True, text=True)
    assert run.returncode != 0
    assert 'pip install mmcv-lite==2.1.0' in run.stderr


def test_cpu_tensors_have_no_compiled_op():
    assert compiled_op('knn', torch.rand(1, 2, 3)) is None


@pytest.mark.parametrize('name', ['furthest_point_sample', 'knn', 'nearest_pair'])
def test_registered_ops_are_well_formed(name):
    points = torch.rand(2, 40, 3)
    args = {'furthest_point_sample': (points, 5), 'knn': (points[:, :9], points, 4)}
    op = getattr(torch.ops.recon_mm, name).default
    torch.library.opcheck(op, args.get(name, (points, points[:, :7])))


def test_compiles_into_one_graph():
    def step(points, prediction, features):
        groups = ops.group_points(points, 8, 4)
        loss = ops.chamfer_distance(prediction, groups.neighborhood.flatten(0, 1), norm='l1')
        return loss + ops.three_interpolate(points, groups.center, features).mean()

    points = torch.randn(2, 60, 3)
    prediction = torch.randn(16, 4, 3, requires_grad=True)
    features = torch.randn(2, 8, 5, requires_grad=True)
    compiled = torch.compile(step, fullgraph=True, backend='aot_eager')
    results = [f(points, prediction, features) for f in (step, compiled)]
    torch.testing.assert_close(*results)
    gradients = [torch.autograd.grad(loss, (prediction, features)) for loss in results]
    torch.testing.assert_close(*gradients)
