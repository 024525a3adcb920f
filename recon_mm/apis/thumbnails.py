"""A sheet of small pictures with captions, to look at."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from recon_mm.datasets.readers import read_image

SIZE, LINE, COLUMNS = 128, 16, 12


def write_sheet(file: Path, pictures: Sequence[tuple[Path, str]]) -> None:
    """Draws pictures in rows of twelve, each above its caption, into a PNG file.

    Raises:
        DataError: If a picture cannot be read.
    """
    rows = -(-len(pictures) // COLUMNS)
    sheet = np.full((rows * (SIZE + LINE), min(COLUMNS, len(pictures)) * SIZE, 3), 255, np.uint8)
    for number, (path, caption) in enumerate(pictures):
        top, left = (number // COLUMNS) * (SIZE + LINE), (number % COLUMNS) * SIZE
        image = cv2.resize(read_image(path, 'a view'), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        sheet[top : top + SIZE, left : left + SIZE] = image[..., ::-1]
        place = (left + 4, top + SIZE + 10)
        text = caption.encode('ascii', 'replace').decode()[:20]
        cv2.putText(
            sheet, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.35, (40, 40, 40), 1, cv2.LINE_AA
        )
    file.write_bytes(cv2.imencode('.png', sheet)[1].tobytes())
