"""Clouds per second of an inferencer, beside those of the bare model on the same batches.

    python -m benchmarks.inference --clouds 64 --batch-size 16

The bare model has its clouds in memory, stacked and of one size. The inferencer reads them from
files, and once more from files of unequal sizes. All take turns; of each the fastest turn counts,
in CPU time without a GPU (other processes disturb it least), else in wall time. Untrained weights:
they take as long.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import MMLogger

from recon_mm.apis import FeatureInferencer


def write_clouds(folder: Path, sizes: list[int]) -> None:
    """One file of random points for each size."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i, size in enumerate(sizes):
        np.save(folder / f'{i:04d}.npy', rng.normal(size=(size, 3)).astype(np.float32))


def bare(infer: FeatureInferencer, clouds: torch.Tensor, batch_size: int) -> None:
    """What a loop over stacked batches does: preprocessor, model, features to the CPU."""
    model = infer.model
    with torch.inference_mode():
        for batch in clouds.split(batch_size):
            data = model.data_preprocessor({'inputs': {'points': batch}}, training=False)
            features = model.extract_feat(data['inputs']['points'])
            features.probing_feature().cpu()
            features.global_tokens.cpu()


def seconds(run: Callable[[], object], on_gpu: bool) -> float:
    """How long a call takes."""
    clock = time.perf_counter if on_gpu else time.process_time
    start = clock()
    run()
    if on_gpu:
        torch.cuda.synchronize()
    return clock() - start


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--config', default='recon/pretrain_shapenet_reconstruct_only')
    parser.add_argument('--clouds', type=int, default=64)
    parser.add_argument('--points', type=int, default=2048)
    parser.add_argument('--batch-size', type=int, default=16)
    parser.add_argument('--turns', type=int, default=3)
    parser.add_argument('--device')
    args = parser.parse_args()
    MMLogger.get_instance('benchmark', log_level='ERROR')
    infer = FeatureInferencer(args.config, device=args.device, show_progress=False)
    rng = np.random.default_rng(1)
    unequal = (args.points * rng.uniform(0.75, 1.25, args.clouds)).astype(int).tolist()
    with tempfile.TemporaryDirectory() as root:
        equal_files, unequal_files = Path(root, 'equal'), Path(root, 'unequal')
        write_clouds(equal_files, [args.points] * args.clouds)
        write_clouds(unequal_files, unequal)
        stacked = [torch.from_numpy(np.load(file)) for file in sorted(equal_files.iterdir())]
        clouds = torch.stack(stacked).to(infer.device)
        forms = {
            'bare model': lambda: bare(infer, clouds, args.batch_size),
            'inferencer, files': lambda: infer(equal_files, batch_size=args.batch_size),
            'inferencer, unequal': lambda: infer(unequal_files, batch_size=args.batch_size),
        }
        best = dict.fromkeys(forms, float('inf'))
        for _ in range(args.turns):
            for name, run in forms.items():
                best[name] = min(best[name], seconds(run, infer.device.type == 'cuda'))
    for name, took in best.items():
        share = best['bare model'] / took
        print(f'{name:20} {args.clouds / took:8.1f} clouds/s  {share:.2f} of the bare model')


if __name__ == '__main__':
    main()
