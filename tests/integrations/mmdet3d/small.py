"""This package's configs for mmdet3d, small, and on the sample scenes."""

from pathlib import Path

from mmengine.config import Config, ConfigDict

from tests.tiny import ROOT

CONFIGS = ROOT / 'configs/mmdet3d'
NAMES = sorted(path.stem for path in CONFIGS.glob('*.py'))
NUM_SEEDS = 256  # as many proposals as VoteNet and GroupFree3D make
WIDTH = 48
NUM_POINTS = 1000

# The folder of a data set's samples and its annotation file there.
SAMPLES = {
    'ScanNetDataset': ('tests_data/scannet', 'scannet_infos.pkl'),
    'ScanNetSegDataset': ('tests_data/scannet', 'scannet_infos.pkl'),
    'SUNRGBDDataset': ('sunrgbd_demo', 'sunrgbd_000017_infos.pkl'),  # 50,000 points
    'S3DISSegDataset': ('tests_data/s3dis', 's3dis_infos.pkl'),
    'KittiDataset': ('kitti_demo', '000008.pkl'),  # the whole sweep: 17,238 points, 10 cars
}


def small_config(name: str) -> Config:
    """A config of configs/mmdet3d with a backbone of two narrow blocks, on the CPU."""
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    backbone = cfg.model.backbone
    backbone.update(embed_dims=WIDTH, depth=2, num_heads=3, num_groups=NUM_SEEDS)
    backbone.drop_path_rate = 0.0
    if backbone.get('out_indices'):
        backbone.out_indices = (0, 1)
        cfg.model.decode_head.fp_channels = ((2 * WIDTH, 64, 128),)
        cfg.model.test_cfg.num_points = NUM_POINTS
    if cfg.model.type == 'PointRCNN':  # mmcv's rotated suppression on the CPU takes all pairs
        cfg.model.train_cfg.rpn.rpn_proposal.nms_pre = 100
        cfg.model.test_cfg.rpn.nms_cfg.update(nms_pre=100, nms_post=20)
        cfg.model.train_cfg.rcnn.sampler.num = 16
        cfg.model.roi_head.bbox_roi_extractor.roi_layer.num_sampled_points = 128
    cfg.custom_hooks = [dict(type='recon_mm.CPUPointOpsHook')]
    return cfg


def use_samples(cfg: Config, samples: Path, repeat: int) -> None:
    """Makes a config read mmdet3d's sample scenes, each ``repeat`` times per epoch."""
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        loader = cfg[name]
        loader.update(num_workers=0, persistent_workers=False)
        dataset = _innermost(loader.dataset)
        folder, annotations = SAMPLES[dataset.type]
        dataset.data_root = f'{samples / folder}/'
        if 'ann_files' in dataset:  # S3DIS: one file per area
            dataset.update(ann_files=[annotations], scene_idxs=[[0]])
        else:
            dataset.ann_file = annotations
        if dataset.type == 'ScanNetSegDataset':
            dataset.scene_idxs = [0]
        if folder.endswith('_demo'):
            dataset.data_prefix = dict(pts='')
        # The samples have no objects to paste; moving objects takes numba 25 s to compile.
        left_out = ('ObjectSample', 'ObjectNoise')
        dataset.pipeline = [t for t in dataset.pipeline if t.type not in left_out]
        _take_few_points(dataset.pipeline)
        if name == 'train_dataloader':
            loader.batch_size = 2
            loader.dataset = dict(type='mmengine.RepeatDataset', times=repeat, dataset=dataset)


def _innermost(dataset: ConfigDict) -> ConfigDict:
    while 'dataset' in dataset:
        dataset = dataset.dataset
    return dataset


def _take_few_points(pipeline: list[ConfigDict]) -> None:
    for transform in pipeline:
        if 'num_points' in transform:
            transform.num_points = NUM_POINTS
        _take_few_points(transform.get('transforms', []))
