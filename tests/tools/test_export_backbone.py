"""The command line of the export."""

import pytest

from tests.tiny import ROOT
from tests.tools.commands import run_tool

TOOL = 'deployment/export_backbone.py'


@pytest.mark.parametrize('suffix', ['pt2', 'onnx'])
def test_written_file_is_compared_with_the_backbone(suffix: str, tmp_path) -> None:
    if suffix == 'onnx':
        for module in ('onnx', 'onnxscript', 'onnxruntime'):
            pytest.importorskip(module)
    config = ROOT / 'configs/recon/classification_modelnet40_1k_full.py'
    size = dict(embed_dims=24, depth=2, num_heads=2, num_groups=8, group_size=6)
    options = [f'model.backbone.{key}={value}' for key, value in size.items()]
    arguments = [config, 'none', '--out', f'backbone.{suffix}', '--num-points', '64']
    arguments += ['--cfg-options', *options, 'model.head.embed_dims=24']
    done = run_tool(TOOL, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if 'largest difference' in line]
    assert float(line.split()[-1]) < 1e-5
    assert (tmp_path / f'backbone.{suffix}').stat().st_size > 10_000


def test_other_file_types_are_refused() -> None:
    done = run_tool(TOOL, 'config.py', 'none', '--out', 'backbone.trt')
    assert done.returncode == 2
    assert 'ends in .pt2 or .onnx' in done.stderr
