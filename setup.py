"""Packaging. ``pip install -e '.[lite,demo]'`` is enough to try it."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
SHIPPED = ('configs', 'tools', 'model-index.yml')
EXTRAS = sorted(
    {path.stem for path in (ROOT / 'requirements').glob('*.txt')} - {'runtime', 'oldest'}
)


class BuildWithConfigs(build_py):
    """Adds ``recon_mm/.mim``, where OpenMMLab's tools look for configs, tools and model index.

    A wheel gets copies; an editable install links to those of the checkout, which git ignores.
    """

    def run(self) -> None:
        super().run()
        base = ROOT if self.editable_mode else Path(self.build_lib)
        folder = base / 'recon_mm' / '.mim'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in SHIPPED:
            source, target = ROOT / name, folder / name
            if self.editable_mode:
                target.symlink_to(Path('../..', name), target_is_directory=source.is_dir())
            elif source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns('__pycache__'))
            else:
                shutil.copy(source, target)


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


if __name__ == '__main__':
    setup(
        name='recon_mm',
        version=read_version(),
        description='ReCon (Contrast with Reconstruct) for point clouds, as an MMEngine plug-in',
        long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
        long_description_content_type='text/markdown',
        license='Apache-2.0',
        keywords='point cloud, self-supervised learning, masked modeling, OpenMMLab, MMEngine',
        # The project has no home page; its documentation is the folder docs/ of a checkout.
        project_urls={'Paper': 'https://arxiv.org/abs/2302.02318'},
        classifiers=[
            'Development Status :: 4 - Beta',
            'Intended Audience :: Science/Research',
            'Operating System :: POSIX :: Linux',
            'Programming Language :: Python :: 3',
            'Programming Language :: Python :: 3.10',
            'Programming Language :: Python :: 3.11',
            'Programming Language :: Python :: 3.12',
            'Programming Language :: Python :: 3.13',
            'Topic :: Scientific/Engineering :: Artificial Intelligence',
            'Typing :: Typed',
        ],
        python_requires='>=3.10',
        packages=find_packages(include=['recon_mm', 'recon_mm.*']),
        package_data={'recon_mm': ['py.typed', 'visualization/viewer.html']},
        install_requires=requirements('runtime'),
        extras_require={extra: requirements(extra) for extra in EXTRAS},
        entry_points={'console_scripts': ['recon-mm = recon_mm.cli:main']},
        cmdclass={'build_py': BuildWithConfigs},
    )
