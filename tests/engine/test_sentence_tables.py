"""Sentences are encoded once per machine, whoever asks."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from recon_mm.engine import keep_sentence_tables
from recon_mm.engine.sentence_tables import load_or_compute
from recon_mm.models.teachers import CLIPTextTeacher, clip_text_teacher
from recon_mm.models.teachers.clip import build_clip

TABLE = torch.arange(6.0).view(1, 2, 3)
CLASSES = ['airplane, aeroplane, plane', 'chair', 'trash bin, ashcan, dustbin']


def test_computes_once_for_callers_at_the_same_time(tmp_path):
    calls, results = [], []
    together = threading.Barrier(4)

    def compute():
        calls.append(1)
        return TABLE

    def ask():
        together.wait()
        results.append(load_or_compute(tmp_path / 'new', {'model': 'a'}, compute))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(results) == 4
    assert all(torch.equal(result, TABLE) for result in results)
    assert not list((tmp_path / 'new').glob('*.partial'))


def test_damaged_table_is_computed_again(tmp_path, log):
    origin = {'model': 'a'}
    load_or_compute(tmp_path, origin, lambda: TABLE)
    (file,) = tmp_path.glob('sentences-*/table.npy')
    file.write_bytes(file.read_bytes()[:-10])
    assert torch.equal(load_or_compute(tmp_path, origin, lambda: TABLE + 1), TABLE + 1)
    assert f"made again: '{file}'" in log.text
    assert torch.equal(load_or_compute(tmp_path, origin, pytest.fail), TABLE + 1)


def test_tables_of_several_origins_are_kept(tmp_path):
    for i in range(3):
        load_or_compute(tmp_path, {'model': i}, lambda i=i: TABLE + i)
    for i in range(3):
        assert torch.equal(load_or_compute(tmp_path, {'model': i}, pytest.fail), TABLE + i)


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('not a folder')
    assert torch.equal(load_or_compute(tmp_path / 'file', {'model': 'a'}, lambda: TABLE), TABLE)


class TestTeacher:
    @pytest.fixture
    def make(self, tiny_clip, tmp_path, monkeypatch):
        """Makes a model with a text teacher of any settings."""
        monkeypatch.setenv('RECON_CACHE', str(tmp_path / 'cache'))

        def make(**settings):
            settings = {'model_name': tiny_clip, 'pretrained': None, 'classes': CLASSES, **settings}
            model = nn.ModuleDict({'text_teacher': CLIPTextTeacher(**settings)})
            keep_sentence_tables(model)
            return model['text_teacher']

        return make

    @pytest.fixture
    def no_compute(self, monkeypatch):
        def refuse(*args, **kwargs):
            raise AssertionError('the text transformer ran')

        return lambda: monkeypatch.setattr(clip_text_teacher, 'encode_sentences', refuse)

    def test_stored_and_found_again(self, make, no_compute, tmp_path):
        features = make().class_features(CLASSES)
        (file,) = (tmp_path / 'cache').glob('sentences-*/table.npy')
        assert np.load(file).shape == (3, 60, 32)
        no_compute()
        assert torch.equal(make().class_features(CLASSES), features)
        teacher = make()
        teacher.prepare()
        assert torch.equal(teacher._hidden.network.table.mean(1), features)

    @pytest.mark.parametrize('changed', ['classes', 'order', 'prompts', 'weights'])
    def test_a_table_of_a_different_origin_is_not_used(
        self, make, no_compute, changed, monkeypatch, tmp_path, tiny_clip
    ):
        make().prepare()
        settings = {}
        if changed == 'classes':
            settings['classes'] = ['chair', 'table', 'lamp']
        elif changed == 'order':
            settings['classes'] = CLASSES[::-1]
        elif changed == 'prompts':
            monkeypatch.setattr(clip_text_teacher, 'SUFFIXES', ('!',))
        else:
            settings['pretrained'] = str(tmp_path / 'clip.pt')
            torch.save(build_clip(tiny_clip, None).state_dict(), settings['pretrained'])
        no_compute()
        with pytest.raises(AssertionError, match='the text transformer ran'):
            make(**settings).prepare()

    def test_folder_of_the_teacher(self, make, tmp_path):
        make(cache_dir=str(tmp_path / 'own'), classes=['chair']).prepare()
        assert list((tmp_path / 'own').glob('sentences-*'))
        assert not (tmp_path / 'cache').exists()

    def test_default_folder(self, make, tmp_path, monkeypatch):
        monkeypatch.delenv('RECON_CACHE')
        monkeypatch.setenv('HOME', str(tmp_path))
        make(classes=['chair']).prepare()
        assert list((tmp_path / '.cache' / 'recon_mm').glob('sentences-*'))
