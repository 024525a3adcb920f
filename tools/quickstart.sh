#!/usr/bin/env bash
# Installs the package into the active environment and pretrains a small ReCon on data that the
# project generates: no download of data or weights, no GPU, no compiler.
#   bash tools/quickstart.sh
# Leaves in work_dirs/quickstart: the log, checkpoints, and reconstruction.png.
set -euo pipefail
cd "$(dirname "$0")/.."

out=work_dirs/quickstart
export RECON_DATA=data/demo

echo 'Installing (torch is several GB)...'
# A compiled mmcv serves as well as mmcv-lite; they must not be installed over each other.
if python -c 'import mmcv' 2>/dev/null; then
    pip install --quiet -e '.[demo]'
else
    pip install --quiet -e '.[demo,lite]'
fi

if [ ! -e "$RECON_DATA/ShapeNet55-34" ]; then
    python tools/dataset_converters/make_demo_data.py --out "$RECON_DATA" --sets shapenet55 modelnet
fi
python tools/cache_teacher_features.py configs/recon/pretrain_demo.py \
    --views 2 --num-workers 2 --out "$RECON_DATA/ShapeNet55-34/teacher_features"
python tools/train.py configs/recon/pretrain_demo_cached.py --work-dir "$out" --resume
python tools/analysis_tools/visualize_reconstruction.py configs/recon/pretrain_demo_cached.py \
    "$(cat "$out/last_checkpoint")" --out "$out/reconstruction.png"
python tools/analysis_tools/summarize_validation.py "$out"
