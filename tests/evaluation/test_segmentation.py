import pytest
import torch
from mmengine.evaluator import Evaluator

from recon_mm.evaluation import PartSegmentationIoU, SemanticSegmentationIoU
from recon_mm.structures import PointDataSample

PARTS = ((0, 1), (2, 3, 4))


def shapes(truth: list[list[int]], predicted: list[list[int]]) -> list[PointDataSample]:
    return [
        PointDataSample(gt_part=torch.tensor(t), pred_part=torch.tensor(p))
        for t, p in zip(truth, predicted)
    ]


def test_part_iou_by_hand() -> None:
    """Two bags and one cap.

    Bag 1: part 0 2/3, part 1 1/2. Bag 2: part 0 right, part 1 absent in both: counts 1.
    Cap: part 2 1/2 of its union, part 3 absent from the truth but predicted: 0, part 4 right.
    """
    truth = [[0, 0, 0, 1], [0, 0, 0, 0], [2, 2, 4, 4]]
    predicted = [[0, 0, 1, 1], [0, 0, 0, 0], [2, 3, 4, 4]]
    evaluator = Evaluator(PartSegmentationIoU())
    evaluator.dataset_meta = dict(classes=('bag', 'cap'), parts=PARTS)
    evaluator.process(shapes(truth[:2], predicted[:2]))
    evaluator.process(shapes(truth[2:], predicted[2:]))
    bags, cap = [(2 / 3 + 1 / 2) / 2, 1.0], (1 / 2 + 0 + 1) / 3
    metrics = evaluator.evaluate(3)
    assert metrics['partseg/instance_miou'] == pytest.approx(100 * (sum(bags) + cap) / 3)
    assert metrics['partseg/class_miou'] == pytest.approx(100 * (sum(bags) / 2 + cap) / 2)
    assert metrics['partseg/accuracy'] == pytest.approx(100 * 10 / 12)


def test_parts_must_be_known() -> None:
    with pytest.raises(ValueError, match="no 'parts'"):
        PartSegmentationIoU().process(None, [dict(gt_part=torch.zeros(2), pred_part=torch.ones(2))])


def test_shapes_of_different_size_are_refused() -> None:
    samples = [dict(pred_part=torch.zeros(2)), dict(pred_part=torch.zeros(3))]
    with pytest.raises(ValueError, match='batch_size=1'):
        PartSegmentationIoU(PARTS).process(None, samples)


def test_semantic_iou_by_hand() -> None:
    """Over all points of both blocks; class 2 never occurs, label 9 is not counted."""
    evaluator = Evaluator(SemanticSegmentationIoU(num_classes=3))
    evaluator.process(shapes([[0, 0, 1, 9], [1, 1, 1, 0]], [[0, 1, 1, 0], [1, 1, 0, 0]]))
    metrics = evaluator.evaluate(2)
    # Class 0: 2 common, 3 true, 3 predicted; class 1: 3 common, 4 true, 4 predicted.
    assert metrics['semseg/miou'] == pytest.approx(100 * (2 / 4 + 3 / 5) / 2)
    assert metrics['semseg/macc'] == pytest.approx(100 * (2 / 3 + 3 / 4) / 2)
    assert metrics['semseg/allacc'] == pytest.approx(100 * 5 / 7)


def test_number_of_classes_must_be_known() -> None:
    with pytest.raises(ValueError, match='num_classes'):
        SemanticSegmentationIoU().process(
            None, [dict(gt_part=torch.zeros(2), pred_part=torch.ones(2))]
        )


def test_rooms_are_merged_by_vote() -> None:
    """Three views of a room of four points, of which one is never seen."""
    views = [([0, 1], [0, 1]), ([1, 0], [0, 0]), ([1, 2], [0, 1])]
    truth = torch.tensor([0, 1, 1, 0])
    samples = []
    for index, predicted in views:
        sample = PointDataSample(metainfo=dict(sample_id='hall', room_points=4))
        sample.point_index = torch.tensor(index)
        sample.gt_part, sample.pred_part = truth[index], torch.tensor(predicted)
        samples.append(sample)
    evaluator = Evaluator(SemanticSegmentationIoU(num_classes=2, merge_rooms=True))
    evaluator.process(samples)
    metrics = evaluator.evaluate(3)  # point 1 is outvoted: predictions 0, 0, 1
    assert metrics['semseg/allacc'] == pytest.approx(100 * 2 / 3)
    assert metrics['semseg/miou'] == pytest.approx(100 * (1 / 2 + 1 / 2) / 2)
    assert metrics['semseg/macc'] == pytest.approx(100 * (1 + 1 / 2) / 2)
