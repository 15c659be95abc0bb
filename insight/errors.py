"""What can go wrong, in words: each error says what came, what was wanted, and what to do next.

InsightError
├── SettingsError     insight.toml or the environment says something that cannot be used
├── SourceError       a file or a feed cannot be read, or does not have the columns it was said to have
├── TableError        a job returned rows that the table's contract refuses
├── LeakError         a score would know what came only after it
├── PlanError         the jobs do not form a river: a circle, two writers of one table, an unknown name
├── MissingPart       a shipped model file or an optional package is absent or was changed
└── PublishedError    there is no published file, or it does not match its manifest
"""


class InsightError(Exception):
    """The root of every error that a user can cure.

    :param what: one sentence: what could not be done.
    :param came: what was found instead, never personal data.
    :param wanted: what would have been accepted.
    :param fix: the next step for the reader.
    :param where: file and line, or table and column.
    """

    def __init__(self, what: str, *, came: str = "", wanted: str = "", fix: str = "", where: str = "") -> None:
        self.what, self.came, self.wanted, self.fix, self.where = what, came, wanted, fix, where
        parts = [f"{where}: {what}" if where else what]
        parts += [f"{label}: {text}" for label, text in (("came", came), ("wanted", wanted), ("fix", fix)) if text]
        super().__init__("\n  ".join(parts))


class SettingsError(InsightError):
    """insight.toml or the environment says something that cannot be used."""


class SourceError(InsightError):
    """A file or a feed cannot be read, or does not have the columns it was said to have."""


class TableError(InsightError):
    """A job returned rows that the table's contract refuses."""


class LeakError(InsightError):
    """A score would know what came only after it, so that it could not be as good tomorrow as it looks today."""


class PlanError(InsightError):
    """The jobs do not form a river."""


class MissingPart(InsightError):  # noqa: N818 - it names what is missing; "MissingPartError" says nothing more
    """A shipped model file or an optional package is absent or was changed."""


class PublishedError(InsightError):
    """There is no published file, or it does not match its manifest."""
