"""ReCon++ against its authors' code: every array, loss and gradient norm of the vectors."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.registry import init_default_scope
from torch import Tensor

from recon_mm.models.layers import CausalMasking, PatchMask, directions, sine_position
from recon_mm.models.release_reconpp import from_release, to_release
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample
from tests.models.test_reference import GivenTarget, close
from tests.reference import reference_state_dict, reference_vectors

UNUSED = {f'{prefix}norm.{name}' for prefix in ('', 'model.') for name in ('weight', 'bias')}
KINDS = ('mae', 'causal')
ROUNDING = 1e-5
LOSSES = {
    'cd_l1': 'loss_chamfer_l1',
    'cd_l2': 'loss_chamfer_l2',
    'color': 'loss_color',
    'img': 'loss_image',
    'text': 'loss_text',
}


def backbone_config(config: dict, causal: bool) -> dict:
    return dict(
        type='CausalReConPPTransformer' if causal else 'ReConPPTransformer',
        embed_dims=config['embed_dim'],
        depth=config['depth'],
        num_heads=config['num_heads'],
        num_groups=config['num_group'],
        group_size=config['group_size'],
        mlp_ratio=48 / 11 if 'giant' in config.get('pretrained_model_name', '') else 4.0,
        layer_scale='dino' in config.get('pretrained_model_name', ''),
        stop_gradient=config.get('stop_grad', False),
        channels=6 if config['with_color'] else 3,
        large_embedding=config['large_embedding'],
        global_tokens=dict(image=config['img_queries'], text=config['text_queries']),
    )


def decoder_config(config: dict, causal: bool) -> dict:
    kind = dict(type='CausalPointDecoder') if causal else dict(type='MaskedPointDecoder', plus=True)
    return dict(depth=config['decoder_depth'], **kind)


class Pretraining:
    """A model with the weights and the mask of the vectors, and the vectors."""

    def __init__(self, folder: Path, stage: str = 'all') -> None:
        init_default_scope('recon_mm')
        config = json.loads((folder / 'config.json').read_text())
        self.causal = config['mask_type'] == 'causal'
        self.vectors = reference_vectors(folder)
        head = dict(type='MatchingHead')
        self.model: Any = MODELS.build(
            dict(
                type='ReCon',
                backbone=backbone_config(config, self.causal),
                masking=dict(type='CausalMasking' if self.causal else 'RandomMasking'),
                neck=decoder_config(config, self.causal),
                reconstruction_head=dict(type='GenerationHead'),
                modalities=dict(
                    image=dict(head=head, teacher=dict(type='GivenTarget', key='img_target')),
                    text=dict(head=head, teacher=dict(type='GivenTarget', key='text_target')),
                ),
                zeroshot_weights=dict(image=1.0, text=0.5),
                stage=stage,
            )
        )
        self.release = reference_state_dict(folder)
        weights, unknown = from_release(self.release)
        assert unknown == []
        assert weights.keys() == self.model.state_dict().keys()
        self.model.load_state_dict(weights)
        points = self.vectors['points']
        if 'colors' in self.vectors:
            points = torch.cat([points, self.vectors['colors']], dim=-1)
        self.inputs = {'points': points}
        self.inputs |= {name: self.vectors[name] for name in ('img_target', 'text_target')}
        if self.causal:
            hidden = self.vectors['column_mask'].nonzero().flatten()
            self.mask = CausalMasking.mask(self.vectors['center'], hidden)
        else:
            mask = self.vectors['mask']
            self.mask = PatchMask.from_scores(-mask.int(), int(mask[0].sum()))
        self.model.masking.forward = lambda center: self.mask

    def losses(self) -> dict[str, Tensor]:
        losses = self.model(self.inputs, mode='loss')
        named = {short: losses[name] for short, name in LOSSES.items() if name in losses}
        named['all'] = torch.stack(list(losses.values())).sum()
        if 'cd_l1' in named:
            kept = [named[name] for name in ('cd_l1', 'cd_l2', 'color') if name in named]
            named['reconstruct'] = torch.stack(kept).sum()
        if 'img' in named:
            named['contrast'] = named['img'] + named['text']
        return named


@pytest.fixture(params=KINDS)
def case(request, reference_dir) -> Pretraining:
    return Pretraining(reference_dir / 'reconpp' / request.param)


def close_sorted(neighborhood: Tensor, expected: Tensor) -> None:
    close(neighborhood[..., :3].norm(dim=-1).sort(dim=-1).values, expected)


def test_patches_and_positions(case) -> None:
    model, vectors = case.model.eval(), case.vectors
    patches = model.backbone.group(case.inputs['points'])
    assert torch.equal(patches.center_index, vectors['center_index'].long())
    close(patches.center, vectors['center'])
    close_sorted(patches.neighborhood, vectors['neighborhood_sorted_norm'])
    close(model.backbone.patch_embed(patches.neighborhood), vectors['patch_embed_eval'])
    if case.causal:
        dims = model.backbone.embed_dims
        close(sine_position(patches.center, dims), vectors['pos'])
        close(sine_position(directions(patches.center), dims), vectors['decoder_pos'])
        assert torch.equal(case.mask.attention, ~vectors['attn_mask'])
    else:
        close(model.backbone.pos_embed(patches.center), vectors['pos'])
        close(model.neck.pos_embed(patches.center), vectors['decoder_pos'])


def test_tokens_of_complete_clouds(case) -> None:
    features = case.model.eval()(case.inputs)
    close(features.patch_tokens, case.vectors['local_features'])
    close(features.global_tokens, case.vectors['global_features'])
    zeroshot = case.model.zeroshot_feature(features)
    close(zeroshot, case.vectors['zeroshot_feature_ratio_0_5'])


def test_masked_tokens_and_generated_points(case) -> None:
    model, vectors = case.model.eval(), case.vectors
    patches = model.backbone.group(case.inputs['points'])
    features = model.backbone.forward_patches(patches, case.mask.shown())
    close(features.patch_tokens, vectors['masked_local_features'])
    close(features.global_tokens, vectors['masked_global_features'])
    for name, short in (('image', 'img'), ('text', 'text')):
        tokens = model.heads[name](model.global_group(features, name))
        close(tokens, vectors[f'{short}_token'])
        row = model.heads[name].match(tokens, vectors[f'{short}_target'])
        assert torch.equal(row, vectors[f'{short}_assignment'].long())
    decoded, target = model.reconstruct(features, patches, case.mask)
    generated = model.reconstruction_head(decoded).flatten(0, 1)
    close(generated, vectors['generated_points'])
    close_sorted(target.flatten(0, 1), vectors['gt_points_sorted_norm'])


@pytest.mark.parametrize('mode', ['eval', 'train'])
def test_losses(case, mode) -> None:
    losses = case.model.train(mode == 'train') and case.losses()
    expected = {k: v for k, v in case.vectors.items() if k.startswith(f'{mode}_loss_')}
    assert expected
    for name, value in expected.items():
        close(losses[name.removeprefix(f'{mode}_loss_')], value)
    if mode == 'train':
        norm = case.model.backbone.patch_embed.point_norm
        close(norm.running_mean, case.vectors['train_running_mean_first_bn'])
        close(norm.running_var, case.vectors['train_running_var_first_bn'])


def test_assignments_in_training(case, monkeypatch) -> None:
    rows = {}
    for name, head in case.model.heads.items():
        match = head.match
        monkeypatch.setattr(head, 'match', lambda *a, n=name, m=match: rows.setdefault(n, m(*a)))
    case.model.train()(case.inputs, mode='loss')
    assert torch.equal(rows['image'], case.vectors['train_img_assignment'].long())
    assert torch.equal(rows['text'], case.vectors['train_text_assignment'].long())


def check_gradients(model: Any, release: dict[str, Tensor], file: Path) -> None:
    """Compares gradient norms by the release's names."""
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    for name, norm in json.loads(file.read_text()).items():
        (ours,) = from_release({name: release[name]})[0] or (None,)  # the unused norm has none
        gradient = gradients.get(ours)
        if norm is None:
            assert gradient is None, name
        elif norm < ROUNDING:  # a bias that a batch normalization cancels
            assert gradient is not None and gradient.norm() < 1e-3, name
        else:
            assert gradient is not None, name
            assert gradient.norm().item() == pytest.approx(norm, rel=1e-3), name


@pytest.mark.parametrize('stage', ['reconstruct', 'contrast', 'all'])
@pytest.mark.parametrize('kind', KINDS)
def test_gradient_norms_of_each_stage(reference_dir, kind, stage) -> None:
    folder = reference_dir / 'reconpp' / kind
    case = Pretraining(folder, stage)
    case.model.train()
    losses = case.losses()
    close(losses['all'], case.vectors[f'train_loss_{stage}'])
    losses['all'].backward()
    check_gradients(case.model, case.release, folder / f'train_{stage}_grad_norms.json')
    for name, parameter in case.model.named_parameters():
        assert parameter.requires_grad == (parameter.grad is not None), name


@pytest.mark.parametrize('kind', [*KINDS, 'finetune'])
def test_both_ways(reference_dir, kind) -> None:
    release = reference_state_dict(reference_dir / 'reconpp' / kind)
    ours, unknown = from_release({f'module.{name}': value for name, value in release.items()})
    assert unknown == []
    back, unknown = to_release(ours)
    assert unknown == []
    assert back.keys() == release.keys() | UNUSED & back.keys()
    for name, value in release.items():
        if name not in UNUSED:
            assert torch.equal(back[name], value), name


@pytest.fixture
def finetuned(reference_dir):
    init_default_scope('recon_mm')
    folder = reference_dir / 'reconpp' / 'finetune'
    config = json.loads((folder / 'config.json').read_text())
    backbone = backbone_config(config, causal=True)
    backbone['global_tokens']['cls'] = 1
    model: Any = MODELS.build(
        dict(
            type='GenerativeClassifier',
            backbone=backbone,
            head=dict(type='PointClsHead', num_classes=config['cls_dim'], dropout=0.0),
            neck=decoder_config(config, causal=True),
            reconstruction_head=dict(type='GenerationHead'),
        )
    )
    release = reference_state_dict(folder)
    weights, unknown = from_release(release)
    assert unknown == []
    assert weights.keys() == model.state_dict().keys()
    model.load_state_dict(weights)
    return model, reference_vectors(folder), release, folder


def labeled(vectors: dict[str, Tensor]) -> list[PointDataSample]:
    samples = []
    for label in vectors['label'].long():
        samples.append(PointDataSample())
        samples[-1].set_field(label[None], 'gt_label')
    return samples


def test_fine_tuned_features(finetuned) -> None:
    model, vectors, _, _ = finetuned
    model.eval()
    patches = model.backbone.group(vectors['points'])
    assert torch.equal(patches.center_index, vectors['center_index'].long())
    close(patches.center, vectors['center'])
    close(model.backbone.patch_embed(patches.neighborhood), vectors['patch_embed_eval'])
    dims = model.backbone.embed_dims
    close(sine_position(patches.center, dims), vectors['pos'])
    close(sine_position(directions(patches.center), dims), vectors['decoder_pos'])
    features = model.backbone.forward_patches(patches)
    close(features.patch_tokens, vectors['local_features'])
    close(features.global_tokens, vectors['global_features'])
    close(features.classification_feature(), vectors['feature'])
    generated = model.reconstruction_head(model.neck.decode(features, patches))
    close(generated.flatten(0, 1), vectors['generated_points'])
    close(model(dict(points=vectors['points'])), vectors['logits_eval'])


@pytest.mark.parametrize('mode', ['eval', 'train'])
def test_fine_tuning(finetuned, mode) -> None:
    model, vectors, release, folder = finetuned
    model.train(mode == 'train')
    logits = []
    model.head.register_forward_hook(lambda module, inputs, output: logits.append(output))
    losses = model(dict(points=vectors['points']), labeled(vectors), mode='loss')
    close(logits[0], vectors[f'logits_{mode}'])
    close(losses['loss'], vectors[f'{mode}_loss_ce'])
    rest = losses['loss_chamfer_l1'] + losses['loss_chamfer_l2']
    close(rest / model.reconstruction_weight, vectors[f'{mode}_loss_reconstruct'])
    close(losses['loss'] + rest, vectors[f'{mode}_loss_total'])
    if mode == 'train':
        (losses['loss'] + rest).backward()
        check_gradients(model, release, folder / 'train_total_grad_norms.json')


def test_the_given_target_is_registered() -> None:
    assert MODELS.get('GivenTarget') is GivenTarget
