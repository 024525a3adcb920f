"""Hooks, schedules and optimizer parts that MMEngine does not have."""

from recon_mm.utils.safe_checkpoint import register_loaders

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .buffered_runtime_info_hook import BufferedRuntimeInfoHook
from .check_classes_hook import CheckClassesHook
from .check_loss_hook import CheckLossHook
from .compile_hook import CompileHook
from .cosine_schedule import WarmedUpCosineLR, WarmUpLR
from .epoch_seed_hook import EpochSeedHook
from .finite_optim_wrapper import FiniteOptimWrapper
from .optim_wrapper_constructor import GroupedOptimWrapperConstructor
from .prepare_teachers_hook import PrepareTeachersHook
from .progress_hook import ProgressHook
from .quiet_runner import QuietRunner
from .resume import find_resumable_checkpoint
from .seeded_test_loop import SeededTestLoop
from .sentence_tables import keep_sentence_tables
from .trim_memory_hook import TrimMemoryHook
from .unwrap_checkpoint_hook import UnwrapCheckpointHook
from .validate_untrained_hook import ValidateUntrainedHook

register_loaders()

__all__ = [
    'AtomicCheckpointHook',
    'BFloat16OptimWrapper',
    'BufferedRuntimeInfoHook',
    'CheckClassesHook',
    'CheckLossHook',
    'CompileHook',
    'EpochSeedHook',
    'FiniteOptimWrapper',
    'GroupedOptimWrapperConstructor',
    'PrepareTeachersHook',
    'ProgressHook',
    'QuietRunner',
    'SeededTestLoop',
    'TrimMemoryHook',
    'UnwrapCheckpointHook',
    'ValidateUntrainedHook',
    'WarmUpLR',
    'WarmedUpCosineLR',
    'find_resumable_checkpoint',
    'keep_sentence_tables',
]
