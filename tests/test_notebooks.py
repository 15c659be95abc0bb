"""The notebooks run on the published file alone, and are stored without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_answers_its_question(path, shop, monkeypatch):
    monkeypatch.setenv("INSIGHT_LAKE", str(shop / ".insight"))
    notebook = nbformat.read(path, as_version=4)

    assert notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.partition("\n")[0].endswith("?")
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(path.parent))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_without_outputs_and_reads_no_lake(path):
    cells = nbformat.read(path, as_version=4).cells

    assert [] == [c for c in cells if c.cell_type == "code" and (c.outputs or c.execution_count)]
    assert [] == [c for c in cells if "Store(" in c.source or "deltalake" in c.source]
