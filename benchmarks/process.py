"""A form of the step in a process of its own, so that neither inherits the other's memory."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

Build = Callable[..., Any]


class FormProcess:
    """Builds an object in a new process and calls its methods there, one at a time.

    Args:
        build: Makes the object; a function of a module.
        *args: Its arguments.
    """

    def __init__(self, build: Build, *args: Any) -> None:
        context = multiprocessing.get_context('spawn')
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, build, args), daemon=True)
        self._process.start()
        theirs.close()
        self._receive()  # it is built

    def __call__(self, method: str) -> Any:
        """The result of the object's ``method()``.

        Raises:
            RuntimeError: If the process has ended; its own traceback stands above.
        """
        self._connection.send(method)
        return self._receive()

    def _receive(self) -> Any:
        try:
            return self._connection.recv()
        except EOFError as error:
            raise RuntimeError('the process of this form has ended, see above') from error


def _serve(connection: Connection, build: Build, args: tuple) -> None:
    form = build(*args)
    connection.send(None)
    while True:
        try:
            method = connection.recv()
        except EOFError:
            return
        connection.send(getattr(form, method)())
