"""A step of fine-tuning or part segmentation against its plain form, and a pass of inference.

    python -m benchmarks.downstream_step [--tasks classification parts backbone]

Base model, 2048 points, 128 patches, as the paper's configs have it. Forms take turns, each in a
process of its own; figures are medians. "backbone" is ``ReConTransformer`` in eval mode with 1024
points and 64 patches, clouds to tokens, for one cloud and for 64.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import Tensor

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample
from recon_mm.utils.memory import keep_freed_memory

from .plain import PlainClassifier, PlainPartSegmentor
from .plain.points import group
from .plain.recon import PlainEncoder
from .pretrain_step import CONFIGS, device_name, take_turns
from .process import FormProcess

CONFIG_OF = dict(
    classification='classification_scanobjectnn_pb_t50_rs_full',
    parts='part_segmentation_shapenetpart',
)
TASKS = (*CONFIG_OF, 'backbone')
FORMS = {'plain': False, 'ours': False, 'ours, bf16': True}  # name: bfloat16


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--tasks', nargs='+', choices=TASKS, default=list(TASKS))
    parser.add_argument('--repeats', type=int, default=5)
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument(
        '--cpu-time', action='store_true', help='count CPU time: for a machine that others use'
    )
    return parser.parse_args()


class Timed:
    """Something to call, and how long it takes."""

    def __init__(self, call: Callable[[], Any], device: str, cpu_time: bool) -> None:
        self.call, self.device = call, device
        self.clock = time.process_time if cpu_time else time.perf_counter

    def measure(self) -> dict[str, float]:
        """Seconds of one call."""
        start = self.clock()
        self.call()
        if self.device.startswith('cuda'):
            torch.cuda.synchronize()
        return {'step': self.clock() - start}


def batch(task: str, size: int, device: str) -> dict[str, Tensor]:
    """Random clouds and labels."""
    return dict(
        points=torch.randn(size, 2048 if task in CONFIG_OF else 1024, 3, device=device),
        category=torch.arange(size, device=device) % 15,
        part=torch.randint(50, (size, 2048), device=device),
    )


def plain_step(task: str, cfg: Config, data: dict[str, Tensor]) -> Callable[[], Any]:
    """The step as one reads it."""
    backbone = cfg.model.backbone
    sizes = (backbone.embed_dims, backbone.depth, backbone.num_heads)
    model: Any
    if task == 'classification':
        model = PlainClassifier(*sizes, cfg.model.head.num_classes, backbone.drop_path_rate)
    else:
        model = PlainPartSegmentor(*sizes, (3, 7, 11), 16, 50, backbone.drop_path_rate)
    model.to(data['points'].device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.05)

    def step() -> None:
        points = data['points']
        center, neighborhood = group(points, backbone.num_groups, backbone.group_size)
        if task == 'classification':
            loss = F.cross_entropy(model(neighborhood, center), data['category'])
        else:
            logits = model(points, neighborhood, center, data['category'])
            loss = F.cross_entropy(logits.flatten(0, 1), data['part'].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimizer.step()
        optimizer.zero_grad()

    return step


def our_step(task: str, cfg: Config, data: dict[str, Tensor], amp: bool) -> Callable[[], Any]:
    """What MMEngine's loop does with a batch; its batch transforms left out, as in the plain."""
    cfg.model.data_preprocessor.train_transforms = []
    model: Any = MODELS.build(cfg.model).to(data['points'].device).train()
    optim_cfg = {**cfg.optim_wrapper, **({'type': 'BFloat16OptimWrapper'} if amp else {})}
    optim_wrapper = build_optim_wrapper(model, optim_cfg)
    samples = [
        PointDataSample(gt_label=label[None], gt_part=part)
        for label, part in zip(data['category'].cpu(), data['part'].cpu())
    ]
    inputs = dict(points=data['points'], category=data['category'])
    return lambda: model.train_step(dict(inputs=inputs, data_samples=samples), optim_wrapper)


def inference(name: str, cfg: Config, points: Tensor) -> Callable[[], Any]:
    """The backbone of the pretraining config in eval mode."""
    backbone = cfg.model.backbone
    if name == 'plain':
        sizes = (backbone.embed_dims, backbone.depth, backbone.num_heads)
        plain = PlainEncoder(*sizes, drop_path_rate=0.0).to(points.device).eval()

        def plain_pass() -> None:
            with torch.no_grad():
                center, neighborhood = group(points, backbone.num_groups, backbone.group_size)
                plain(neighborhood, center, torch.zeros(center.shape[:2]).bool())

        return plain_pass
    model: Any = MODELS.build(backbone).to(points.device).eval()

    def our_pass() -> None:
        with (
            torch.inference_mode(),
            torch.autocast(points.device.type, torch.bfloat16, enabled=FORMS[name]),
        ):
            model(points)

    return our_pass


def build(name: str, task: str, size: int, args: argparse.Namespace) -> Timed:
    """One of the forms, in the process that will run it."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    init_default_scope('recon_mm')
    if name != 'plain' and args.device == 'cpu':
        keep_freed_memory()
    cfg = Config.fromfile(CONFIGS / f'{CONFIG_OF.get(task, "pretrain_shapenet")}.py')
    data = batch(task, size, args.device)
    if task == 'backbone':
        call = inference(name, cfg, data['points'])
    elif name == 'plain':
        call = plain_step(task, cfg, data)
    else:
        call = our_step(task, cfg, data, FORMS[name])
    return Timed(call, args.device, args.cpu_time)


def main() -> None:
    """Runs the command."""
    args = parse_args()
    print(
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}, {"CPU" if args.cpu_time else "wall"} time, {args.repeats} calls\n\n'
        '| what | batch | form | ms | clouds/s | times faster |\n|---|---:|---|---:|---:|---:|'
    )
    sizes = dict(classification=[32], parts=[16], backbone=[1, 64])
    for task in args.tasks:
        for size in sizes[task]:
            forms = {name: FormProcess(build, name, task, size, args) for name in FORMS}
            series = take_turns(forms, 'measure', args.repeats)
            found = {n: statistics.median(s['step'] for s in all_) for n, all_ in series.items()}
            for name, seconds in found.items():
                print(
                    f'| {task} | {size} | {name} | {seconds * 1e3:.1f} | {size / seconds:.1f} '
                    f'| {found["plain"] / seconds:.2f} |',
                    flush=True,
                )


if __name__ == '__main__':
    main()
