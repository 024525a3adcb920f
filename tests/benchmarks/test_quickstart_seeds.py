"""Complete runs are read, not repeated."""

import json

from benchmarks.quickstart_seeds import rows


def test_complete_runs_are_read(tmp_path) -> None:
    for seed in range(2):
        log = tmp_path / str(seed) / 'run/vis_data/scalars.json'
        log.parent.mkdir(parents=True)
        records = [
            *({'loss': 3.0, 'loss_text': 0.5 - 0.1 * step, 'step': step} for step in (1, 2)),
            *({'svm/accuracy': 60.0 + epoch, 'step': epoch} for epoch in (0, 5)),
        ]
        log.write_text('\n'.join(map(json.dumps, records)))
    first, second = rows(tmp_path, 2)
    assert first == {
        'seed': 0,
        'loss_text': '0.4000 -> 0.3000',
        'untrained, %': '60.0',
        'pretrained, %': '65.0',
        'gain': '+5.0',
        'CPU s': '',
    }
    assert second == {**first, 'seed': 1}
