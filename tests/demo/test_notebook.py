"""The notebook runs from top to bottom, and finds what it says."""

from pathlib import Path

import pytest

from tests.tiny import ROOT

nbformat = pytest.importorskip('nbformat')
nbclient = pytest.importorskip('nbclient')
pytest.importorskip('ipykernel')
pytest.importorskip('trimesh')
pytest.importorskip('matplotlib')

# What the kernel tells of its variables after the last cell.
ASK = """
assert features.shape == (12, 384) and np.isfinite(features).all()
assert all(cloud.shape == (8192, 3) for cloud in clouds.values()) and len(clouds) == 12
for prediction in result['predictions'][:4]:  # the airplanes
    assert [Path(name).stem[:8] for name in prediction['neighbors']] == 3 * ['airplane']
print(work)
"""


@pytest.fixture(scope='module')
def notebook():
    return nbformat.read(ROOT / 'demo/own_shapes.ipynb', as_version=4)


def test_outputs_are_stripped(notebook) -> None:
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == 'code':
            assert not cell.outputs and cell.execution_count is None


def test_runs_from_meshes_to_pictures(notebook, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv('TMPDIR', str(tmp_path))
    monkeypatch.setenv('IPYTHONDIR', str(tmp_path / 'ipython'))
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={'metadata': {'path': str(ROOT)}}
    )
    done = client.execute()
    outputs = [output for cell in done.cells for output in cell.get('outputs', ())]
    shown = [len(output.data['image/png']) for output in outputs if 'data' in output]
    assert len(shown) == 3 and min(shown) > 20_000  # base64 of pictures that show something
    work = Path(done.cells[-1].outputs[0].text.strip())
    assert work.is_relative_to(tmp_path) and len(list((work / 'meshes').glob('*.ply'))) == 12
    for name in ('shapes', 'features'):
        page = (work / f'pictures/{name}.html').read_text()
        assert 'airplane_0' in page and '://' not in page
