"""The documentation site: ``sphinx-build -W docs docs/_build`` (extra ``docs``).

Sphinx with MyST, because the pages are the Markdown files that one reads in the checkout, and
autodoc reads the docstrings that are there anyway. The model zoo is written from the metafiles.
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]

from recon_mm.version import __version__  # noqa: E402

project = 'recon_mm'
author = 'the authors of recon_mm'
version = release = __version__
extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'sphinx_copybutton',
]
exclude_patterns = ['_build']
html_theme = 'furo'
html_static_path = ['static']
html_css_files = ['site.css']
html_show_copyright = False
html_title = f'recon_mm {release}'
myst_heading_anchors = 3
myst_enable_extensions = ['colon_fence']
napoleon_use_ivar = True  # of named tuples, whose fields autodoc lists, too
autodoc_typehints = 'none'  # the signature has them
autodoc_member_order = 'bysource'
highlight_language = 'none'  # what names no language is none, least of all Python
copybutton_exclude = '.linenos, .gp, .go'
nitpicky = False

# Pages that lie outside docs/, by the names that the others link to.
OUTSIDE = {
    'benchmarks/RESULTS.md': 'results',
    'configs/recon/README.md': 'configs',
    'configs/reconpp/README.md': 'configs_reconpp',
    'configs/mmdet3d/README.md': 'configs_mmdet3d',
    'CONTRIBUTING.md': 'contributing',
    'CHANGELOG.md': 'changelog',
    'README.md': 'index',
}
LINK = re.compile(r'(\]\()([^)#:\s]+)(#[^)\s]*)?(\))')


def links_of_the_site(text: str, folder: Path) -> str:
    """A page with links that work on the site, from those that work in the checkout."""

    def replace(match: re.Match[str]) -> str:
        target = (folder / match[2]).resolve()
        if not target.is_relative_to(ROOT):
            return match[0]
        name = target.relative_to(ROOT).as_posix()
        if name in OUTSIDE:
            name = f'{OUTSIDE[name]}.md'
        elif name.startswith('docs/'):
            name = name.removeprefix('docs/')
        elif target.is_dir() and f'{name}/README.md' in OUTSIDE:
            name = f'{OUTSIDE[f"{name}/README.md"]}.md'
        elif target.suffix == '.ipynb' and target.is_file():
            return match[0]  # the site offers it as a download
        else:
            raise ValueError(f"a page links to '{name}', which is not on the site (docs/conf.py)")
        return f'{match[1]}{name}{match[3] or ""}{match[4]}'

    return LINK.sub(replace, text)


def read_source(app: object, page: str, source: list[str]) -> None:
    """Sphinx reads a page: those from outside docs/ are one comment that names them."""
    folder = DOCS
    outside = re.match(r'% the site shows (\S+)', source[0])
    if outside:
        path = ROOT / outside[1]
        folder, source[0] = path.parent, path.read_text()
    if page == 'model_zoo':
        from model_zoo import model_zoo

        source[0] += model_zoo(ROOT)
    if page != 'index':
        source[0] = links_of_the_site(source[0], folder)


def setup(app: object) -> None:
    """Connects the above."""
    app.connect('source-read', read_source)  # type: ignore[attr-defined]
