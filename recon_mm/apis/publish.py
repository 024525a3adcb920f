"""A trained checkpoint made ready to be passed on: weights alone, their hash in the name."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import torch

from recon_mm.models.checkpoint import unwrap
from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file
from recon_mm.version import __version__

KEPT_META = ('epoch', 'iter', 'time', 'dataset_meta', 'mmengine_version')
HASH_LENGTH = 8


def publish_model(path: str | Path, output: str | Path) -> Path:
    """Writes the weights of a checkpoint, without optimizer, schedules, logs and config text.

    Args:
        path: A checkpoint; read by the safe loader, which executes nothing.
        output: Where to write; the first eight digits of the file's SHA-256 are added to the name,
            as ``torch.hub.load_state_dict_from_url(check_hash=True)`` checks them.

    Returns:
        The file written, e.g. ``recon-1a2b3c4d.pth`` for ``recon.pth``.

    Raises:
        FileNotFoundError: If there is no such checkpoint.
        CheckpointError: If it cannot be read safely, or holds no weights.
    """
    checkpoint = load_from_file(path)
    weights = {name: value.detach().clone() for name, value in unwrap(checkpoint).items()}
    if not weights:
        raise CheckpointError(
            f"'{path}' holds no weights (it has {', '.join(map(str, checkpoint)) or 'nothing'}), "
            "expected a dictionary of tensors under 'state_dict'"
        )
    found = checkpoint.get('meta')
    meta = {key: found[key] for key in KEPT_META if key in found} if isinstance(found, dict) else {}
    buffer = BytesIO()  # a file on disk would have its own name inside, which changes the hash
    torch.save(dict(meta=dict(meta, recon_mm_version=__version__), state_dict=weights), buffer)
    content = buffer.getvalue()
    output = Path(output)
    digits = sha256(content).hexdigest()[:HASH_LENGTH]
    written = output.with_name(f'{output.stem}-{digits}{output.suffix or ".pth"}')
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_bytes(content)
    load_from_file(written)
    return written
