import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner

from recon_mm.engine import SeededTestLoop, UnwrapCheckpointHook  # noqa: F401 - registers it
from recon_mm.registry import METRICS


class RandomModel(BaseModel):
    """Predicts a random number."""

    def forward(self, inputs, mode):
        return [dict(value=torch.rand(()).item())]


@METRICS.register_module()
class MeanValue(BaseMetric):
    default_prefix = 'value'

    def process(self, data_batch, data_samples) -> None:
        self.results += [sample['value'] for sample in data_samples]

    def compute_metrics(self, results) -> dict:
        return dict(mean=sum(results) / len(results))


def run(tmp_path, seeds: tuple[int, ...]) -> dict:
    runner = Runner(
        model=RandomModel(),
        work_dir=str(tmp_path),
        test_dataloader=dict(
            dataset=[torch.zeros(1)] * 3, batch_size=1, sampler=dict(type='DefaultSampler')
        ),
        test_evaluator=dict(type='recon_mm.MeanValue'),
        test_cfg=dict(type='recon_mm.SeededTestLoop', seeds=seeds),
        log_level='WARNING',
        experiment_name=f'seeds{"_".join(map(str, seeds))}',
    )
    return runner.test()


def test_mean_and_spread_over_seeds(tmp_path) -> None:
    singles = torch.tensor([run(tmp_path, (seed,))['value/mean'] for seed in (3, 4, 5)])
    assert singles.unique().numel() == 3
    summary = run(tmp_path, (3, 4, 5))
    assert summary == {
        'value/mean_mean': pytest.approx(singles.mean().item(), rel=1e-5),
        'value/mean_std': pytest.approx(singles.std().item(), rel=1e-5),
    }


def test_hook_adds_what_mmengine_looks_for() -> None:
    weight = torch.zeros(2)
    checkpoint = dict(base_model={'module.norm.bias': weight}, epoch=3)
    UnwrapCheckpointHook().after_load_checkpoint(None, checkpoint)
    assert checkpoint['state_dict'] == {'norm.bias': weight}
    own = dict(state_dict={'a': weight})
    UnwrapCheckpointHook().after_load_checkpoint(None, own)
    assert own == dict(state_dict={'a': weight})
