"""An exported backbone gives what the backbone gives, without this package."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from recon_mm.apis.export import OUTPUTS, export_backbone
from recon_mm.models import ReConTransformer
from recon_mm.ops import furthest_point_sample

NUM_POINTS = 600  # enough for the tree that finds neighbors on the CPU


@pytest.fixture
def backbone() -> ReConTransformer:
    model = ReConTransformer(embed_dims=24, depth=2, num_heads=2, num_groups=8, group_size=6)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.train()


def test_any_batch_without_the_package(backbone: ReConTransformer, tmp_path: Path) -> None:
    program = export_backbone(backbone, NUM_POINTS)
    assert backbone.training  # as it was
    names = [str(node.target) for node in program.graph.nodes]
    assert not [name for name in names if 'recon_mm' in name]
    torch.export.save(program, tmp_path / 'backbone.pt2')
    points = torch.rand(5, NUM_POINTS, 3)
    torch.save(points, tmp_path / 'points.pt')
    script = (
        'import sys, torch\n'
        "program = torch.export.load('backbone.pt2').module()\n"
        "torch.save(program(torch.load('points.pt')), 'tokens.pt')\n"
        "assert not [name for name in sys.modules if name.startswith('recon_mm')]\n"
    )
    subprocess.run([sys.executable, '-c', script], cwd=tmp_path, check=True)
    found = torch.load(tmp_path / 'tokens.pt')
    with torch.no_grad():
        expected = backbone.eval()(points)
    for name, value in zip(OUTPUTS, found):
        torch.testing.assert_close(value, getattr(expected, name), rtol=1e-4, atol=1e-5)
    assert expected.patch_tokens.std() > 0.1


def test_centers_are_those_of_the_operator(backbone: ReConTransformer) -> None:
    """Grids have many points equally far: the first of them is selected."""
    axis = torch.arange(8.0)
    points = torch.cartesian_prod(axis, axis, axis)[None]
    center = export_backbone(backbone, len(points[0]), batch_size=1).module()(points)[2]
    assert torch.equal(center[0], points[0, furthest_point_sample(points, 8)[0]])
