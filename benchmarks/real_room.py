"""Trains on the real S3DIS room in tests/data/s3dis of mmdetection3d's repository.

python -m benchmarks.real_room mmdetection3d/tests/data/s3dis

100 points of an office. They are both training and test set: the results show that real files are
read, trained on and evaluated, not how good the method is.
"""

import argparse
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from recon_mm.utils.safe_pickle import load_pickle

ROOT = Path(__file__).parents[1]
EPOCHS = 60  # the config's own
AREAS = (1, 2, 3, 4, 5, 6)
OPTIONS = (
    'model.backbone.embed_dims=96',
    'model.backbone.depth=4',
    'model.backbone.num_heads=3',
    'model.backbone.out_indices=(1,2,3)',
    'model.backbone.num_groups=16',
    'model.backbone.group_size=8',
    'optim_wrapper.optimizer.lr=1e-3',
    'param_scheduler.0.end=2',
    'param_scheduler.1.begin=2',
    'train_dataloader.batch_size=10',
    'default_hooks.logger.interval=1',
)


def lay_out(source: Path, data_root: Path) -> None:
    """The room as Area 1, which is trained on, and as Area 5; the other areas are empty."""
    folder = data_root / 's3dis'
    folder.mkdir()
    for name in ('points', 'semantic_mask'):
        (folder / name).symlink_to((source / name).resolve())
    copies = {1: 50, 5: 1}  # five steps per epoch
    infos = load_pickle(source / 's3dis_infos.pkl')
    for area in AREAS:
        content = {**infos, 'data_list': infos['data_list'] * copies.get(area, 0)}
        (folder / f's3dis_infos_Area_{area}.pkl').write_bytes(pickle.dumps(content))


def main() -> None:
    """Trains, then tests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('room', type=Path, help='folder with s3dis_infos.pkl')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/real_room'))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_root:
        lay_out(args.room, Path(data_root))
        options = list(OPTIONS)
        for split in ('train', 'val', 'test'):
            options += [
                f'{split}_dataloader.dataset.data_root={data_root}/s3dis',
                f'{split}_dataloader.dataset.num_points=128',
                f'{split}_dataloader.num_workers=0',
                f'{split}_dataloader.persistent_workers=False',
            ]
        config = ROOT / 'configs/recon/semantic_segmentation_s3dis.py'
        checkpoint = args.out / f'epoch_{EPOCHS}.pth'
        for tool, *arguments in (('train.py', config), ('test.py', config, checkpoint)):
            command = [sys.executable, ROOT / 'tools' / tool, *arguments, '--work-dir', args.out]
            subprocess.run([*command, '--cfg-options', *options], check=True)


if __name__ == '__main__':
    main()
