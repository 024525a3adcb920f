"""The model zoo page, from the metafiles of the model index."""

from collections.abc import Iterator
from pathlib import Path

from mmengine.fileio import load


def model_zoo(root: Path) -> str:
    """Markdown: a table for each collection of the model index."""
    tables = []
    for metafile in load(root / 'model-index.yml')['Import']:
        content = load(root / metafile)
        for collection in content['Collections']:
            models = [m for m in content['Models'] if m['In Collection'] == collection['Name']]
            paper = collection['Paper']
            tables += [
                f'\n## {collection["Name"]}\n',
                f'[{paper["Title"]}]({paper["URL"]})\n',
                '| model | trained on | tested on | epochs | paper |',
                '|---|---|---|---:|---|',
                *map(row, models),
            ]
    return '\n'.join(tables) + '\n'


def row(model: dict) -> str:
    """A row of the table."""
    about = model.get('Metadata') or {}
    cells = (
        f'`{model["Name"]}`',
        about.get('Training Data', ''),
        ', '.join(dict.fromkeys(r['Dataset'] for r in model.get('Results') or ())),
        about.get('Epochs', ''),
        '<br>'.join(published(model)),
    )
    return f'| {" | ".join(map(str, cells))} |'


def published(model: dict) -> Iterator[str]:
    """The paper's results of a model."""
    for result in model.get('Results') or ():
        for name, value in (result.get('Paper') or {}).items():
            yield f'{name}: {value}'
