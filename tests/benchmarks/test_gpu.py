"""The command for a machine with a GPU: what it writes, and what it does with failures."""

import json
import os
import time
from pathlib import Path

import pytest
import torch

from benchmarks import gpu, gpu_jobs
from benchmarks.gpu_jobs import NO_BFLOAT16, STEP, Job, all_jobs, cuda_test_files, cuda_tests
from recon_mm.utils.precision import computes_bfloat16


def rows() -> list[dict]:
    return [{'what': 'process', 'is': os.getpid()}]


def broken() -> list[dict]:
    raise ValueError('no such thing')


def slow() -> list[dict]:
    time.sleep(60)
    return rows()


def test_quick_run_writes_both_files(tmp_path: Path) -> None:
    assert gpu.main(['--device', 'cpu', '--quick', '--out', str(tmp_path)]) == 0
    found = json.loads((tmp_path / 'results.json').read_text())
    assert all(entry['rows'] or entry['left out'] == NO_BFLOAT16 for entry in found)
    by_name = {entry['name']: entry['rows'] for entry in found}
    assert {row['layer'].split(',')[0] for row in by_name['layers']} == {
        *('PatchEmbed', 'CrossAttention', 'SoftmaxAttention'),
        *('JoinedLinear', 'MaxLinear', 'FeaturePropagation'),
    }
    assert bool(by_name['bf16']) == computes_bfloat16(torch.device('cpu'))
    compared = [*by_name['eager'], *by_name['bf16']]
    assert {row['than'] for row in compared} == {'baseline-image'}
    assert by_name['pytest -m cuda'][0]['count'] == 0 < by_name['pytest -m cuda'][-1]['count']
    text = (tmp_path / 'results.md').read_text()
    for entry in found:
        assert f'## {entry["section"]}' in text
    assert '| traced |' in text


def test_failures_are_reported_and_the_rest_continues() -> None:
    jobs = [
        Job('First', 'broken', 30, broken),
        Job('First', 'slow', 1, slow),
        Job('First', 'absent', 30, rows, missing='nothing is installed'),
        Job('Second', 'fine', 30, rows),
    ]
    found = gpu.run_jobs(jobs, seconds=60)
    assert 'ValueError: no such thing' in found[0]['error']
    assert 'longer than its share' in found[1]['error']
    assert found[1]['seconds'] < 30
    assert found[3]['rows'][0]['is'] != os.getpid()  # measured in its own process
    text = gpu.markdown(found)
    assert 'FAILED: broken' in text and 'no such thing' in text
    assert 'Left out: absent: nothing is installed.' in text
    assert '| process |' in text.split('## Second')[1]


def test_nothing_starts_when_the_time_is_spent() -> None:
    (entry,) = gpu.run_jobs([Job('First', 'fine', 30, rows)], seconds=1)
    assert entry['left out'] == 'the 1 s of this run are spent' and not entry['rows']


def test_shares_of_the_time() -> None:
    jobs = list(all_jobs('cuda', quick=False))
    assert all(job.seconds > 0 or job.missing for job in jobs)
    first_compiled = [job.name for job in jobs].index('compiled-bf16')
    assert all('compiled' in job.name or 'graphs' in job.name for job in jobs[first_compiled:])


def test_without_bfloat16_its_rows_are_left_out(monkeypatch) -> None:
    monkeypatch.setattr(gpu_jobs, 'computes_bfloat16', lambda device: False)
    jobs = list(all_jobs('cuda', quick=False))
    left_out = {job.name for job in jobs if job.missing == NO_BFLOAT16}
    assert left_out == {'plain-bf16', 'bf16', 'compiled-bf16', 'graphs-bf16'}
    assert not any(
        'bf16' in str(job.args) for job in jobs if job.section != STEP and not job.missing
    )


def test_without_open_clip_the_live_text_teacher_is_left_out(monkeypatch) -> None:
    monkeypatch.setattr(gpu_jobs, 'find_spec', lambda name: None)
    by_name = {job.name: job for job in all_jobs('cuda', quick=False)}
    assert 'open_clip' in by_name['baseline'].missing
    assert not by_name['baseline-image'].missing


def test_cuda_tests_without_a_report() -> None:
    assert 'tests/ops/test_knn.py' in cuda_test_files()
    with pytest.raises(RuntimeError, match='pytest wrote no report'):
        list(cuda_tests(['--no-such-option'], 60))
