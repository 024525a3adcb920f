"""Files that are complete or absent."""

import os
from pathlib import Path


def write_file(file: Path, content: bytes) -> None:
    """Writes a file under a temporary name, which becomes its own when it is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f'{file.name}.{os.urandom(6).hex()}.partial')
    partial.write_bytes(content)
    os.replace(partial, file)
