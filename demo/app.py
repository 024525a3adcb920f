"""A page to play with: drop a mesh or a cloud into it, and see what models say of it.

python demo/app.py --attention recon/pretrain_shapenet recon.pth
python demo/app.py --zero-shot recon/zeroshot_modelnet40 recon.pth --parts CONFIG CHECKPOINT

Every option adds a tab; it takes a config and its checkpoint ('none': untrained). Nothing is sent
anywhere: the page is served from this machine, to this machine.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recon_mm.apis.inferencers import (  # noqa: E402
    AttentionInferencer,
    ClassificationInferencer,
    PartInferencer,
    ZeroShotInferencer,
)
from recon_mm.datasets.shape_files import AXES, KINDS  # noqa: E402
from recon_mm.utils import require  # noqa: E402
from recon_mm.utils.commands import CommandParser, command  # noqa: E402
from recon_mm.visualization import html_page  # noqa: E402

Answer = tuple[dict[str, float], str]
TASKS: dict[str, tuple[str, type, str | None]] = {
    'classify': ('Class', ClassificationInferencer, None),
    'zero-shot': ('Class by your own labels', ZeroShotInferencer, 'classes'),
    'parts': ('Parts', PartInferencer, 'category'),
    'attention': ('Attention', AttentionInferencer, None),
}
"""For each option the title of its tab, what computes it, and what else that needs to know."""
ASKED = {
    'classes': ('Labels, separated by commas', 'chair, table, lamp, airplane, mug'),
    'category': ('What is it?', 'chair'),
}


@lru_cache(maxsize=8)
def inferencer(task: str, config: str, checkpoint: str, up: str, asked: str) -> Any:
    """What computes a tab, kept for the next cloud."""
    _, kind, name = TASKS[task]
    values: dict[str, Any] = {}
    if name == 'classes':
        values[name] = tuple(label for text in asked.split(',') if (label := text.strip()))
    elif name:
        values[name] = asked.strip()
    weights = None if checkpoint == 'none' else checkpoint
    return kind(config, weights, up=up, show_progress=False, **values)


def answer(task: str, model: Sequence[str], file: str | None, up: str, asked: str = '') -> Answer:
    """Scores by name, and the picture to rotate.

    Args:
        task: One of :data:`TASKS`.
        model: Config and checkpoint.
        file: The cloud or mesh.
        up: Which axis points up in it.
        asked: What the task needs to know besides.

    Raises:
        ValueError: If there is no file, it cannot be read, or what is asked makes no sense.
    """
    if not file:
        raise ValueError('Drop a file first.')
    infer = inferencer(task, *model, up, asked)
    (result,) = infer.stream(file, with_points=True)
    if 'error' in result:
        raise ValueError(result['error'])
    scores = result.get('scores') or result.get('similarities') or {}
    page = html_page([infer.draw(result)], Path(file).stem)
    frame = f'<iframe srcdoc="{escape(page)}" style="width:100%;height:620px;border:0"></iframe>'
    return scores, frame


def build(models: dict[str, Sequence[str]]) -> Any:
    """The page, one tab for each of ``models``: config and checkpoint by task."""
    # Neither statistics of use nor a look for a newer version: nothing leaves this machine.
    os.environ['GRADIO_ANALYTICS_ENABLED'] = 'False'
    gradio = require('gradio', 'app')

    def shown(task: str, *arguments: Any) -> Answer:
        try:
            return answer(task, models[task], *arguments)
        except (ValueError, OSError, ImportError) as error:
            raise gradio.Error(str(error)) from error

    with gradio.Blocks(title='recon_mm', fill_width=True) as page:
        gradio.Markdown('## What a point cloud shows to ReCon')
        for task in models:
            title, _, name = TASKS[task]
            with gradio.Tab(title):
                _tab(gradio, partial(shown, task), name, scored=task in ('classify', 'zero-shot'))
    return page


def _tab(gradio: Any, respond: Callable[..., Answer], name: str | None, scored: bool) -> None:
    """Inputs on the left, the answer on the right."""
    with gradio.Row():
        with gradio.Column(scale=1):
            file = gradio.File(label=f'Cloud or mesh: {" ".join(KINDS)}', file_types=list(KINDS))
            inputs = [file, gradio.Radio(list(AXES), value='y', label='Which axis is up?')]
            if name:
                label, example = ASKED[name]
                inputs.append(gradio.Textbox(example, label=label))
            button = gradio.Button('Show', variant='primary')
            scores = gradio.Label(label='Scores', num_top_classes=8, visible=scored)
        with gradio.Column(scale=3):
            picture = gradio.HTML()
    button.click(respond, inputs, [scores, picture])


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Serves the page until it is stopped; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    for task, (title, _, _) in TASKS.items():
        names = ('CONFIG', 'CHECKPOINT')
        parser.add_argument(f'--{task}', nargs=2, metavar=names, help=f'tab: {title.lower()}')
    parser.add_argument('--port', type=int, default=7860)
    args = vars(parser.parse_args(argv))
    models = {task: args[task.replace('-', '_')] for task in TASKS}
    models = {task: model for task, model in models.items() if model}
    if not models:
        parser.error(f'nothing to show: give one of {", ".join(f"--{task}" for task in TASKS)}')
    build(models).launch(server_name='127.0.0.1', server_port=args['port'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
