"""`insight run` that kills itself with SIGKILL, again and again: `python -m tests.killed SETTINGS`.

Each line of the input, `TABLE WHEN`, is one run, and each line of the output how it ended (-9: killed). `WHEN` is
`before` (the rows are ready, nothing is written) or `after` (they are written, nothing else is). For the published
file, `built` is after the file stands and before the pointer moves.

Every run is a process of its own. It is forked from one that has loaded the libraries, which take longer than the run.
"""

import importlib
import os
import signal
import sys
from pathlib import Path

LIBRARIES = ("deltalake", "duckdb", "narwhals", "numba", "pandas", "pyarrow.compute", "scipy.stats", "sklearn", "typer")


def kill(*_args, **_options):
    os.kill(os.getpid(), signal.SIGKILL)


def around(write, table, when):
    """The same write, with a kill before or after it when its table is reached."""

    def killed(self, thing, rows, *, fingerprint):
        if thing.name == table and when == "before":
            kill()
        write(self, thing, rows, fingerprint=fingerprint)
        if thing.name == table and when == "after":
            kill()

    return killed


def run(told, table, when):
    import insight.published
    import insight.store
    from insight.cli import app

    for place in (insight.store.Store, insight.published.Folder):
        place.write = around(place.write, table, when)
    if when == "built":
        insight.published._write_synced = kill
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    app(["run", "--settings", told, "--json"])


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin.read().splitlines():
        child = os.fork()
        if not child:
            run(sys.argv[1], *line.split())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
