"""Tests a checkpoint: ``recon-mm test CONFIG CHECKPOINT``.

In a checkout also ``python tools/test.py CONFIG CHECKPOINT``. The metrics of the config's
``test_evaluator`` decide what is reported: accuracy, part or scene IoU, linear SVM, zero-shot.
``--tta`` votes over augmented copies of every cloud; with ``--seeds`` the test is repeated and
reported as mean and standard deviation, never as its best run.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import ConfigDict

from recon_mm.engine import QuietRunner
from recon_mm.engine.launch import process_group
from recon_mm.models.checkpoint import require_heads, unwrap_model

from .command_line import check_weights, command, load_run_config, run_parser


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = run_parser(__doc__, prog)
    parser.add_argument('checkpoint', help="path of the checkpoint; 'none' for untrained weights")
    parser.add_argument('--out', help='also write the metrics to this JSON file')
    parser.add_argument('--tta', action='store_true', help="vote, as the config's tta_model says")
    parser.add_argument(
        '--seeds', nargs='+', type=int, default=[0], help='repeat the test with these seeds'
    )
    args = parser.parse_args(argv)
    with process_group():
        cfg = load_run_config(args, 'test')
        cfg.load_from = None if args.checkpoint == 'none' else args.checkpoint
        check_weights(cfg)
        if args.tta:
            if 'tta_model' not in cfg:
                parser.error(f'--tta: {args.config} has no tta_model, so no voting protocol')
            cfg.model = ConfigDict(**cfg.tta_model, module=cfg.model)
        if args.tta or len(args.seeds) > 1:
            cfg.test_cfg = {'type': 'SeededTestLoop', 'seeds': args.seeds}
        runner = QuietRunner.from_cfg(cfg)
        require_heads(unwrap_model(runner.model))
        metrics = runner.test()
        if args.out and runner.rank == 0:
            Path(args.out).write_text(json.dumps(metrics, indent=2) + '\n')
    return 0
