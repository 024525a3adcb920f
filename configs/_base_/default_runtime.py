default_scope = 'recon_mm'
custom_imports = dict(imports=['recon_mm'], allow_failed_imports=False)

default_hooks = dict(
    runtime_info=dict(type='BufferedRuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    progress=dict(type='ProgressHook'),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='AtomicCheckpointHook', interval=10, max_keep_ckpts=3),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    epoch_seed=dict(type='EpochSeedHook'),
    check_classes=dict(type='CheckClassesHook'),
    check_loss=dict(type='CheckLossHook'),
)

env_cfg = dict(
    cudnn_benchmark=False,  # shapes are static; the model has no convolutions to tune
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
randomness = dict(seed=0)

visualizer = dict(type='PointCloudVisualizer', vis_backends=[dict(type='LocalVisBackend')])
log_processor = dict(window_size=50, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
