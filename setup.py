"""Packaging. ``pip install -e '.[lite,demo]'`` is what a first try needs."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def read_version() -> str:
    scope: dict[str, str] = {}
    exec((ROOT / 'recon_mm' / 'version.py').read_text(), scope)
    return scope['__version__']


def requirements(name: str) -> list[str]:
    """The packages of one file in requirements/, with those of the files that it names."""
    found = []
    for line in (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines():
        line = line.split('#')[0].strip()
        if line.startswith('-r '):
            found += requirements(line.removeprefix('-r ').removesuffix('.txt'))
        elif line:
            found.append(line)
    return found


EXTRAS = ('lite', 'data', 'teachers', 'probing', 'demo', 'export', 'mmdet3d', 'test', 'dev')

setup(
    name='recon_mm',
    version=read_version(),
    description='ReCon (Contrast with Reconstruct) for point clouds, as an MMEngine plug-in',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['recon_mm', 'recon_mm.*']),
    install_requires=requirements('runtime'),
    extras_require={extra: requirements(extra) for extra in EXTRAS},
)
