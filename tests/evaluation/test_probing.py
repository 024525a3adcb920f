"""Linear SVM and zero-shot."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.evaluator import Evaluator
from torch import Tensor

from recon_mm.evaluation import LinearSVM, ZeroShotAccuracy
from recon_mm.evaluation.zero_shot import class_cosines, reference_classes
from recon_mm.structures import PointDataSample


def separable(count: int, split: str, shift: float = 0.0) -> list[PointDataSample]:
    """Clouds of three classes, each around its own corner."""
    samples = []
    for i in range(count):
        sample = PointDataSample(metainfo=dict(split=split))
        sample.feature = torch.eye(3)[i % 3] * 5 + 0.1 * torch.randn(3) + shift
        sample.gt_label = torch.tensor([i % 3])
        samples.append(sample)
    return samples


def test_svm_fits_on_train_and_scores_on_test() -> None:
    test = separable(6, 'test')
    test[0].gt_label = torch.tensor([1])  # the only one it cannot know
    evaluator = Evaluator(LinearSVM())
    evaluator.process(test + separable(30, 'train'))
    assert evaluator.evaluate(36) == {'svm/accuracy': pytest.approx(100 * 5 / 6)}


def test_svm_needs_both_splits() -> None:
    evaluator = Evaluator(LinearSVM())
    evaluator.process(separable(4, 'test'))
    with pytest.raises(ValueError, match=r"found only \['test'\]"):
        evaluator.evaluate(4)


def test_svm_scores_the_split_that_is_named() -> None:
    evaluator = Evaluator(LinearSVM(test_split='val'))
    evaluator.process(separable(6, 'val') + separable(30, 'train'))
    assert evaluator.evaluate(36) == {'svm/accuracy': 100}


def test_svm_of_one_class_gives_no_metric() -> None:
    samples = separable(6, 'test') + separable(30, 'train')
    for sample in samples:
        sample.gt_label = torch.tensor([0])
    evaluator = Evaluator(LinearSVM())
    evaluator.process(samples)
    assert evaluator.evaluate(36) == {}


def test_svm_without_split_is_refused() -> None:
    sample = dict(feature=torch.rand(3), gt_label=torch.tensor([0]))
    with pytest.raises(KeyError, match='split'):
        LinearSVM().process(None, [sample])


class AxisTextTeacher:
    """One axis for each class, as long as its name."""

    def class_features(self, classes: list[str]) -> Tensor:
        lengths = torch.tensor([float(len(name)) for name in classes])
        return torch.diag(lengths)


def zero_shot(**kwargs) -> ZeroShotAccuracy:
    metric = ZeroShotAccuracy(**kwargs)
    metric.text_teacher = AxisTextTeacher()
    return metric


def clouds(features: list[list[float]], labels: list[int], split: str) -> list[PointDataSample]:
    samples = []
    for feature, label in zip(features, labels):
        sample = PointDataSample(metainfo=dict(split=split))
        sample.zeroshot_feature = torch.tensor(feature)
        sample.gt_label = torch.tensor([label])
        samples.append(sample)
    return samples


def test_zero_shot_takes_the_nearest_class_of_the_test_split() -> None:
    """By angle, not by length: the longer name must not win."""
    metric = zero_shot()
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = dict(classes=('bag', 'a very long name'))
    evaluator.process(clouds([[1.0, 0.9], [0.0, 1.0], [3.0, 1.0]], [0, 1, 1], 'test'))
    evaluator.process(clouds([[1.0, 0.0]] * 3, [1, 1, 1], 'train'))
    assert evaluator.evaluate(6) == {'zeroshot/test_top1': pytest.approx(200 / 3)}


def test_zero_shot_top_k_with_many_classes() -> None:
    metric = zero_shot(classes=list('abcdefg'), split=None)
    scores = [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    evaluator = Evaluator(metric)
    evaluator.process(clouds([scores] * 4, [0, 2, 3, 6], 'train'))
    assert evaluator.evaluate(4) == {
        'zeroshot/all_top1': 25.0,
        'zeroshot/all_top3': 50.0,
        'zeroshot/all_top5': 75.0,
    }


@pytest.mark.parametrize(
    ('classes', 'feature', 'message'),
    [
        (['a'], [1.0, 0.0], '1 class names for labels up to 1'),
        (['a', 'b'], [1.0, 0.0, 0.0], '3 wide'),
    ],
)
def test_zero_shot_errors(classes, feature, message) -> None:
    evaluator = Evaluator(zero_shot(classes=classes))
    evaluator.process(clouds([feature], [1], 'test'))
    with pytest.raises(ValueError, match=message):
        evaluator.evaluate(1)


def test_zero_shot_of_an_absent_split() -> None:
    evaluator = Evaluator(zero_shot(classes=['a', 'b']))
    evaluator.process(clouds([[1.0, 0.0]], [1], 'train'))
    with pytest.raises(ValueError, match="split 'test'"):
        evaluator.evaluate(1)


def test_zero_shot_needs_the_text_teacher_of_the_model() -> None:
    evaluator = Evaluator(ZeroShotAccuracy(classes=['a', 'b']))
    evaluator.process(clouds([[1.0, 0.0]], [1], 'test'))
    with pytest.raises(ValueError, match='PrepareTeachersHook'):
        evaluator.evaluate(1)


def test_zero_shot_without_what_all_classes_share() -> None:
    """A cloud near the mean of the training classes is judged by how it differs from that."""
    features = clouds([[5.4, 5.4]], [1], 'test')  # the angle says the first class
    found = {}
    for reference in (None, ['abcdefgh', 'abcd']):
        metric = zero_shot(classes=['abcdefgh', 'abcd'])
        metric.text_teacher = LinesTextTeacher()
        metric.reference = reference
        evaluator = Evaluator(metric)
        evaluator.process(features)
        found[reference is None] = evaluator.evaluate(1)['zeroshot/test_top1']
    assert found == {True: 0.0, False: 100.0}


class LinesTextTeacher:
    """Features that differ little from their mean."""

    def class_features(self, classes: list[str]) -> Tensor:
        return torch.tensor([[6.0 - (len(name) < 5), 6.0] for name in classes])


def test_cosines_are_of_differences_from_the_center() -> None:
    clouds_, classes = torch.randn(5, 3), torch.randn(4, 3)
    center = torch.randn(3)
    expected = torch.cosine_similarity((clouds_ - center)[:, None], (classes - center)[None], -1)
    torch.testing.assert_close(class_cosines(clouds_, classes, center), expected)
    plain = torch.cosine_similarity(clouds_[:, None], classes[None], -1)
    torch.testing.assert_close(class_cosines(clouds_, classes, None), plain)


def test_reference_classes_are_those_of_a_model_that_centers(log) -> None:
    model = SimpleNamespace(zeroshot_centered=True)
    assert reference_classes(model, ['a', 'b']) == ['a', 'b']
    assert reference_classes(SimpleNamespace(), ['a', 'b']) is None
    assert not log.records
    assert reference_classes(model, ['shape']) is None
    assert reference_classes(model, None) is None
    assert log.text.count('Zero-shot without a center') == 2
    for strange in (5, 'ab', [b'a', b'b'], ['a', ' ']):
        with pytest.raises(ValueError, match='trained on the classes'):
            reference_classes(model, strange)
