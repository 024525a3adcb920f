"""Linear SVM on frozen features: how good they are without any fine-tuning (paper, table 4)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from recon_mm.registry import METRICS
from recon_mm.utils import require

from .fields import batch_field, splits


@METRICS.register_module()
class LinearSVM(BaseMetric):
    """Fits a linear SVM on the features of the training split, reports accuracy on the test split.

    Reads ``feature``, ``gt_label`` and ``split`` (``'train'`` or ``'test'``) of one data set that
    holds both splits. Gives ``svm/accuracy`` in percent. Features are used as they are, without
    standardization, as in the release. Where all samples are of one class there is no metric.

    Args:
        C: Regularization of scikit-learn's ``LinearSVC``.
        test_split: The split that is scored; ``'val'`` of a data set without a test split.
        **kwargs: Those of MMEngine's ``BaseMetric``.
    """

    default_prefix = 'svm'

    def __init__(self, C: float = 0.075, test_split: str = 'test', **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.C = C
        self.test_split = test_split

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps feature, label and split of each sample."""
        features = batch_field(data_samples, 'feature').float().numpy()
        labels = batch_field(data_samples, 'gt_label').flatten().tolist()
        self.results += zip(features, labels, splits(data_samples))

    def compute_metrics(self, results: list[tuple[np.ndarray, int, str]]) -> dict[str, float]:
        """Fits and scores.

        Raises:
            ValueError: If one of the splits is missing.
        """
        svm = require('sklearn.svm', 'probing')
        features, labels, split = (np.array(column) for column in zip(*results))
        is_train, is_test = split == 'train', split == self.test_split
        if not is_train.any() or not is_test.any():
            raise ValueError(
                f"LinearSVM needs samples of the splits 'train' and '{self.test_split}', found "
                f'only {sorted(set(split.tolist()))}: join both splits in the dataloader, e.g. by '
                'ConcatDataset; or train without validation (--no-validate)'
            )
        if len(set(labels[is_train].tolist())) < 2:
            print_log('Linear SVM: all shapes are of one class, nothing to tell apart', 'current')
            return {}
        # The primal problem, which converges for any features; the dual, which scikit-learn would
        # choose for fewer clouds than features, does not where these are nearly the same.
        classifier = svm.LinearSVC(C=self.C, dual=False)
        classifier.fit(features[is_train], labels[is_train])
        accuracy = 100 * classifier.score(features[is_test], labels[is_test])
        print_log(
            f'Linear SVM (C={self.C}), features of width {features.shape[1]}: fitted on '
            f"{is_train.sum()} clouds of 'train', {accuracy:.2f} % on {is_test.sum()} of "
            f"'{self.test_split}'",
            logger='current',
        )
        return dict(accuracy=float(accuracy))
