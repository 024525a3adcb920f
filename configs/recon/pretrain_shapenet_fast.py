# Everything that makes pretraining fast: stored image features, packed clouds, bfloat16, and the
# loss compiled to one graph (docs/performance.md). On a GPU add CUDA graphs:
#   --cfg-options custom_hooks.1.mode=reduce-overhead
_base_ = './pretrain_shapenet_packed.py'
optim_wrapper = dict(type='BFloat16OptimWrapper')
custom_hooks = [dict(type='PrepareTeachersHook'), dict(type='CompileHook')]
