"""Counts the parameters of a model, and the operations for one cloud.

python tools/analysis_tools/get_flops.py configs/recon/classification_modelnet40_1k_full.py
... --points 8192    # for clouds of this size

A multiplication with its addition is one operation; papers that count both give twice as many.
Sampling, grouping and attention are counted; activations, sums and maxima are not.
"""

import sys
from collections.abc import Sequence

import torch
from mmengine.analysis.print_helper import complexity_stats_table

from recon_mm.apis.command_line import command, config_parser, load_config
from recon_mm.apis.complexity import analyze
from recon_mm.apis.models import init_model


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Counts and prints; returns the exit status."""
    parser = config_parser(__doc__, prog)
    parser.add_argument('--points', type=int, default=1024, help='size of the cloud')
    parser.add_argument('--depth', type=int, default=2, help='how deep the table goes')
    args = parser.parse_args(argv)
    model = init_model(load_config(args), device='cpu')
    neck = getattr(model, 'neck', None)
    channels = getattr(neck, 'point_dims', model.backbone.channels)
    points = torch.rand(1, args.points, channels)
    analyzer = analyze(model, {'points': points, 'category': torch.zeros(1, dtype=torch.int64)})
    print(complexity_stats_table(analyzer, max_depth=args.depth, show_param_shapes=False))
    operations = analyzer.by_operator()
    for name, count in operations.most_common():
        print(f'{name:32}{count / 1e6:12.2f} M')
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f'parameters: {parameters / 1e6:.2f} M, operations: {operations.total() / 1e9:.3f} G')
    return 0


if __name__ == '__main__':
    sys.exit(main())
