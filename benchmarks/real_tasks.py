"""What is asked of a pretrained model on ModelNet40: the columns of ``benchmarks.real_shapes``."""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader

from demo.layouts.modelnet import FOLDER
from recon_mm.apis import init_model
from recon_mm.datasets import ModelNet
from recon_mm.evaluation import LinearSVM
from recon_mm.evaluation.zero_shot import class_cosines
from recon_mm.utils.precision import computes_bfloat16

from .demo_chain import config, logged, options, run, schedule
from .real_data import TEXT_LENGTH, text_features

# pretrain_folder's backbone
SMALL = {'embed_dims': 192, 'depth': 6, 'num_heads': 3, 'num_groups': 32, 'drop_path_rate': 0.1}
RATE = 5e-4  # of fine-tuning; chosen of 1e-4 to 1e-3 for 10 labels, pretrained and not
Task = Callable[[Path, Path | None, int, argparse.Namespace], dict[str, float]]


def modelnet(args: argparse.Namespace) -> Path:
    """The folder of ModelNet40."""
    return args.out / 'data' / FOLDER


def few_of_each(seed: int, args: argparse.Namespace) -> list[int]:
    """The training clouds that are drawn where labels are few: 10 of each class."""
    dataset = ModelNet(data_root=str(modelnet(args)), split='train', test_mode=True)
    labels = np.array([dataset.get_data_info(i)['category'] for i in range(len(dataset))])
    order = np.random.default_rng(seed).permutation(len(labels))
    return np.concatenate([order[labels[order] == label][:10] for label in range(40)]).tolist()


@torch.inference_mode()
def features(
    cfg_file: Path,
    weights: Path | None,
    seed: int,
    args: argparse.Namespace,
    split: str,
    indices: list[int] | None = None,
) -> Iterator[tuple[np.ndarray, int, np.ndarray | None]]:
    """Probing feature, label and text projection, if there is one, of each cloud of a split."""
    torch.manual_seed(seed)  # of the untrained model
    model = init_model(cfg_file, weights)
    device = next(model.parameters()).device
    dataset = ModelNet(data_root=str(modelnet(args)), split=split, test_mode=True, indices=indices)
    for batch in DataLoader(dataset, batch_size=64, collate_fn=list):  # type: ignore[arg-type]
        points = torch.from_numpy(np.stack([sample['points'] for sample in batch]))
        inputs = model.data_preprocessor({'inputs': {'points': points}, 'data_samples': None})
        with torch.autocast(device.type, torch.bfloat16, enabled=computes_bfloat16(device)):
            tokens = model.forward_tensor(inputs['inputs'])
        text = [None] * len(batch)
        if 'text' in model.heads and weights is not None:
            text = model.heads['text'](model.global_group(tokens, 'text').float()).mean(1).numpy()
        for sample, feature, projection in zip(batch, tokens.probing_feature().float(), text):
            yield feature.numpy(), sample['category'], projection


def linear_probe(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """Linear SVM on all labels."""
    return {'linear SVM': svm_accuracy(cfg_file, weights, seed, args)}


def few_label_probe(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """Linear SVM on the labels that fine-tuning has in :func:`few_labels`."""
    drawn = few_of_each(seed, args)
    return {'linear SVM, 10 labels': svm_accuracy(cfg_file, weights, seed, args, drawn)}


def svm_accuracy(
    cfg_file: Path,
    weights: Path | None,
    seed: int,
    args: argparse.Namespace,
    indices: list[int] | None = None,
) -> float:
    """Accuracy on the test split, in percent, of a linear SVM on some of the training clouds."""
    samples = [
        (feature, label, split)
        for split, taken in (('train', indices), ('test', None))
        for feature, label, _ in features(cfg_file, weights, seed, args, split, taken)
    ]
    return LinearSVM().compute_metrics(samples)['accuracy']


def zero_shot(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """By the text token against stored text features, and without the mean of the meshes' ones."""
    found = list(features(cfg_file, weights, seed, args, 'test'))
    projections = [projection for *_, projection in found if projection is not None]
    if not projections:
        return {}
    clouds = torch.from_numpy(np.stack(projections))
    labels = torch.tensor([label for _, label, _ in found])
    classes, trained_on = (
        TEXT_LENGTH * torch.from_numpy(text_features(args.data / 'clip_vitb32_text.npz', name)[1])
        for name in ('modelnet40', 'shapedb69')
    )
    results = {}
    for name, center in (('zero-shot', None), ('zero-shot, centered', trained_on.mean(0))):
        best = class_cosines(clouds, classes, center).topk(5, dim=1).indices
        hits = best == labels[:, None]
        results[f'{name}, top 1'] = 100 * hits[:, 0].double().mean().item()
        results[f'{name}, top 5'] = 100 * hits.any(1).double().mean().item()
    return results


def fine_tune(work_dir: Path, weights: Path | None, seed: int, epochs: int, *changes: str) -> float:
    """Trains everything; accuracy of the last epoch, in percent."""
    run(
        'train.py', config('classification_modelnet40_1k_full'), '--work-dir', work_dir, '--amp',
        '--cfg-options', *options('model.backbone', SMALL),
        *schedule(epochs, max(1, epochs // 10), RATE),
        *options('train_dataloader', {'num_workers': 0, 'persistent_workers': False}),
        f'randomness.seed={seed}', f'load_from={weights}', *changes,
    )  # fmt: skip
    return logged(work_dir, 'accuracy/overall')[-1]


def all_labels(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """Fine-tuning on the whole training split."""
    work_dir = cfg_file.parent / 'all_labels'
    return {'fine-tuning, all labels': fine_tune(work_dir, weights, seed, 5)}


def few_labels(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """Fine-tuning on 10 training clouds of each class, tested on the whole test split."""
    indices = f'train_dataloader.dataset.indices={few_of_each(seed, args)}'.replace(' ', '')
    work_dir = cfg_file.parent / 'few_labels'
    return {'fine-tuning, 10 labels': fine_tune(work_dir, weights, seed, 30, indices)}


def few_shot(
    cfg_file: Path, weights: Path | None, seed: int, args: argparse.Namespace
) -> dict[str, float]:
    """Four drawn folds of 5 classes and 10 shapes of each, others for every seed.

    With all 150 steps of the config: the embedding of an untrained network varies so little
    (4.6e-6) that its running variance, which begins at 1, is far from it for more than 100.
    """
    work_dir = cfg_file.parent / 'few_shot'
    run(
        'few_shot.py', config('fewshot_modelnet40_drawn'), weights or 'none', '--work-dir',
        work_dir, '--ways', 5, '--shots', 10, '--folds', *range(4 * seed, 4 * seed + 4), '--amp',
        '--cfg-options',
        *options('model.backbone', SMALL), f'randomness.seed={seed}',
    )  # fmt: skip
    (row,) = json.loads((work_dir / 'few_shot.json').read_text())
    return {'few-shot 5 x 10': row['mean']}


TASKS: dict[str, Task] = {
    'linear probe': linear_probe,
    'few-label probe': few_label_probe,
    'zero-shot': zero_shot,
    'few-shot': few_shot,
    'few labels': few_labels,
    'all labels': all_labels,
}
PROBES = ('linear probe', 'few-label probe', 'zero-shot')  # of the model as it is
