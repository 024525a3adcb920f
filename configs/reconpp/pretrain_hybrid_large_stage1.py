# The first of two stages: reconstruction alone; the queries and their stream stay as they are.
_base_ = './pretrain_hybrid_large.py'
model = dict(stage='reconstruct')
