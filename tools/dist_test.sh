#!/usr/bin/env bash
# Tests on N processes of one machine (one GPU each):
#   tools/dist_test.sh CONFIG CHECKPOINT N [arguments of tools/test.py]
# Several machines: NNODES, NODE_RANK, MASTER_ADDR and PORT as torchrun has them.
set -euo pipefail

config=${1:?usage: dist_test.sh CONFIG CHECKPOINT N [arguments of test.py]}
checkpoint=${2:?usage: dist_test.sh CONFIG CHECKPOINT N [arguments of test.py]}
processes=${3:?usage: dist_test.sh CONFIG CHECKPOINT N [arguments of test.py]}

python -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node-rank="${NODE_RANK:-0}" \
    --master-addr="${MASTER_ADDR:-127.0.0.1}" \
    --master-port="${PORT:-29500}" \
    --nproc-per-node="$processes" \
    "$(dirname "$0")/test.py" "$config" "$checkpoint" --launcher pytorch "${@:4}"
