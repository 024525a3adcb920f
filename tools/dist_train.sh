#!/usr/bin/env bash
# Trains on N processes of one machine (one GPU each):
#   tools/dist_train.sh CONFIG N [arguments of tools/train.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR and PORT as torchrun has them.
set -euo pipefail

config=${1:?usage: dist_train.sh CONFIG N [arguments of train.py]}
processes=${2:?usage: dist_train.sh CONFIG N [arguments of train.py]}

python -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node-rank="${NODE_RANK:-0}" \
    --master-addr="${MASTER_ADDR:-127.0.0.1}" \
    --master-port="${PORT:-29500}" \
    --nproc-per-node="$processes" \
    "$(dirname "$0")/train.py" "$config" --launcher pytorch "${@:3}"
