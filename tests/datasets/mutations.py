"""Damages files, and tells in a process of its own what a reader makes of them."""

import gc
import multiprocessing
import os
import resource
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

MEMORY = 2 * 2**30  # bytes that a reader may take beyond what the process has
SECONDS = 240
NUMBERS = (0, 1, 2**31 - 1, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)
TEXTS = (
    *(b'nan', b'1e300', b'-1', b'99999999999999999999', b'0x', b'../', b'/etc/passwd', b'\0', b'"'),
    *(b'[' * 3000, b'{"a":' * 3000, b'(' * 300, b'\xff\xfe', b'\n', b' ', b',', b'1' * 5000),
)


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """One to three damages of the kinds that disks, networks and attackers make."""
    for _ in range(rng.integers(1, 4)):
        content = _damage(content, rng)
    return content


def _damage(content: bytes, rng: np.random.Generator) -> bytes:
    size = len(content)
    # Half of all places are in the first bytes: headers are short, and hold what is dangerous.
    start = int(rng.integers(min(size, 200) + 1) if rng.random() < 0.5 else rng.integers(size + 1))
    stop = min(size, start + int(2 ** rng.uniform(0, 8)))
    match rng.integers(8):
        case 0:
            return content[:start]
        case 1:
            return content[:start] + content[stop:]
        case 2:
            return content[:stop] + content[start:]
        case 3:
            return content[:start] + rng.bytes(stop - start) + content[stop:]
        case 4:
            return content[:start] + bytes([rng.choice([0, 255])]) * (stop - start) + content[stop:]
        case 5:
            number = NUMBERS[rng.integers(len(NUMBERS))]
            return content[:start] + number.to_bytes(8, 'little') + content[start + 8 :]
        case 6:
            return content[:start] + TEXTS[rng.integers(len(TEXTS))] + content[stop:]
        case _:
            changed = bytearray(content)
            for place in rng.integers(max(size, 1), size=3)[: size * 3]:
                changed[place] ^= 1 << int(rng.integers(8))
            return bytes(changed)


def check_valid(result: Any) -> None:
    """Asserts that a sample is one that can be trained on."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        for part in result:
            check_valid(part)
    elif isinstance(result, np.ndarray):
        assert result.size
        assert (np.abs(result.astype(np.float32)) <= 1e15).all()
    else:
        assert isinstance(result, (int, float, np.integer, str, torch.Tensor)), type(result)


def _read_mutations(
    name: str,
    file: Path,
    read: Callable[[], Any],
    allowed: type[Exception],
    numbers: range,
    current: Any,
) -> None:
    status = Path('/proc/self/statm').read_text()
    limit = int(status.split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)  # what image and mesh libraries say of damage
    content = file.read_bytes()
    gc.freeze()  # MMEngine collects garbage whenever a data set is built
    os.fsync = lambda descriptor: None  # the disk itself is not what is tested
    for number in numbers:
        current.value = number
        rng = np.random.default_rng([zlib.crc32(name.encode()), number])
        file.unlink()  # not written in place: maps of the last one may be open
        file.write_bytes(mutate(content, rng))
        try:
            check_valid(read())
        except allowed as error:
            if not any(path.name in str(error) for path in (file, *file.parents[:2])):
                raise AssertionError(f'the error does not name the file: {error}') from error


def _child(connection: Any, *arguments: Any) -> None:
    try:
        _read_mutations(*arguments)
    except BaseException as error:
        connection.send(f'{type(error).__name__}: {error}'[:2000])
    else:
        connection.send('')


def read_mutations(
    name: str, file: Path, read: Callable[[], Any], allowed: type[Exception], numbers: range
) -> str:
    """Reads mutations of a file in a child process with a limit of memory and of time.

    Args:
        name: Of the kind of file; with the number of a mutation it makes the seed.
        file: The good file, which is replaced.
        read: Reads it.
        allowed: What it may raise.
        numbers: Of the mutations.

    Returns:
        What went wrong, and with which mutation; empty if nothing did.
    """
    context = multiprocessing.get_context('fork')
    here, there = context.Pipe(duplex=False)
    current = context.Value('q', -1)
    arguments = (there, name, file, read, allowed, numbers, current)
    child = context.Process(target=_child, args=arguments)
    child.start()
    there.close()
    try:
        problem = here.recv() if here.poll(SECONDS) else 'takes too long'
    except EOFError:
        child.join()
        problem = f'ended by signal {-(child.exitcode or 0)}'
    child.kill()
    child.join()
    return f"{name}, mutation {current.value} (left in '{file}'): {problem}" if problem else ''
