import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.visualization import Visualizer

from recon_mm.evaluation import OverallAccuracy
from recon_mm.evaluation.confusion import confusion_counts
from recon_mm.structures import PointDataSample


def samples(truth: list[int], predicted: list[int]) -> list[PointDataSample]:
    return [
        PointDataSample(gt_label=torch.tensor([t]), pred_label=torch.tensor([p]))
        for t, p in zip(truth, predicted)
    ]


def evaluate(metric: OverallAccuracy, truth: list[int], predicted: list[int]) -> dict:
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = dict(classes=('chair', 'desk', 'lamp'))
    evaluator.process(samples(truth, predicted))
    return evaluator.evaluate(len(truth))


def test_overall_and_mean_class() -> None:
    """Three of four chairs and the one desk; no lamp occurs."""
    metrics = evaluate(OverallAccuracy(), [0, 0, 0, 0, 1], [0, 0, 0, 2, 1])
    assert metrics['accuracy/overall'] == pytest.approx(80.0)
    assert metrics['accuracy/mean_class'] == pytest.approx((75 + 100) / 2)


def test_padded_samples_are_dropped() -> None:
    evaluator = Evaluator(OverallAccuracy())
    evaluator.process(samples([0, 1, 0], [0, 1, 1]))
    assert evaluator.evaluate(2)['accuracy/overall'] == 100.0


def test_picture_is_saved_in_the_work_directory(tmp_path) -> None:
    Visualizer.get_instance(
        'test_picture', vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path)
    )
    evaluate(OverallAccuracy(per_class=True), [0, 1, 1], [0, 1, 0])
    (picture,) = tmp_path.rglob('confusion_matrix*.png')
    assert picture.stat().st_size > 1000


def test_counts_of_a_batch() -> None:
    truth = torch.tensor([[0, 1, 1], [1, -1, 7]])
    predicted = torch.tensor([[0, 1, 0], [0, 0, 0]])
    counts = confusion_counts(truth, predicted, 2)
    assert counts.tolist() == [[[1, 0], [1, 1]], [[0, 0], [1, 0]]]
    assert counts.dtype == torch.int64


def test_missing_prediction_is_named() -> None:
    metric = OverallAccuracy()
    with pytest.raises(KeyError, match='pred_label'):
        metric.process(None, [dict(gt_label=torch.tensor([0]))])
    assert np.size(metric.results) == 0
