"""The loss in one graph: the same numbers, compiled once, whatever else a run does."""

import json
import shutil
import signal
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch._dynamo.utils import counters

from recon_mm.engine import BFloat16OptimWrapper, CompileHook
from recon_mm.registry import MODELS
from tests.pretraining import NUM_POINTS, make_shapenet55, tiny_config, train, weights

HOOK = dict(type='CompileHook', backend='eager')  # traces, which is what could break, no more

TARGETS = ('backbone.forward', 'head.forward')


@pytest.fixture
def model():
    init_default_scope('recon_mm')
    torch._dynamo.reset()
    cfg = tiny_config(Path('none'), batch_size=4, max_epochs=1)
    cfg.model.masking.type = 'RandomMasking'
    cfg.model.backbone.drop_path_rate = 0.1
    return MODELS.build(cfg.model).train()


def losses_and_gradients(model, loss, autocast: bool = False) -> list[dict[str, torch.Tensor]]:
    """Of three batches, the same whenever it is called."""
    torch.manual_seed(1)
    found = []
    for _ in range(3):
        inputs = dict(points=torch.rand(4, NUM_POINTS, 3), category=torch.tensor([0, 1, 2, 0]))
        with torch.autocast('cpu', dtype=torch.bfloat16, enabled=autocast):
            losses = loss(inputs)
        model.zero_grad()
        sum(losses.values()).backward()
        gradients = {k: p.grad for k, p in model.named_parameters() if p.grad is not None}
        found.append({k: v.detach().clone() for k, v in {**losses, **gradients}.items()})
    return found


@pytest.mark.parametrize('autocast', [False, True])
def test_one_graph_with_the_same_numbers(model, autocast: bool) -> None:
    state = {key: value.clone() for key, value in model.state_dict().items()}
    expected = losses_and_gradients(model, model.loss, autocast)
    model.load_state_dict(state)
    counters.clear()
    options = CompileHook(backend='aot_eager').options
    actual = losses_and_gradients(model, torch.compile(model.loss, **options), autocast)
    assert counters['stats']['unique_graphs'] == 1
    assert not counters['graph_break']
    for one, two in zip(actual, expected):
        assert set(one) == set(two)
        for key, value in two.items():
            # The graph rounds to bfloat16 at other places; gradients then differ more.
            if not autocast or key.startswith('loss_'):
                rtol = 0.02 if autocast else 1e-4
                torch.testing.assert_close(one[key], value, rtol=rtol, atol=1e-5, msg=key)


@pytest.mark.skipif(shutil.which('g++') is None, reason='needs a C++ compiler')
def test_through_inductor(model) -> None:
    """A part small enough to be compiled in a test: layer, Chamfer, and their gradients."""
    head = model.reconstruction_head
    tokens, target = torch.randn(4, 6, 48), torch.randn(4, 6, 8, 3)
    found = []
    for loss in (head.loss, torch.compile(head.loss, **CompileHook().options)):
        head.zero_grad()
        value = loss(tokens, target)
        value.backward()
        found.append((value.detach(), head.fc.weight.grad.clone()))
    torch.testing.assert_close(found[1], found[0])


@pytest.fixture(scope='module')
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('data') / 'shapenet55'
    make_shapenet55(root)
    return root


def losses(path: Path) -> torch.Tensor:
    return torch.tensor([json.loads(line) for line in path.read_text().splitlines()])


def test_validation_and_averaging_in_between(data_root: Path, tmp_path: Path, monkeypatch) -> None:
    """Three epochs with validation after each, in this process: still one graph."""
    counters.clear()
    torch._dynamo.reset()
    cfg = tiny_config(data_root, batch_size=8, max_epochs=3)
    cfg.work_dir = str(tmp_path)
    cfg.experiment_name = tmp_path.name
    cfg.optim_wrapper.update(type='BFloat16OptimWrapper', accumulative_counts=2)
    cfg.custom_hooks = [HOOK, dict(type='EMAHook', momentum=0.1)]
    runner = Runner.from_cfg(cfg)
    assert isinstance(runner.build_optim_wrapper(cfg.optim_wrapper), BFloat16OptimWrapper)
    (hook,) = [hook for hook in runner.hooks if isinstance(hook, CompileHook)]

    def validate(runner: Runner) -> None:
        hook.before_val_epoch(runner)
        assert 'loss' not in runner.model.__dict__
        with torch.no_grad():
            runner.model.eval()(dict(points=torch.rand(3, NUM_POINTS, 3)), mode='predict')
        hook.after_val_epoch(runner)
        assert 'loss' in runner.model.__dict__

    monkeypatch.setattr(hook, 'after_train_epoch', validate)
    runner.train()
    assert runner.iter == 9
    assert counters['stats']['unique_graphs'] == 1
    assert 'loss' not in runner.model.__dict__
    for value in weights(tmp_path, 3).values():
        assert torch.isfinite(value).all()


def test_killed_and_resumed(data_root: Path, tmp_path: Path) -> None:
    cfg = tiny_config(data_root, batch_size=8, max_epochs=2)
    cfg.model.masking.type = 'RandomMasking'
    cfg.custom_hooks = [HOOK]
    assert train(cfg, tmp_path / 'whole') == 0
    cfg.custom_hooks = [HOOK, dict(type='KillAt', iteration=5)]
    assert train(cfg, tmp_path / 'killed') == -signal.SIGKILL
    cfg.custom_hooks = [HOOK]
    assert train(cfg, tmp_path / 'killed', '--resume') == 0
    expected, actual = weights(tmp_path / 'whole', 2), weights(tmp_path / 'killed', 2)
    for name, value in expected.items():
        assert torch.equal(actual[name], value), name


def test_two_processes(data_root: Path, tmp_path: Path) -> None:
    for name, processes in (('one', 1), ('two', 2)):
        cfg = tiny_config(data_root, batch_size=8 // processes, max_epochs=1)
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=2e-4, weight_decay=0.0)
        cfg.param_scheduler = []
        record = dict(type='RecordLosses', path=str(tmp_path / f'{name}.txt'))
        cfg.custom_hooks = [dict(type='EnlargeWeights'), HOOK, record]
        train(cfg, tmp_path / name, processes=processes)
    one, two = losses(tmp_path / 'one.txt'), losses(tmp_path / 'two.txt')
    assert len(one) == 3
    torch.testing.assert_close(two, one, rtol=1e-4, atol=1e-5)


def test_parts_of_a_classifier(tiny_config) -> None:
    found = {}
    for name, hooks in (('eager', []), ('graph', [HOOK | dict(targets=TARGETS)])):
        cfg = tiny_config('classification_modelnet40_1k_full')
        # AdamW's first steps are as long for a gradient of rounding as for any other.
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=1e-3, weight_decay=0.0)
        cfg.param_scheduler = []
        cfg.experiment_name += name
        cfg.custom_hooks = hooks
        counters.clear()
        torch._dynamo.reset()
        runner = Runner.from_cfg(cfg)
        runner.train()  # and validates
        found[name] = runner.model.state_dict()
    assert counters['stats']['unique_graphs'] == len(TARGETS)
    for key, value in found['eager'].items():
        torch.testing.assert_close(
            found['graph'][key], value, rtol=1e-3, atol=1e-5, msg=lambda m, key=key: f'{key}: {m}'
        )


def test_an_unknown_method_is_named(data_root: Path, tmp_path: Path) -> None:
    cfg = tiny_config(data_root, batch_size=8, max_epochs=1)
    cfg.work_dir = str(tmp_path)
    cfg.experiment_name = tmp_path.name
    cfg.custom_hooks = [dict(HOOK, targets=('backbone.lose',))]
    with pytest.raises(ValueError, match="ReConTransformer has no method 'lose'"):
        Runner.from_cfg(cfg).train()
