"""The pretraining algorithm: its ablations, its modes, its errors."""

import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from recon_mm.models import ReCon
from recon_mm.models.heads import SelfContrastHead
from recon_mm.models.heads.self_contrast_head import self_contrast_loss
from recon_mm.registry import MODELS


@MODELS.register_module()
class CategoryTeacher(nn.Module):
    """A frozen teacher that knows the category only."""

    def __init__(self, feature_dims: int = 16) -> None:
        super().__init__()
        self.feature_dims = feature_dims

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return inputs['category'][:, None].float().expand(-1, self.feature_dims)


DEPTH = dict(depth=dict(head=dict(type='CrossModalHead'), teacher=dict(type='CategoryTeacher')))


def tiny_model_config(name: str) -> ConfigDict:
    """The model of a pretraining config, made small, with teachers that need no weights."""
    model = Config.fromfile(f'configs/recon/{name}.py').model
    model.backbone.update(depth=3, num_groups=16, group_size=8, embed_dims=24, num_heads=2)
    if model.get('neck'):
        model.neck.depth = 1
    for modality in model.modalities.values():
        if modality:
            modality.head.feature_dims = 16
            modality.teacher = dict(type='CategoryTeacher')
    return model


def build(model: ConfigDict) -> ReCon:
    init_default_scope('recon_mm')
    return MODELS.build(model)


@pytest.fixture
def inputs() -> dict[str, Tensor]:
    return dict(points=torch.rand(4, 128, 3), category=torch.tensor([0, 1, 1, 2]))


LOSSES = {
    'pretrain_shapenet': {'loss_reconstruction', 'loss_image', 'loss_text'},
    'pretrain_shapenet_single_modal': {
        *('loss_reconstruction', 'loss_image', 'loss_text', 'loss_self_contrast')
    },
    'pretrain_shapenet_no_image': {'loss_reconstruction', 'loss_text'},
    'pretrain_shapenet_no_text': {'loss_reconstruction', 'loss_image'},
    'pretrain_shapenet_contrast_only': {'loss_image', 'loss_text'},
    'pretrain_shapenet_reconstruct_only': {'loss_reconstruction'},
}


@pytest.mark.parametrize(('name', 'expected'), LOSSES.items())
def test_every_trainable_parameter_is_reached(name: str, expected: set, inputs) -> None:
    """Otherwise several processes would wait for its gradient forever."""
    model = build(tiny_model_config(name)).train()
    losses = model(inputs, mode='loss')
    assert set(losses) == expected
    sum(losses.values()).backward()
    for parameter_name, parameter in model.named_parameters():
        assert (parameter.grad is not None) == parameter.requires_grad, parameter_name


def test_the_same_losses_under_bfloat16(inputs) -> None:
    model = build(tiny_model_config('pretrain_shapenet_single_modal')).eval()
    torch.manual_seed(1)
    expected = model(inputs, mode='loss')
    torch.manual_seed(1)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        actual = model(inputs, mode='loss')
    for key, value in expected.items():
        torch.testing.assert_close(actual[key].float(), value, rtol=0.05, atol=0.02)


def test_embedding_only_visible_patches_is_the_same_in_eval_mode(inputs) -> None:
    config = tiny_model_config('pretrain_shapenet')
    model = build(config).eval()
    patches = model.backbone.group(inputs['points'])
    visible = model.masking(patches.center).visible
    embedded = model.backbone.patch_embed(patches.neighborhood)
    expected = embedded.gather(1, visible[..., None].expand(-1, -1, 24))
    actual, _ = model.backbone._embed(patches, visible)
    torch.testing.assert_close(actual, expected)


def test_predict_gives_both_features(inputs) -> None:
    model = build(tiny_model_config('pretrain_shapenet')).eval()
    samples = model(inputs, mode='predict')
    assert len(samples) == 4
    assert samples[0].feature.shape == (48,)
    assert samples[0].zeroshot_feature.shape == (16,)


def test_no_zeroshot_feature_without_a_common_space(inputs) -> None:
    config = tiny_model_config('pretrain_shapenet')
    config.modalities.image.head.feature_dims = 20
    samples = build(config).eval()(inputs, mode='predict')
    assert 'zeroshot_feature' not in samples[0]


def test_reconstructed_clouds_lie_where_the_input_is(inputs) -> None:
    model = build(tiny_model_config('pretrain_shapenet')).eval()
    result = model.reconstruct_clouds(inputs['points'])
    assert result['visible'].shape == (4, 7 * 8, 3)
    assert result['predicted'].shape == (4, 9 * 8, 3)
    distance = torch.cdist(result['visible'], inputs['points']).amin(-1)
    assert distance.max() < 1e-3
    assert result['masked'].shape == result['predicted'].shape
    assert torch.cdist(result['masked'], inputs['points']).amin(-1).max() < 1e-3


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(zeroshot_centered=True), 'sum to 1.25, expected 1'),
        (dict(neck=None), 'neck and reconstruction_head go together'),
        (dict(image_teacher=None), r"'image' has \['head'\], expected head and teacher"),
        (dict(self_contrast_head=None, modalities=DEPTH), 'add depth=1 to backbone.global_tokens'),
        (dict(masking=None), 'reconstruction needs masking'),
        (dict(neck=None, reconstruction_head=None), 'set it to False'),
        (
            dict(
                neck=None,
                reconstruction_head=None,
                modalities=None,
            ),
            'there is no loss',
        ),
    ],
)
def test_impossible_combinations(change: dict, message: str) -> None:
    config = tiny_model_config('pretrain_shapenet')
    with pytest.raises(ValueError, match=message):
        build(ConfigDict({**config, **change}))


def test_configs_of_version_0_1() -> None:
    """Heads and teachers given as separate arguments override those of the modalities."""
    config = tiny_model_config('pretrain_shapenet')
    config.image_teacher = dict(feature_dims=20)
    config.update(text_head=None, text_teacher=None)
    model = build(config)
    assert list(model.heads) == list(model.teachers) == ['image']
    assert model.teachers['image'].feature_dims == 20
    with pytest.raises(TypeError, match="unexpected argument 'image_weights'"):
        build(ConfigDict({**config, 'image_weights': None}))


def test_a_third_modality_from_the_config_alone(inputs) -> None:
    config = tiny_model_config('pretrain_shapenet')
    config.backbone.global_tokens = dict(cls=1, image=1, text=1, depth=2)
    config.modalities.depth = dict(
        head=dict(type='CrossModalHead', feature_dims=12),
        teacher=dict(type='CategoryTeacher', feature_dims=12),
    )
    model = build(config).train()
    losses = model(inputs, mode='loss')
    assert set(losses) == LOSSES['pretrain_shapenet'] | {'loss_depth'}
    losses['loss_depth'].backward()
    assert model.backbone.depth_token.shape == (1, 2, 24)
    assert (model.backbone.depth_token.grad.abs().sum(2) > 0).all()
    assert model.backbone.image_token.grad.abs().max() == 0
    assert model.eval()(inputs, mode='tensor').global_tokens.shape == (4, 5, 24)


@pytest.mark.parametrize(
    'name',
    [
        'pretrain_shapenet_single_modal',
        'classification_modelnet40_1k_full',
        'part_segmentation_shapenetpart',
        'semantic_segmentation_s3dis',
    ],
)
def test_the_backbone_says_the_width_of_every_part(name: str) -> None:
    """One override makes any task small."""
    model = Config.fromfile(f'configs/recon/{name}.py').model
    model.backbone.update(embed_dims=48, num_heads=2)
    for modality in model.get('modalities', {}).values():
        modality.teacher = dict(type='CategoryTeacher', feature_dims=modality.head.feature_dims)
    built = build(model)
    points = torch.rand(2, 256, 9 if 's3dis' in name else 3)
    inputs = dict(points=points, category=torch.tensor([0, 1]))
    built.eval()(inputs, mode='tensor')
    if isinstance(built, ReCon):
        assert 'loss_self_contrast' in built.train()(inputs, mode='loss')


def test_extract_feat(inputs) -> None:
    model = build(tiny_model_config('pretrain_shapenet')).eval()
    assert model.extract_feat(inputs['points']).patch_tokens.shape == (4, 16, 24)
    assert model.extract_feat(inputs['points'], 'classification').shape == (4, 4 * 24)
    assert model.extract_feat(inputs['points'], 'probing').shape == (4, 2 * 24)
    with pytest.raises(ValueError, match="found 'neck'"):
        model.extract_feat(inputs['points'], 'neck')


def test_teacher_of_a_different_width(inputs) -> None:
    config = tiny_model_config('pretrain_shapenet')
    config.modalities.image.teacher.feature_dims = 20
    with pytest.raises(ValueError, match="set the head's feature_dims to 20"):
        build(config)(inputs, mode='loss')


def test_self_contrast_says_that_it_reads_categories(inputs) -> None:
    config = tiny_model_config('pretrain_shapenet_single_modal')
    config.modalities = None  # whose teachers here read categories too
    model = build(config)
    del inputs['category']
    with pytest.raises(KeyError, match="SelfContrastHead needs inputs\\['category'\\]"):
        model(inputs, mode='loss')


def plain_self_contrast(embedding: Tensor, category: Tensor, temperature: float) -> Tensor:
    """The loss sample by sample, as the paper states it."""
    losses = []
    for i in range(len(embedding)):
        similarity = embedding @ embedding[i]
        same = category == category[i]
        logits = torch.cat([similarity[same].mean()[None], similarity[~same]]) / temperature
        target = torch.zeros(1, dtype=torch.long)
        losses.append(nn.functional.cross_entropy(logits[None], target))
    return torch.stack(losses).mean()


def test_self_contrast_equals_the_loop_over_samples() -> None:
    embedding = nn.functional.normalize(torch.randn(12, 8), dim=1)
    category = torch.randint(4, (12,))
    actual = self_contrast_loss(embedding, category, 0.1, slice(0, 12))
    torch.testing.assert_close(actual, plain_self_contrast(embedding, category, 0.1))


def test_self_contrast_of_one_category_is_zero() -> None:
    """No negatives: nothing to tell apart, and no NaN."""
    head = SelfContrastHead(embed_dims=8)
    loss = head.loss(torch.randn(4, 8), torch.zeros(4, dtype=torch.long))
    assert loss.item() == 0
