"""Hooks, schedules and optimizer parts that MMEngine does not have."""

from recon_mm.utils.safe_globals import allow_mmengine_checkpoints

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .buffered_runtime_info_hook import BufferedRuntimeInfoHook
from .check_classes_hook import CheckClassesHook
from .compile_hook import CompileHook
from .cosine_schedule import WarmedUpCosineLR, WarmUpLR
from .epoch_seed_hook import EpochSeedHook
from .optim_wrapper_constructor import GroupedOptimWrapperConstructor
from .prepare_teachers_hook import PrepareTeachersHook
from .resume import find_resumable_checkpoint
from .seeded_test_loop import SeededTestLoop
from .unwrap_checkpoint_hook import UnwrapCheckpointHook
from .validate_untrained_hook import ValidateUntrainedHook

allow_mmengine_checkpoints()

__all__ = [
    'AtomicCheckpointHook',
    'BFloat16OptimWrapper',
    'BufferedRuntimeInfoHook',
    'CheckClassesHook',
    'CompileHook',
    'EpochSeedHook',
    'GroupedOptimWrapperConstructor',
    'PrepareTeachersHook',
    'SeededTestLoop',
    'UnwrapCheckpointHook',
    'ValidateUntrainedHook',
    'WarmUpLR',
    'WarmedUpCosineLR',
    'find_resumable_checkpoint',
]
