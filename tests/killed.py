"""`insight run` that kills itself with SIGKILL: `python -m tests.killed SETTINGS TABLE when`.

`when` is `before` (the rows are ready, nothing is written) or `after` (they are written, nothing else is). For the
published file, `built` is after the file stands and before the pointer moves.
"""

import os
import signal
import sys

import insight.published
import insight.store
from insight.cli import app


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


if __name__ == "__main__":
    _, told, table, when = sys.argv
    for place in (insight.store.Store, insight.published.Folder):
        place.write = around(place.write, table, when)
    if when == "built":
        insight.published._write_synced = kill
    app(["run", "--settings", told, "--json"])
