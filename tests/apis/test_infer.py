"""The commands that run a model on clouds, in this process, where the small CLIP is known."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.cli import main
from recon_mm.models.teachers.clip import build_clip

COMMANDS = {
    'features': ('linear_svm_modelnet40', []),
    'classify': ('classification_modelnet40_1k_full', ['--top', '2']),
    'zeroshot': ('zeroshot_modelnet40', ['--classes', 'mug', 'night stand']),
    'parts': ('part_segmentation_shapenetpart', ['--category', 'chair']),
    'reconstruct': ('pretrain_shapenet_reconstruct_only', []),
    'attention': ('linear_svm_modelnet40', ['--block', '0']),
    'retrieve': ('linear_svm_modelnet40', ['--top', '1', '--gallery', 'FOLDER']),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two clouds, and between them a file that cannot be read."""
    folder = tmp_path / 'clouds'
    folder.mkdir()
    for name in ('a.npy', 'c.npy'):
        np.save(folder / name, np.random.default_rng(len(name)).normal(size=(1500, 3)))
    (folder / 'b.npy').write_bytes(b'no cloud')
    return folder


@pytest.mark.parametrize('name', COMMANDS)
def test_one_bad_file_of_three(name: str, tiny_config, folder: Path, tmp_path: Path, capsys):
    config, options = COMMANDS[name]
    tiny_config(config).dump(tmp_path / 'config.py')
    options = [str(folder) if option == 'FOLDER' else option for option in options]
    out = tmp_path / 'out.jsonl'
    arguments = [str(tmp_path / 'config.py'), 'none', '--points', str(folder), '--device', 'cpu']
    assert main([name, *arguments, '--out', str(out), *options]) == 3
    printed = capsys.readouterr().out
    for file in ('a.npy', 'c.npy'):
        assert f'{folder / file}: ' in printed
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [Path(result['name']).name for result in found] == ['a.npy', 'b.npy', 'c.npy']
    assert ['error' in result for result in found] == [False, True, False]


def test_exit_status(tiny_config, folder: Path, tmp_path: Path, capsys) -> None:
    tiny_config('linear_svm_modelnet40').dump(tmp_path / 'config.py')
    command = ['features', str(tmp_path / 'config.py'), 'none', '--device', 'cpu', '--points']
    assert main([*command, str(folder / 'a.npy'), str(folder / 'c.npy')]) == 0
    assert 'a.npy: feature (48,), global_tokens (3, 24)' in capsys.readouterr().out
    assert main(['attention', *command[1:], str(folder / 'a.npy'), '--block', '9']) == 1
    assert 'block 9: the backbone has' in capsys.readouterr().err
    assert main([*command, str(folder / 'b.npy')]) == 1
    assert main([*command, str(folder), '--batch-size', '0']) == 1
    assert 'batch_size is 0, must be at least 1' in capsys.readouterr().err
    with pytest.raises(SystemExit) as finished:
        main([*command, str(folder), '--level', 'patches'])
    assert finished.value.code == 2


def test_a_folder_without_clouds_leaves_former_results(tiny_config, tmp_path: Path, capsys) -> None:
    tiny_config('linear_svm_modelnet40').dump(tmp_path / 'config.py')
    (tmp_path / 'empty').mkdir()
    out = tmp_path / 'out.npz'
    out.write_bytes(b'former results')
    command = ['features', str(tmp_path / 'config.py'), 'none', '--device', 'cpu']
    assert main([*command, '--points', str(tmp_path / 'empty'), '--out', str(out)]) == 1
    assert 'holds no point cloud' in capsys.readouterr().err
    assert out.read_bytes() == b'former results'


@pytest.mark.parametrize('name', COMMANDS)
def test_pictures_of_each_cloud(name: str, tiny_config, folder: Path, tmp_path: Path) -> None:
    config, options = COMMANDS[name]
    if name == 'features':
        options = ['--level', 'point']
    tiny_config(config).dump(tmp_path / 'config.py')
    options = [str(folder) if option == 'FOLDER' else option for option in options]
    out = tmp_path / 'out'
    arguments = [str(tmp_path / 'config.py'), 'none', '--points', str(folder), '--device', 'cpu']
    arguments += ['--out', str(out), '--pictures', 'html', 'ply', '--up', 'z']
    assert main([name, *arguments, *options]) == 3
    for stem in 'ac':
        assert (out / f'{stem}.html').stat().st_size > 20_000
        assert list(out.glob(f'{stem}*.ply'))
        assert np.array_equal(np.load(out / f'{stem}.npz')['points'].shape, (1500, 3))
    lines = (out / 'results.jsonl').read_text().splitlines()
    assert [json.loads(line).get('file') for line in lines] == ['a.npz', None, 'c.npz']


def test_pictures_need_a_folder(tiny_config, folder: Path, tmp_path: Path, capsys) -> None:
    tiny_config('linear_svm_modelnet40').dump(tmp_path / 'config.py')
    command = ['features', str(tmp_path / 'config.py'), 'none', '--device', 'cpu', '--points']
    out = ['--out', str(tmp_path / 'out.npz'), '--pictures', 'png']
    assert main([*command, str(folder), *out]) == 1
    assert "out.npz' is none: name one as --out" in capsys.readouterr().err


def test_zero_shot_with_a_clip_file_and_no_network(
    tiny_config, tiny_clip, folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    """Only the text teacher needs the file: the image teacher computes nothing here."""
    clip = tmp_path / 'clip.pt'
    torch.save(build_clip(tiny_clip, None).state_dict(), clip)
    cfg = tiny_config('zeroshot_modelnet40')
    for modality in ('image', 'text'):
        cfg.model.modalities[modality].teacher.pretrained = 'openai'
    cfg.dump(tmp_path / 'config.py')
    monkeypatch.setenv('RECON_CACHE', str(tmp_path / 'cache'))
    monkeypatch.setattr(socket.socket, 'connect', lambda *_: pytest.fail('asks the network'))
    command = ['zeroshot', str(tmp_path / 'config.py'), 'none', '--device', 'cpu']
    command += ['--classes', 'mug', 'night stand', '--points', str(folder / 'a.npy')]
    option = f'model.modalities.text.teacher.pretrained={clip}'
    assert main([*command, '--cfg-options', option]) == 0
    assert 'a.npy: ' in capsys.readouterr().out
    assert list((tmp_path / 'cache').rglob('*.npy'))  # the sentences, stored


def test_attention_lists_the_peak_of_each_token(
    tiny_config, folder: Path, tmp_path: Path, capsys
) -> None:
    tiny_config('linear_svm_modelnet40').dump(tmp_path / 'config.py')
    command = ['attention', str(tmp_path / 'config.py'), 'none', '--device', 'cpu', '--points']
    assert main([*command, str(folder / 'a.npy'), '--out', str(tmp_path / 'out.npz')]) == 0
    found = np.load(tmp_path / 'out.npz')['attention'][0]  # (T, G)
    assert found.shape == (3, 16) and np.allclose(found.sum(1), 1, atol=1e-4)
    peaks = zip(('cls', 'image', 'text'), 16 * found.max(1))
    assert ', '.join(f'{name} {peak:.1f}' for name, peak in peaks) in capsys.readouterr().out
