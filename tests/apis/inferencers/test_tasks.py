"""Classes, parts, reconstructions and neighbors of clouds."""

import numpy as np
import pytest
import torch

from recon_mm.apis import (
    ClassificationInferencer,
    FeatureInferencer,
    PartInferencer,
    ReconstructionInferencer,
    RetrievalInferencer,
    ZeroShotInferencer,
)


def save(inferencer, path, **meta) -> str:
    torch.save(dict(state_dict=inferencer.model.state_dict(), meta=meta), path)
    return str(path)


def test_class_names_of_the_checkpoint(tiny_config, clouds, tmp_path) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full')
    untrained = ClassificationInferencer(cfg, device='cpu')
    assert untrained.classes[3] == 'class 3'  # ModelNet's are in its files
    names = [f'thing {i}' for i in range(40)]
    weights = save(untrained, tmp_path / 'c.pth', dataset_meta=dict(classes=names))
    infer = ClassificationInferencer(cfg, weights, device='cpu')
    results = infer(clouds)['predictions']
    for result in results:
        assert set(result['scores']) == set(names)
        assert sum(result['scores'].values()) == pytest.approx(1, abs=1e-5)
        assert result['score'] == max(result['scores'].values())
        assert result['class'] == next(iter(result['scores']))
    with pytest.raises(ValueError, match='2 names of classes for a head of 40'):
        ClassificationInferencer(cfg, weights, classes=['a', 'b'], device='cpu')


def test_weights_without_the_head_are_refused(tiny_config, tmp_path) -> None:
    pretrained = FeatureInferencer(tiny_config('linear_svm_modelnet40'), device='cpu')
    weights = save(pretrained, tmp_path / 'p.pth')
    with pytest.raises(ValueError, match='nothing in the file: it is not for this task'):
        ClassificationInferencer(tiny_config('classification_modelnet40_1k_full'), weights)
    del pretrained.model.neck, pretrained.model.reconstruction_head
    weights = save(pretrained, tmp_path / 'p.pth')
    with pytest.raises(ValueError, match='nothing in the file: it is not for this task'):
        ReconstructionInferencer(tiny_config('pretrain_shapenet_reconstruct_only'), weights)


@pytest.mark.parametrize(
    'kind', [ClassificationInferencer, PartInferencer, ReconstructionInferencer]
)
def test_a_config_of_another_task_is_refused(kind, tiny_config) -> None:
    name = 'part_segmentation_shapenetpart'
    if kind is PartInferencer:
        name = 'semantic_segmentation_s3dis'
    with pytest.raises(ValueError, match=r'use a .*config'):
        kind(tiny_config(name), device='cpu')


def test_parts_of_every_point(tiny_config, clouds) -> None:
    cfg = tiny_config('part_segmentation_shapenetpart')
    infer = PartInferencer(cfg, category='chair', device='cpu')
    results = infer(clouds)['predictions']
    for cloud, result in zip(clouds, results):
        assert np.array_equal(result['points'], cloud)
        assert result['parts'].shape == (len(cloud),)
        assert set(result['parts']) <= {12, 13, 14, 15}
        assert result['category'] == 'Chair'
    # With 2048 points no cloud is sampled: each is as the model alone has it.
    model, steps = infer.model, infer.pipeline.steps
    points = clouds[1]
    for step in steps:
        points = step({'points': points})['points']
    inputs = dict(points=torch.tensor(points[None]), category=torch.tensor([4]))
    with torch.no_grad():
        alone = model.predict(inputs)[0].pred_part[: len(clouds[1])].numpy()
    assert np.array_equal(results[1]['parts'], alone)
    with pytest.raises(ValueError, match="category is 'chiar', expected one of Airplane, Bag"):
        PartInferencer(cfg, category='chiar', device='cpu')


def test_reconstruction_in_place(tiny_config, clouds) -> None:
    infer = ReconstructionInferencer(tiny_config('pretrain_shapenet_reconstruct_only'), up='z')
    first, again = infer(clouds)['predictions'], infer(clouds)['predictions']
    for cloud, result, same in zip(clouds, first, again):
        assert result['masked'].shape == result['predicted'].shape == (9 * 8, 3)
        for name in ('visible', 'masked'):
            distance = np.linalg.norm(result[name][:, None] - cloud, axis=2).min(1)
            assert distance.max() < 1e-4  # points of the input
        assert result['chamfer'] > 0
        assert result['chamfer'] == same['chamfer']  # the seed decides the masks


def test_the_nearest_shapes_of_a_folder(tiny_config, clouds, tmp_path) -> None:
    rng = np.random.default_rng(0)
    for i, cloud in enumerate(clouds[:3]):
        np.save(tmp_path / f'{i}.npy', cloud)
    (tmp_path / 'bad.npy').write_bytes(b'no')
    cfg = tiny_config('linear_svm_modelnet40')
    infer = RetrievalInferencer(cfg, gallery=tmp_path, top=2, device='cpu')
    query = clouds[1] + rng.normal(size=clouds[1].shape).astype(np.float32) * 1e-4
    (result,) = infer(query)['predictions']
    nearest, similarity = next(iter(result['neighbors'].items()))
    assert nearest == str(tmp_path / '1.npy')
    assert similarity > 0.9
    assert len(result['neighbors']) == 2
    itself = infer(tmp_path / '1.npy')['predictions'][0]
    assert nearest not in itself['neighbors']
    with pytest.raises(ValueError, match='holds no shape that can be read'):
        RetrievalInferencer(cfg, gallery=[tmp_path / 'bad.npy'], device='cpu')


def test_zero_shot_needs_names(tiny_config) -> None:
    with pytest.raises(ValueError, match='needs the names of the classes'):
        ZeroShotInferencer(tiny_config('zeroshot_modelnet40'))
