import pytest
from mmengine.config import Config

from recon_mm.apis.few_shot import Fold, check_same_run, markdown, summarize


def test_mean_and_spread_of_each_setting() -> None:
    accuracies = {Fold(10, 20, 0): 50.0}
    accuracies |= {Fold(5, 10, i): value for i, value in enumerate((90.0, 96.0, 93.0))}
    rows = summarize(accuracies)
    assert rows == [
        dict(way=5, shot=10, mean=93.0, std=pytest.approx(3.0), accuracies=[90.0, 96.0, 93.0]),
        dict(way=10, shot=20, mean=50.0, std=None, accuracies=[50.0]),
    ]
    lines = markdown(rows).splitlines()
    assert lines[2:] == [
        '| 5-way 10-shot | 3 | 93.0 ± 3.0 | 90.0, 96.0, 93.0 |',
        '| 10-way 20-shot | 1 | 50.0 | 50.0 |',
    ]


def test_results_of_two_runs_are_not_mixed(tmp_path) -> None:
    first = Config(dict(lr=1.0, load_from=None))
    check_same_run(tmp_path, first)
    check_same_run(tmp_path, first)
    with pytest.raises(FileExistsError, match='holds folds of a different run; config is'):
        check_same_run(tmp_path, Config(dict(lr=2.0, load_from=None)))
