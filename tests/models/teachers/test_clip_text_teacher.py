import pytest
import torch

from recon_mm.models.teachers import CLIPTextTeacher
from recon_mm.models.teachers.clip import build_clip
from recon_mm.models.teachers.prompts import sentences
from recon_mm.registry import MODELS

CLASSES = ['airplane, aeroplane, plane', 'chair', 'trash bin, ashcan, dustbin']


@pytest.fixture
def config(tiny_clip):
    return {'type': 'CLIPTextTeacher', 'model_name': tiny_clip, 'pretrained': None}


@pytest.fixture
def direct(tiny_clip):
    """All 77 tokens of every sentence through the whole model, ``(3, 60, D)``."""
    open_clip = pytest.importorskip('open_clip')
    texts = [line for name in CLASSES for line in sentences(name)]
    clip = build_clip(tiny_clip, None).eval()
    with torch.no_grad():
        return clip.encode_text(open_clip.get_tokenizer(tiny_clip)(texts)).view(3, 60, -1)


def test_table_equals_full_context_encoding(config, direct):
    teacher = MODELS.build({**config, 'classes': CLASSES})
    teacher.prepare()
    table = teacher._hidden.network.table
    assert table.shape == (3, 60, 32)
    assert direct.std(dim=1).mean() > 0.01  # the sentences differ
    torch.testing.assert_close(table, direct, rtol=1e-4, atol=1e-5)


def test_draws_every_sentence_of_the_category(config, direct):
    teacher = MODELS.build({**config, 'classes': CLASSES})
    category = torch.arange(3).repeat(2000)
    drawn = teacher({'category': category})
    assert drawn.shape == (6000, 32)
    assert drawn.dtype == torch.float32
    sentence = torch.cdist(drawn, direct.flatten(0, 1)).argmin(dim=1)
    assert torch.equal(sentence // 60, category)
    counts = torch.bincount(sentence, minlength=180)  # 33 expected of each
    assert counts.min() >= 12
    assert counts.max() <= 60


def test_what_keeps_tables_is_told_all_they_depend_on(config, direct):
    kept = []

    def keep(origin, compute):
        kept.append(origin)
        return compute() + 1

    teacher = MODELS.build({**config, 'classes': CLASSES})
    teacher.keep_tables(keep)
    teacher.prepare()
    torch.testing.assert_close(teacher._hidden.network.table, direct + 1, rtol=1e-4, atol=1e-5)
    features = teacher.class_features(['chair'])
    torch.testing.assert_close(features, (direct[1:2] + 1).mean(dim=1), rtol=1e-4, atol=1e-4)
    assert [origin['classes'] for origin in kept] == [CLASSES, ['chair']]
    keys = {'type', 'model_name', 'weights', 'config', 'classes', 'prefixes', 'suffixes'}
    assert set(kept[0]) == keys


def test_untrained_teacher_is_the_same_everywhere(config):
    tables = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        teacher = MODELS.build({**config, 'classes': ['chair']})
        before = torch.get_rng_state()
        teacher.prepare()
        assert torch.equal(torch.get_rng_state(), before)
        tables.append(teacher._hidden.network.table)
    assert torch.equal(*tables)


def test_no_text_transformer_is_kept(config):
    teacher = MODELS.build({**config, 'classes': CLASSES})
    teacher.prepare()
    assert list(teacher._hidden.network.parameters()) == []
    assert teacher.state_dict() == {}
    assert teacher.feature_dims == 32


def test_late_classes(config):
    teacher = MODELS.build(config)
    with pytest.raises(ValueError, match=r'does not know the categories.*PrepareTeachersHook'):
        teacher.prepare()
    teacher.set_classes(('chair', 'table'))
    teacher.prepare()
    network = teacher._hidden.network
    assert network.table.shape == (2, 60, 32)
    teacher.set_classes(['chair', 'table'])
    assert teacher._hidden.network is network
    teacher.set_classes(['chair'])
    assert teacher({'category': torch.tensor([0])}).shape == (1, 32)


def test_class_features_are_means_of_all_sentences(config, direct):
    teacher = MODELS.build({**config, 'classes': ['mug']})
    features = teacher.class_features(CLASSES)
    torch.testing.assert_close(features, direct.mean(dim=1), rtol=1e-4, atol=1e-4)
    assert teacher.classes == ['mug']


def test_missing_category(config):
    teacher = MODELS.build({**config, 'classes': CLASSES})
    with pytest.raises(KeyError, match='CLIPTextTeacher needs inputs'):
        teacher({'points': torch.zeros(1)})


def test_unknown_model_and_tag(tiny_clip):
    with pytest.raises(ValueError, match="no model 'ViT-X'"):
        CLIPTextTeacher('ViT-X', pretrained=None, classes=['a']).prepare()
    with pytest.raises(ValueError, match=r"'opanai' is neither a file nor a tag.*openai"):
        CLIPTextTeacher('ViT-B-32-quickgelu', pretrained='opanai', classes=['a']).prepare()
