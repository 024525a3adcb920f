#!/usr/bin/env bash
# Trains under Slurm:
#   GPUS=8 tools/slurm_train.sh PARTITION JOB_NAME CONFIG [arguments of tools/train.py]
# GPUS: all processes; GPUS_PER_NODE, CPUS_PER_TASK; SRUN_ARGS: anything more for srun.
set -euo pipefail

usage='usage: slurm_train.sh PARTITION JOB_NAME CONFIG [arguments of train.py]'
partition=${1:?$usage}
job_name=${2:?$usage}
config=${3:?$usage}
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}

# shellcheck disable=SC2086 - SRUN_ARGS is a list of words
srun --partition="$partition" \
    --job-name="$job_name" \
    --gres="gpu:$per_node" \
    --ntasks="$gpus" \
    --ntasks-per-node="$per_node" \
    --cpus-per-task="${CPUS_PER_TASK:-8}" \
    --kill-on-bad-exit=1 \
    ${SRUN_ARGS:-} \
    python -u "$(dirname "$0")/train.py" "$config" --launcher slurm "${@:4}"
