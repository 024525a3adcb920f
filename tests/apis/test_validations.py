import json
from pathlib import Path

import pytest

from recon_mm.apis.validations import read_curves, read_losses, read_validations
from recon_mm.datasets.errors import DataError


def write_log(work_dir: Path, start: str, *records: dict) -> None:
    path = work_dir / start / 'vis_data/scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(''.join(f'{json.dumps(record)}\n' for record in records))


def test_a_resumed_run_has_one_value_per_epoch(tmp_path) -> None:
    """Of an epoch that was validated twice, the later run counts; training steps do not."""
    write_log(
        *(tmp_path, '20260101_000000', {'svm/accuracy': 10.0, 'step': 0}),
        *({'lr': 0.1, 'loss': 3.0, 'step': 7}, {'svm/accuracy': 20.0, 'step': 1}),
    )
    write_log(
        *(tmp_path, '20260102_000000', {'svm/accuracy': 25.0, 'time': 0.1, 'step': 1}),
        {'svm/accuracy': 30.0, 'step': 2},
    )
    assert read_validations(tmp_path) == {
        0: {'svm/accuracy': 10.0},
        1: {'svm/accuracy': 25.0},
        2: {'svm/accuracy': 30.0},
    }


def test_a_folder_without_a_log_is_named(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=f'{tmp_path} holds no .*was a model trained'):
        read_validations(tmp_path)


def test_losses_are_the_first_and_the_last_logged(tmp_path) -> None:
    """Across a resumed run, in the order of the steps."""
    write_log(tmp_path, '1', *({'loss': 3.0, 'loss_text': 2.0 - s, 'step': s} for s in (0, 1)))
    write_log(tmp_path, '2', {'loss': 3.0, 'loss_text': 0.5, 'step': 2}, {'a/b': 1.0, 'step': 1})
    assert read_losses(tmp_path) == {'loss_text': (2.0, 0.5)}


def test_curves_by_step_and_by_epoch(tmp_path) -> None:
    """Of a step that was trained twice the later counts."""
    first = [{'lr': 0.1, 'loss': 3.0, 'epoch': 1, 'iter': 5, 'step': step} for step in (5, 10)]
    write_log(tmp_path, '20260101_000000', {'svm/accuracy': 9.0, 'time': 1.0, 'step': 0}, *first)
    write_log(tmp_path, '20260102_000000', {'lr': 0.1, 'loss': 2.0, 'step': 10})
    assert read_curves(tmp_path) == {
        'svm/accuracy': ([0], [9.0]),
        'lr': ([5, 10], [0.1, 0.1]),
        'loss': ([5, 10], [3.0, 2.0]),
    }


@pytest.mark.parametrize('text', ['{"step": 1', '[1]'])
def test_a_damaged_log_is_named(tmp_path, text) -> None:
    write_log(tmp_path, '20260101_000000')
    (log,) = tmp_path.glob('*/vis_data/scalars.json')
    log.write_text(text)
    with pytest.raises(DataError, match=f'{log}.* one JSON object per line'):
        read_curves(tmp_path)
