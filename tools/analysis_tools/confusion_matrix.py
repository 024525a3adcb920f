"""Draws the confusion matrix of a classifier on the test set of its config, and prints accuracies.

python tools/analysis_tools/confusion_matrix.py CONFIG CHECKPOINT --out confusion.png
"""

import sys
from collections.abc import Sequence
from typing import Any

import torch
from mmengine.runner import Runner

from recon_mm.apis.command_line import command, config_parser
from recon_mm.apis.pictures import load_model, predicted_classes
from recon_mm.evaluation.confusion import confusion_counts, confusion_figure
from recon_mm.evaluation.fields import class_names
from recon_mm.utils.figures import save_figure


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Tests and draws; returns the exit status."""
    parser = config_parser(__doc__, prog)
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument('--out', default='confusion.png', help='the picture to write')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    args = parser.parse_args(argv)
    cfg, model = load_model(args, 'PointClassifier')
    loader = Runner.build_dataloader(cfg.test_dataloader)
    dataset: Any = loader.dataset
    truth, predicted = predicted_classes(model, loader)
    names = class_names(dataset.metainfo, 1 + int(max(truth.max(), predicted.max())))
    counts = confusion_counts(truth[None], predicted[None], len(names))[0].numpy()
    print(f'{counts.diagonal().sum()} of {counts.sum()} clouds are right')
    save_figure(confusion_figure(counts, names), args.out)
    print(f'wrote {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
