"""Computes the image teacher's features of K augmented views of every training sample, once.

    python tools/cache_teacher_features.py configs/recon/pretrain_shapenet.py --views 8 \
        --out data/teacher_cache/vit_b16

Training then reads them with ``LoadTeacherFeatures`` and ``CachedImageTeacher`` (docs/teachers.md).
Interrupted in any way, even killed, the same command continues where it stopped, and the result is
the one of an uninterrupted run: each view's augmentation is seeded by sample and view.
"""

import argparse
import random
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config, DictAction
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from recon_mm.models.teachers.cache import META
from recon_mm.models.teachers.cache_writer import DTYPES, TeacherFeatureWriter, bytes_needed
from recon_mm.models.teachers.image_teacher import ImageTeacher
from recon_mm.registry import DATASETS, MODELS
from recon_mm.utils.progress import counting_bar


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').split('\n')[0])
    parser.add_argument('config', help='pretraining config with a live image teacher')
    parser.add_argument('--views', type=int, required=True, help='augmented views of a sample (K)')
    parser.add_argument('--out', type=Path, required=True, help='folder of the cache')
    parser.add_argument('--dtype', choices=DTYPES, default='float16', help='how to store features')
    parser.add_argument('--batch-size', type=int, default=64, help='images at a time')
    parser.add_argument('--num-workers', type=int, default=4, help='processes that load images')
    parser.add_argument('--seed', type=int, default=0, help='seed of the augmentation')
    parser.add_argument('--device', default=get_device(), help='where the teacher computes')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='KEY=VALUE in config')
    args = parser.parse_args(argv)
    for name in ('views', 'batch_size'):
        if getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")} is {getattr(args, name)}, must be at least 1')
    return args


def image_pipeline(pipeline: list[dict]) -> list[dict]:
    """The transforms that make a sample's image: those with ``Image`` in their name.

    Raises:
        ValueError: If there is none.
    """
    kept = [step for step in pipeline if 'Image' in str(step['type']).rpartition('.')[2]]
    if not kept:
        raise ValueError(
            'the training pipeline has no image transforms '
            f'({[step["type"] for step in pipeline]}); use the config that trains with the live '
            'image teacher (LoadRenderedImage, AugmentImage)'
        )
    return kept


def reduce_pipelines(dataset: dict) -> list[dict]:
    """Reduces the pipeline of a data set config, or of those it wraps, to the image; in place.

    Returns:
        The reduced pipeline.

    Raises:
        ValueError: If wrapped data sets have different image transforms, or there are none.
    """
    if 'pipeline' in dataset:
        dataset['pipeline'] = image_pipeline(dataset['pipeline'])
        return dataset['pipeline']
    inner = [dataset['dataset']] if 'dataset' in dataset else dataset.get('datasets', [])
    reduced = [reduce_pipelines(each) for each in inner]
    if not reduced or any(each != reduced[0] for each in reduced):
        raise ValueError(
            f'data set {dataset.get("type")}: expected one image pipeline, found {reduced}'
        )
    return reduced[0]


class ImageViews(Dataset):
    """All views of all samples; item ``i`` is view ``i % K`` of sample ``i // K``.

    Args:
        dataset: Its items have ``images`` uint8 ``(H, W, 3)`` and ``sample_id``.
        sample_ids: The ids of its samples, in its order.
        num_views: Views of each sample (K).
        seed: Seed of the augmentation.
    """

    def __init__(self, dataset: Any, sample_ids: list[str], num_views: int, seed: int) -> None:
        self.dataset = dataset
        self.sample_ids = sample_ids
        self.num_views = num_views
        self.seed = seed

    def __len__(self) -> int:
        return len(self.sample_ids) * self.num_views

    def __getitem__(self, item: int) -> tuple[int, Tensor]:
        row, view = divmod(item, self.num_views)
        sample_id = self.sample_ids[row]
        entropy = (self.seed, zlib.crc32(sample_id.encode()), view)
        state = int(np.random.SeedSequence(entropy).generate_state(1)[0])
        random.seed(state)
        np.random.seed(state)  # noqa: NPY002  # transforms use the global generators
        torch.manual_seed(state)
        results = self.dataset[row]
        if results['sample_id'] != sample_id:
            raise ValueError(
                f"sample '{sample_id}' cannot be read and '{results['sample_id']}' took its place; "
                'repair the file named above, or take it out of the list of samples'
            )
        image = np.ascontiguousarray(results['images'])
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(
                f"the image of sample '{sample_id}' is {image.dtype} {image.shape}, expected uint8 "
                '(H, W, 3)'
            )
        return item, torch.from_numpy(image).permute(2, 0, 1)


def collate(batch: list[tuple[int, Tensor]]) -> tuple[Tensor, Tensor]:
    """Stacks items and images.

    Raises:
        ValueError: If the images differ in size.
    """
    items, images = zip(*batch)
    sizes = {tuple(image.shape[1:]) for image in images}
    if len(sizes) > 1:
        raise ValueError(
            f'images of one batch have the sizes {sorted(sizes)}; end the image transforms of the '
            'pipeline with one that gives a fixed size (AugmentImage, ResizeImage)'
        )
    return torch.tensor(items), torch.stack(images)


def unfinished_batches(finished: np.ndarray, batch_size: int) -> list[list[int]]:
    """Batches of items, cut at fixed places, that are not finished in full.

    A batch is computed again as a whole: the last bits of a feature depend on the size of the
    batch it was computed in.
    """
    done = finished.reshape(-1)
    starts = range(0, done.size, batch_size)
    cuts = [range(start, min(start + batch_size, done.size)) for start in starts]
    return [list(cut) for cut in cuts if not done[cut.start : cut.stop].all()]


def build_teacher(cfg: Config) -> ImageTeacher:
    """The config's image teacher.

    Raises:
        ValueError: If it has none that computes features from images.
    """
    teacher_cfg = cfg.model.get('image_teacher')
    teacher = MODELS.build(teacher_cfg) if teacher_cfg else None
    if not isinstance(teacher, ImageTeacher):
        raise ValueError(
            f'{cfg.filename}: model.image_teacher is {teacher_cfg}, expected a teacher that '
            'computes features from images (CLIPImageTeacher, TimmImageTeacher)'
        )
    return teacher


def main(argv: list[str] | None = None) -> None:
    """Runs the command."""
    args = parse_args(argv)
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'recon_mm'))

    teacher = build_teacher(cfg)
    dataset_cfg = cfg.train_dataloader.dataset.to_dict()
    augmentation = reduce_pipelines(dataset_cfg)
    dataset = DATASETS.build(dataset_cfg)
    sample_ids = [dataset.get_data_info(i)['sample_id'] for i in range(len(dataset))]

    size = (len(sample_ids), args.views, teacher.feature_dims)
    needed = bytes_needed(*size, args.dtype)
    print(f'teacher       {teacher.describe()}')
    print(f'augmentation  {augmentation}')
    print(
        f'disk space    {needed / 1e9:.3f} GB in {args.out}: {size[0]} samples x {size[1]} views x '
        f'{size[2]} features, {args.dtype}',
        flush=True,
    )
    writer = TeacherFeatureWriter(
        args.out,
        {
            'teacher': teacher.describe(),
            'augmentation': augmentation,
            'sample_ids': sample_ids,
            'num_views': args.views,
            'feature_dims': teacher.feature_dims,
            'dtype': args.dtype,
            'seed': args.seed,
        },
    )
    if writer.resumed:
        print(f'continues     {int(writer.finished.sum())} of {writer.finished.size} are there')
    compute(
        teacher.to(args.device),
        ImageViews(dataset, sample_ids, args.views, args.seed),
        writer,
        args,
    )
    print(f'complete: {args.out / META}')


def compute(
    teacher: ImageTeacher, views: ImageViews, writer: TeacherFeatureWriter, args: argparse.Namespace
) -> None:
    """Computes and writes what is not finished, with a progress bar."""
    batches = unfinished_batches(writer.finished, args.batch_size)
    if not batches:
        return
    teacher.prepare()
    loader = DataLoader(
        views,
        batch_sampler=batches,  # type: ignore[arg-type]  # any iterable of index lists will do
        num_workers=args.num_workers,
        collate_fn=collate,
        pin_memory=args.device.startswith('cuda'),
    )
    with counting_bar() as progress:
        task = progress.add_task('views', total=sum(map(len, batches)))
        for items, images in loader:
            features = teacher({'images': images.to(args.device, non_blocking=True)})
            rows, of_views = np.divmod(items.numpy(), views.num_views)
            writer.write(rows, of_views, features.cpu().numpy())
            progress.advance(task, len(items))


if __name__ == '__main__':
    main()
