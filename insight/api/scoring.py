"""What routes and pages about scores share: the scores, and answers that follow them."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Annotated, Any

from fastapi import Depends, Request

from insight.api.remember import Remembered
from insight.published import Generation
from insight.scorebook import Scorebook
from insight.scores import Asked, Score, checked
from insight.settings import Settings

SAMPLE = """
select s.*, coalesce(t.name_en, s.topic_id) as topic_en, coalesce(t.name_zh, s.topic_id) as topic_zh
from mart.main.qa_sample s left join mart.main.topics t using (topic_id)
order by s.week desc, s.stream desc, s.place, s.conversation_id
"""
"""Newest week first; in it the random stream, then coaching; each in the order in which it is to be scored."""


class Scored(Remembered):
    """A route whose answer follows from the scores too: it is new with every score that is taken."""

    @staticmethod
    def beside(request: Request) -> str:
        """How many scores were taken."""
        return str(request.app.state.scorebook.revision())


def _scorebook(request: Request) -> Scorebook:
    book: Scorebook = request.app.state.scorebook
    return book


Book = Annotated[Scorebook, Depends(_scorebook)]
"""The scores that people gave."""


def sample_rows(generation: Generation) -> list[dict[str, Any]]:
    """Every conversation that was drawn, with its topic's name."""
    return generation.rows(SAMPLE)


def take(
    book: Scorebook, asked: Sequence[tuple[str, Asked]], *, sample: Sequence[dict[str, Any]], told: Settings, via: str
) -> list[Score]:
    """Take scores, all of them or none.

    :param asked: each with the place to name where it cannot be taken.
    :raises ScoreError: the first that cannot be taken, and why.
    """
    streams = {row["conversation_id"]: row["stream"] for row in sample}
    now = int(time() * 1000)
    rubric = told.quality.rubric
    scores = [checked(one, streams=streams, rubric=rubric, at_ms=now, via=via, where=place) for place, one in asked]
    book.append(scores)
    return scores
