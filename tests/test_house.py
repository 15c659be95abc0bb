"""House rules that no other machine keeps: sizes, docs that match the code, nothing pickled."""

import ast
import re
from pathlib import Path

import pytest
from typer.main import get_command

from insight.cli import app
from insight.kpis import KPIS
from insight.plan import picture
from jobs import every_job

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = sorted([*(ROOT / "insight").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")])


def test_the_river_in_the_readme_is_the_one_that_the_jobs_declare():
    drawn = README.partition("<!-- river -->\n```\n")[2].partition("\n```\n<!-- /river -->")[0]

    assert picture(every_job()) == drawn


def test_the_plan_stays_under_a_hundred_lines():
    assert 100 > len((ROOT / "insight" / "plan.py").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_says_first_what_lives_in_it_and_keeps_its_functions_short(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [] == [f.name for f in functions if f.end_lineno - f.lineno >= 60]


def test_nothing_is_pickled():
    forbidden = re.compile(r"\b(pickle|joblib|dill|cloudpickle|torch\.load|allow_pickle=True)\b")

    assert [] == [str(p) for p in SOURCES if forbidden.search(p.read_text(encoding="utf-8"))]


def test_the_way_from_table_to_table_fits_on_a_screen():
    for path in sorted((ROOT / "jobs").glob("[!_]*.py")):
        (work,) = [n for n in ast.parse(path.read_text(encoding="utf-8")).body if getattr(n, "name", "") == "work"]
        assert work.end_lineno - work.lineno <= 45, path.name


def test_every_command_has_help_and_stands_in_the_readme():
    commands = get_command(app).commands

    assert {} == {name: "no help" for name, command in commands.items() if not command.help}
    assert [] == [name for name in commands if f"insight {name}" not in README]


def test_every_kpi_says_what_it_asks_and_means_in_both_languages():
    assert KPIS
    for name, (_group, kpi) in KPIS.items():
        assert kpi.asks.endswith("?"), name
        assert kpi.asks_zh, name
        assert kpi.means, name


def test_importing_the_commands_is_light():
    """`insight --help` must not wait for torch or BERTopic."""
    import subprocess
    import sys

    heavy = ("torch", "bertopic", "sklearn", "networkit")
    code = f"import sys, insight.cli; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "[]" == out.stdout.strip()
