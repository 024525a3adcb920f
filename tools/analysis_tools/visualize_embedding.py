"""Draws the features of a test set on a plane, by t-SNE or PCA.

python tools/analysis_tools/visualize_embedding.py configs/recon/linear_svm_modelnet40.py \
    CHECKPOINT --method tsne --out embedding.png
"""

import sys
from collections.abc import Sequence
from typing import Any

import torch
from mmengine.runner import Runner

from recon_mm.apis.command_line import command, config_parser
from recon_mm.apis.pictures import load_model, read_features
from recon_mm.utils.figures import save_figure
from recon_mm.visualization import draw_embedding, embed_on_plane

METHODS = {'tsne': 't-SNE', 'pca': 'PCA'}


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    parser = config_parser(__doc__, prog)
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument('--method', choices=METHODS, default='tsne')
    parser.add_argument('--out', default='embedding.png', help='the picture to write')
    parser.add_argument('--seed', type=int, default=0, help='where t-SNE starts')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    args = parser.parse_args(argv)
    cfg, model = load_model(args)
    loader = Runner.build_dataloader(cfg.test_dataloader)
    dataset: Any = loader.dataset
    features, labels = read_features(model, loader)
    classes = dataset.metainfo['classes']
    plane = embed_on_plane(features, args.method, args.seed)
    save_figure(draw_embedding(plane, labels, classes, METHODS[args.method]), args.out)
    print(f'wrote {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
