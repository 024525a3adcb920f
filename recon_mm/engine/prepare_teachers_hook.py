"""Loads the frozen teachers before the first step, says which, and serves zero-shot metrics."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import Evaluator
from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.evaluation import ZeroShotAccuracy
from recon_mm.evaluation.zero_shot import reference_classes
from recon_mm.models.checkpoint import unwrap_model
from recon_mm.models.teachers import CLIPTextTeacher, FrozenTeacher
from recon_mm.registry import HOOKS

from .sentence_tables import keep_sentence_tables
from .teacher_report import report_teachers


@HOOKS.register_module()
class PrepareTeachersHook(Hook):
    """Tells text teachers the categories of the training set and loads every teacher's weights.

    The log then has one line per modality: which teacher, its weights, width, trained or not.
    A text teacher whose config names its classes keeps them; their number must be the data set's.
    Zero-shot metrics get the text teacher of the model that they test and, if it centers features,
    the classes that it was trained on: those of the checkpoint, or of the training set. Sentence
    features are stored on disk, in training and in tests.
    """

    trained_on: Sequence[str] | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keeps the classes that the model was trained on."""
        meta = (checkpoint.get('meta') or {}).get('dataset_meta') or {}
        self.trained_on = meta.get('classes')

    def before_run(self, runner: Runner) -> None:
        """Makes text teachers store their tables on disk."""
        keep_sentence_tables(runner.model)

    def before_train(self, runner: Runner) -> None:
        """Prepares the teachers of the runner's model.

        Raises:
            ValueError: If the number of a text teacher's configured classes is not the data set's.
        """
        for teacher in unwrap_model(runner.model).modules():
            if isinstance(teacher, CLIPTextTeacher):
                self._tell_classes(teacher, runner)
            if isinstance(teacher, FrozenTeacher):
                teacher.prepare()
        dataset: Any = runner.train_dataloader.dataset
        self.trained_on = dataset.metainfo.get('classes')
        for line in report_teachers(unwrap_model(runner.model), dataset):
            runner.logger.info(line)

    def before_val(self, runner: Runner) -> None:
        """Gives the metrics of the validation their text teacher."""
        loop: Any = runner.val_loop
        self._share_text_teacher(runner, loop.evaluator)

    def before_test(self, runner: Runner) -> None:
        """Gives the metrics of the test their text teacher."""
        loop: Any = runner.test_loop
        self._share_text_teacher(runner, loop.evaluator)

    def _share_text_teacher(self, runner: Runner, evaluator: Evaluator) -> None:
        model = unwrap_model(runner.model)
        for metric in evaluator.metrics:
            if isinstance(metric, ZeroShotAccuracy):
                metric.text_teacher = getattr(model, 'text_teacher', None)
                metric.reference = reference_classes(model, self.trained_on)

    @staticmethod
    def _tell_classes(teacher: CLIPTextTeacher, runner: Runner) -> None:
        dataset: Any = runner.train_dataloader.dataset
        classes = dataset.metainfo.get('classes')
        if classes is None:
            if teacher.classes is None:
                raise ValueError(
                    f'{type(dataset).__name__} has no classes in its METAINFO; give the text '
                    'teacher classes=[...]'
                )
        elif teacher.classes is None:
            teacher.set_classes(classes)
        elif len(teacher.classes) != len(classes):
            raise ValueError(
                f'the text teacher is configured with {len(teacher.classes)} classes and '
                f'{type(dataset).__name__} has {len(classes)}; leave classes out of the config '
                'to take them from the data set'
            )
