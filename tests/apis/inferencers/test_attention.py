"""Attention of clouds of any size."""

import numpy as np
import torch

from recon_mm.apis import AttentionInferencer
from recon_mm.visualization import read_attention


def test_attention_lies_where_the_cloud_is(tiny_config, clouds) -> None:
    cfg = tiny_config('linear_svm_modelnet40')
    infer = AttentionInferencer(cfg, block=0, up='z', device='cpu')
    found = infer(clouds[:2], draw=True)
    for cloud, result, row in zip(clouds, found['predictions'], found['visualization']):
        assert result['attention'].shape == (3, 16) and result['tokens'] == ['cls', 'image', 'text']
        distance = np.linalg.norm(result['center'][:, None] - cloud, axis=2).min(1)  # (16,)
        assert distance.max() < 1e-4
        x, y, z = cloud.T
        assert np.allclose(row[0].points, np.stack([x, z, -y], axis=1))
        # At the center of a patch, its attention in multiples of the uniform one.
        at = np.linalg.norm(result['center'][:, None] - cloud, axis=2).argmin(1)
        assert np.allclose(row[1].values[at], 16 * result['attention'][0], rtol=1e-2)
    points = torch.tensor(clouds[0] @ infer.pipeline.rotation.T)[None]
    data = infer.model.data_preprocessor({'inputs': {'points': points}}, training=False)
    alone, _ = read_attention(infer.model.backbone, data['inputs']['points'], 0)
    assert np.allclose(found['predictions'][0]['attention'], alone[0], atol=1e-5)
