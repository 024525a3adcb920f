"""Objects in their own processes: none inherits another's memory or outlives its time limit."""

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import torch

Build = Callable[..., Any]

# CUDA cannot be used in a process forked from one that asked for it, as mmengine does when it is
# imported. Where there is none, processes are forked from a server that has imported everything.
_CONTEXT = multiprocessing.get_context('spawn' if torch.cuda.is_available() else 'forkserver')
_CONTEXT.set_forkserver_preload(['benchmarks.gpu_jobs'])


class OwnProcess:
    """Builds an object in a new process and calls its methods there, one at a time.

    Args:
        build: Makes the object; a function of a module.
        *args: Its arguments.
        seconds: Time limit, after which the process is ended.

    Raises:
        RuntimeError: If building fails, with the traceback.
        TimeoutError: If it takes longer than ``seconds``.
    """

    def __init__(self, build: Build, *args: Any, seconds: float | None = None) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._end = None if seconds is None else time.monotonic() + seconds
        self._process: Any = _CONTEXT.Process(  # pyright: ignore[reportAttributeAccessIssue]
            target=_serve, args=(theirs, build, args), daemon=True
        )
        self._process.start()
        theirs.close()
        self._receive()  # it is built

    def __call__(self, method: str) -> Any:
        """The result of the object's ``method()``.

        Raises:
            RuntimeError: If it fails, with the traceback, or if the process has ended.
            TimeoutError: If the time limit is reached.
        """
        self._connection.send(method)
        return self._receive()

    def kill(self) -> None:
        """Ends the process and all that it started."""
        if self._process.is_alive():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()

    def _receive(self) -> Any:
        left = None if self._end is None else max(0.0, self._end - time.monotonic())
        if not self._connection.poll(left):
            self.kill()
            raise TimeoutError('it took longer than its share of the time')
        try:
            error, result = self._connection.recv()
        except EOFError as ended:
            self._process.join()
            raise RuntimeError(f'the process ended with {self._process.exitcode}') from ended
        if error:
            raise RuntimeError(error)
        return result


def run_alone(seconds: float | None, function: Build, *args: Any) -> Any:
    """The result of ``function(*args)``, in a new process.

    Raises:
        RuntimeError: If it fails, with the traceback.
        TimeoutError: If it takes longer than ``seconds``.
    """
    process = OwnProcess(partial, function, *args, seconds=seconds)
    try:
        return process('__call__')
    finally:
        process.kill()


def _serve(connection: Connection, build: Build, args: tuple) -> None:
    os.setsid()  # so that kill() finds what this process starts
    call = partial(build, *args)
    served: Any = None
    while True:
        try:
            result = call()
            served, result = (result, None) if served is None else (served, result)
            connection.send((None, result))
        except Exception:
            connection.send((traceback.format_exc(), None))
        try:
            call = getattr(served, connection.recv())
        except EOFError:
            return
