"""Computes a teacher's features of K augmented views of every training sample, once.

Training then reads them with ``LoadTeacherFeatures`` and ``CachedTeacher`` (docs/teachers.md).
Interrupted in any way, even killed, the same call continues where it stopped, and the result
equals that of an uninterrupted run: each view's augmentation is seeded by sample and view.
"""

import random
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from recon_mm.datasets.fingerprint import fingerprint
from recon_mm.models.teachers.image_teacher import ImageTeacher
from recon_mm.registry import DATASETS, MODELS
from recon_mm.utils.progress import counting_bar

from .feature_store import Target, open_features, stored_entry, teacher_config


def compute_teacher_features(
    cfg: Config,
    target: Target,
    num_views: int | None = None,
    modality: str = 'image',
    seed: int = 0,
    batch_size: int = 64,
    num_workers: int = 4,
    device: str = 'cpu',
) -> None:
    """Computes and stores the features that are missing, and prints its progress.

    Args:
        cfg: Pretraining config with a live image teacher, or one in ``stored_features``.
        target: Where the features go.
        num_views: Augmented views per sample (K); by default what ``stored_features`` says.
        modality: Modality of the teacher.
        seed: Seed of the augmentation.
        batch_size: Images per batch.
        num_workers: Processes that load images.
        device: Where the teacher computes.

    Raises:
        DataError: If there are features made with other settings, the disk lacks the space, or
            a feature is not finite.
        ValueError: If the config has no live teacher, or images cannot be used.
    """
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    teacher = build_teacher(cfg, modality)
    entry = stored_entry(cfg, modality)
    num_views = num_views or entry.get('views')
    if num_views is None:
        raise ValueError(f'{cfg.filename} does not say how many views a sample gets: give --views')
    dataset_cfg = cfg.train_dataloader.dataset.to_dict()
    if 'pipeline' in entry:  # that of the training reads what is stored
        dataset_cfg.update(with_images=True, pipeline=[dict(step) for step in entry['pipeline']])
    augmentation = reduce_pipelines(dataset_cfg)
    dataset = DATASETS.build(dataset_cfg)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    sample_ids = [info['sample_id'] for info in infos]
    made_from = {
        'teacher': teacher.describe(),
        'trained': teacher.trained,
        'augmentation': augmentation,
        'images': _fingerprint(infos),  # names, sizes and times of change of their files
        'num_views': num_views,
        'feature_dims': teacher.feature_dims,
        'seed': seed,
    }
    print(f'augmentation  {augmentation}')
    with open_features(target, sample_ids, made_from, device) as writer:
        rows = target.rows(len(sample_ids))
        ids = sample_ids[rows.start : rows.stop]
        views = ImageViews(Subset(dataset, rows), ids, num_views, seed)
        batches = unfinished_batches(writer.finished, batch_size)
        loader = DataLoader(
            views,
            batch_sampler=batches,  # type: ignore[arg-type]  # any iterable of lists will do
            num_workers=num_workers,
            collate_fn=collate,
            pin_memory=device.startswith('cuda'),
        )
        teacher.to(device)
        with counting_bar() as progress:
            task = progress.add_task('views', total=sum(map(len, batches)))
            for items, images in loader:
                features = teacher({'images': images.to(device, non_blocking=True)})
                writer.write(np.divmod(items.numpy(), num_views), features.cpu().numpy())
                progress.advance(task, len(items))


def _fingerprint(infos: list[dict]) -> str:
    files = [path for info in infos for path in info.get('image_paths') or [info.get('image_path')]]
    return fingerprint([Path(path) for path in files if path])[0]


def build_teacher(cfg: Config, modality: str = 'image') -> ImageTeacher:
    """The config's teacher of a modality.

    Raises:
        ValueError: If it has none that computes features from images.
    """
    teacher_cfg = teacher_config(cfg, modality)
    teacher = MODELS.build(teacher_cfg) if teacher_cfg else None
    if not isinstance(teacher, ImageTeacher):
        raise ValueError(
            f'{cfg.filename}: the {modality} teacher is {teacher_cfg}, expected a teacher that '
            'computes features from images (CLIPImageTeacher, TimmImageTeacher)'
        )
    return teacher


def reduce_pipelines(dataset: dict) -> list[dict]:
    """Reduces the pipeline of a data set config, or of those it wraps, to the image, in place.

    Returns:
        The transforms that load and augment the image: those with ``Image`` in their name.

    Raises:
        ValueError: If wrapped data sets have different image transforms, or there are none.
    """
    if 'pipeline' in dataset:
        types = [str(step['type']) for step in dataset['pipeline']]
        kept = [s for s, t in zip(dataset['pipeline'], types) if 'Image' in t.rpartition('.')[2]]
        if not kept:
            raise ValueError(
                f'the training pipeline has no image transforms ({types}); use the config that '
                'trains with the live image teacher (LoadRenderedImage, AugmentImage)'
            )
        dataset['pipeline'] = kept
        return kept
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
    """Batches of items, cut at fixed places, that are not complete.

    An incomplete batch is computed again in full: the last bits of a feature depend on the size of
    the batch it was computed in.
    """
    done = finished.reshape(-1)
    starts = range(0, done.size, batch_size)
    cuts = [range(start, min(start + batch_size, done.size)) for start in starts]
    return [list(cut) for cut in cuts if not done[cut.start : cut.stop].all()]
