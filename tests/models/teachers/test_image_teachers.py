import pytest
import torch
import torch.nn.functional as F

from recon_mm.models.teachers import CLIPImageTeacher, TimmImageTeacher
from recon_mm.models.teachers.clip import build_clip
from recon_mm.registry import MODELS

VIT = 'test_vit'  # timm's model for tests: 64 wide, 160 pixels
timm = pytest.importorskip('timm')


@pytest.fixture
def images():
    return torch.randint(0, 256, (2, 3, 160, 160), dtype=torch.uint8)


@pytest.fixture
def vit():
    torch.manual_seed(3)
    return timm.create_model(VIT, num_classes=7).eval()


def save_vit(vit, path, pre_logits=False, **extra):
    state = {**vit.state_dict(), **extra}
    if pre_logits:
        state['pre_logits.fc.weight'] = torch.randn(64, 64) / 8
        state['pre_logits.fc.bias'] = torch.randn(64)
    torch.save(state, path)
    return str(path), state


def vit_features(vit, images):
    normalized = (images / 255 - 0.5) / 0.5
    with torch.no_grad():
        return vit.forward_features(normalized)[:, 0]  # the class token after its norm


def test_timm_features_of_a_weight_file(tmp_path, vit, images):
    file, _ = save_vit(vit, tmp_path / 'vit.pth')
    teacher = MODELS.build({'type': 'TimmImageTeacher', 'model_name': VIT, 'pretrained': file})
    assert teacher.feature_dims == 64
    features = teacher({'images': images})
    assert features.shape == (2, 64)
    assert features.std() > 0.1
    torch.testing.assert_close(features, vit_features(vit, images), rtol=1e-4, atol=1e-5)


def test_timm_safetensors(tmp_path, vit, images):
    safetensors = pytest.importorskip('safetensors.torch')
    safetensors.save_file(vit.state_dict(), tmp_path / 'vit.safetensors')
    teacher = TimmImageTeacher(VIT, pretrained=str(tmp_path / 'vit.safetensors'))
    expected = vit_features(vit, images)
    torch.testing.assert_close(teacher({'images': images}), expected, rtol=1e-4, atol=1e-5)


def test_pre_logits_layer(tmp_path, vit, images):
    file, state = save_vit(vit, tmp_path / 'vit.pth', pre_logits=True)
    teacher = TimmImageTeacher(VIT, pretrained=file, pre_logits=True)
    hidden = vit_features(vit, images)
    layer = (state['pre_logits.fc.weight'], state['pre_logits.fc.bias'])
    expected = torch.tanh(F.linear(hidden, *layer))
    torch.testing.assert_close(teacher({'images': images}), expected, rtol=1e-4, atol=1e-5)
    # and without it, the same file gives the class token itself
    plain = TimmImageTeacher(VIT, pretrained=file)
    torch.testing.assert_close(plain({'images': images}), hidden, rtol=1e-4, atol=1e-5)
    assert teacher.describe() != plain.describe()


def test_pre_logits_that_are_not_there(tmp_path, vit):
    file, _ = save_vit(vit, tmp_path / 'vit.pth')
    with pytest.raises(ValueError, match=r'has no pre_logits\.fc\.\* weights'):
        TimmImageTeacher(VIT, pretrained=file, pre_logits=True).prepare()
    with pytest.raises(ValueError, match='needs pretrained to be a weight file'):
        TimmImageTeacher(VIT, pretrained=True, pre_logits=True)


def test_timm_refuses_other_weights(tmp_path, vit):
    file, _ = save_vit(vit, tmp_path / 'vit.pth', surprise=torch.ones(1))
    with pytest.raises(ValueError, match=r"unexpected \['surprise'\].*check model_name"):
        TimmImageTeacher(VIT, pretrained=file).prepare()
    with pytest.raises(ValueError, match=r"model_name='test_vit\.augreg_in21k', pretrained=True"):
        TimmImageTeacher(VIT, pretrained='augreg_in21k')


def test_timm_without_network_says_what_to_do(monkeypatch):
    def offline(*args, **kwargs):
        raise ConnectionError('no route to host')

    monkeypatch.setattr(timm, 'create_model', offline)
    with pytest.raises(RuntimeError, match=r'are not available .no route to host.*set pretrained'):
        TimmImageTeacher(VIT, pretrained=True).prepare()


def test_untrained_timm_teacher_is_the_same_everywhere(images):
    features = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        features.append(TimmImageTeacher(VIT, pretrained=None)({'images': images}))
        assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(*features)


def test_clip_features_of_a_weight_file(tmp_path, tiny_clip):
    torch.manual_seed(1)
    clip = build_clip(tiny_clip, None).eval()
    for parameter in clip.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    custom = clip.state_dict()
    # OpenAI's layout: one namespace, half precision, settings among the weights
    openai = {k.removeprefix('text.'): v.half() for k, v in custom.items()}
    openai['input_resolution'] = torch.tensor(32)
    torch.save(custom, tmp_path / 'custom.pt')
    torch.save(openai, tmp_path / 'openai.pt')
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
    std = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
    with torch.no_grad():
        expected = clip.encode_image((images / 255 - mean) / std)
    for name, tolerance in (('custom', 1e-4), ('openai', 1e-2)):
        teacher = CLIPImageTeacher(tiny_clip, pretrained=str(tmp_path / f'{name}.pt'))
        assert teacher.feature_dims == 32
        features = teacher({'images': images})
        assert features.dtype == torch.float32
        torch.testing.assert_close(features, expected, rtol=tolerance, atol=tolerance)
    names = [name for name, _ in teacher._hidden.network.named_parameters()]
    assert not any('token_embedding' in name for name in names)  # no text tower


def test_clip_refuses_weights_of_a_different_model(tmp_path, tiny_clip):
    state = build_clip(tiny_clip, None).visual.state_dict()
    torch.save(state, tmp_path / 'visual.pt')
    with pytest.raises(ValueError, match=r'visual\.pt are of a different architecture'):
        CLIPImageTeacher(tiny_clip, pretrained=str(tmp_path / 'visual.pt')).prepare()


def test_images_of_a_different_size_are_resized(tmp_path, vit):
    file, _ = save_vit(vit, tmp_path / 'vit.pth')
    teacher = TimmImageTeacher(VIT, pretrained=file)
    images = torch.full((1, 3, 90, 120), 200, dtype=torch.uint8)
    whole = torch.full((1, 3, 160, 160), 200, dtype=torch.uint8)
    torch.testing.assert_close(
        teacher({'images': images}), vit_features(vit, whole), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize(
    'images',
    [
        torch.zeros(2, 3, 160, 160),
        torch.zeros(2, 160, 160, 3, dtype=torch.uint8),
        torch.zeros(3, 160, 160, dtype=torch.uint8),
    ],
)
def test_wrong_images(images):
    with pytest.raises(ValueError, match=r'expected torch\.uint8'):
        TimmImageTeacher(VIT, pretrained=None)({'images': images})


def test_missing_images():
    with pytest.raises(KeyError, match="TimmImageTeacher needs inputs\\['images'\\]"):
        TimmImageTeacher(VIT, pretrained=None)({'points': torch.zeros(1)})


def test_the_papers_teachers_have_its_widths():
    assert TimmImageTeacher(pretrained=None).feature_dims == 768
    assert CLIPImageTeacher(pretrained=None).feature_dims == 512
