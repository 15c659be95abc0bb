"""GET /qa/sample, /qa/scores and /qa/results, POST /qa/scores: what is scored, how, and what it says."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from insight import quality
from insight.api.deps import Question, Snapshot, Told
from insight.api.problems import Problem
from insight.api.scoring import Book, Scored, sample_rows, take
from insight.api.writing import own_site
from insight.published import Generation
from insight.sampling import Estimate, to_be_sure, to_tell
from insight.scorebook import Scorebook
from insight.scores import MOST_NAME, MOST_NOTE, Asked, ScoreError, standing
from insight.settings import Settings

ROUTER = APIRouter(route_class=Scored, tags=["quality"])

WITHIN = 0.03
"""How sure one may want to be of the team's figure."""

Stream = Literal["random", "coaching"]


class Drawn(BaseModel):
    """One conversation that was drawn to be scored."""

    conversation_id: str = Field(examples=["c00412"])
    sample_id: str = Field(description="its name in addresses and files", examples=["q21764729d3b7"])
    stream: str = Field(description="random: speaks for all; coaching: chosen to learn from", examples=["random"])
    week: date = Field(description="the Monday of its week", examples=["2026-11-09"])
    place: int = Field(description="in the order in which it is to be scored", examples=[1])
    double: bool = Field(description="two people are to score it")
    agent_id: str = Field(description="who answered first", examples=["a3"])
    team: str = Field(examples=["day"])
    channel: str = Field(examples=["chat"])
    topic_id: str = Field(examples=["t-late"])
    topic_en: str = Field(description="the topic's name", examples=["Parcel is late"])
    topic_zh: str = Field(description="the topic's name in Chinese", examples=["包裹延误"])
    probability: float | None = Field(description="of being drawn; null for coaching", examples=[0.125])
    weight: float | None = Field(description="for how many conversations it speaks", examples=[8.0])
    risk: float | None = Field(description="probability that the customer returns", examples=[0.31])
    signs: list[str] = Field(description="what went wrong in it", examples=[["low score"]])
    scored_by: int = Field(description="people who have scored it in all items", examples=[1])


class Sample(BaseModel):
    """What was drawn for one week."""

    week: date | None = Field(description="the Monday; null where nothing was drawn yet", examples=["2026-11-09"])
    weeks: list[date] = Field(description="every week of which there is a sample, newest first")
    conversations: list[Drawn]


class Week(Question):
    """Which week, and which of the two streams."""

    week: date | None = Field(default=None, description="a day of the week; the newest sample where not told")
    stream: Stream | None = Field(default=None, description="random or coaching; both where not told")


class OneScore(BaseModel):
    """What one person said about one item of one conversation."""

    conversation_id: str = Field(examples=["c00412"])
    stream: str = Field(description="random or coaching", examples=["random"])
    item: str = Field(description="of the rubric", examples=["politeness"])
    scorer: str = Field(examples=["mei"])
    level: int | None = Field(description="1 (worst) to levels; null where the item does not apply", examples=[4])
    levels: int = Field(description="of the item when it was scored", examples=[5])
    note: str = Field(examples=["asked twice for the order number"])
    at: datetime = Field(description="when it was taken, UTC")
    via: str = Field(description="api, page or csv", examples=["page"])
    stands: bool = Field(description="false where the same person scored it again later")


class Scores(BaseModel):
    """Scores, newest first."""

    scores: list[OneScore]
    total: int = Field(description="scores that were found", examples=[310])


class Which(Question):
    """Which scores."""

    conversation_id: str | None = Field(default=None, max_length=400, description="of this conversation only")
    scorer: str | None = Field(default=None, max_length=MOST_NAME, description="of this person only")
    limit: int = Field(default=200, ge=1, le=2_000, description="how many, newest first")


class NewScore(BaseModel):
    """A level for one item of one conversation."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=400, examples=["c00412"])
    item: str = Field(max_length=80, description="of the rubric", examples=["politeness"])
    level: int | Literal["na"] = Field(
        description="1 (worst) to the item's levels, or 'na' where it does not apply", examples=[4]
    )
    note: str = Field(default="", max_length=MOST_NOTE, description="for those who read it later", examples=[""])


class NewScores(BaseModel):
    """Scores of one person. All are taken or none; a later score of the same item replaces the earlier."""

    model_config = ConfigDict(extra="forbid")

    scorer: str = Field(min_length=1, max_length=MOST_NAME, description="who scores", examples=["mei"])
    scores: list[NewScore] = Field(min_length=1, max_length=400, description="what this person says")


class Taken(BaseModel):
    """What was written."""

    taken: int = Field(description="scores that were taken", examples=[5])


class Figure(BaseModel):
    """A mean of 0 (worst) to 1 (best), with its 95 % interval."""

    n: int = Field(description="scored conversations", examples=[40])
    value: float | None = Field(description="null where none was scored", examples=[0.84])
    low: float | None = Field(description="lower end of the 95 % interval", examples=[0.79])
    high: float | None = Field(description="upper end", examples=[0.88])
    deviation: float | None = Field(description="standard deviation of single conversations", examples=[0.21])


class ItemFigure(BaseModel):
    """One item of the rubric."""

    item: str = Field(description="its name", examples=["politeness"])
    label: str = Field(examples=["Politeness"])
    label_zh: str = Field(examples=["礼貌"])
    critical: bool = Field(description="its worst level fails the conversation")
    figure: Figure
    not_applicable: int = Field(description="conversations to which it does not apply", examples=[2])


class AgentFigure(BaseModel):
    """One agent. A verdict needs 30 scores and an interval without the team's figure in it."""

    agent_id: str = Field(examples=["a3"])
    figure: Figure
    needed: int | None = Field(
        description="scores that would tell this figure from the team's; null where they are equal", examples=[902]
    )
    verdict: str = Field(description="above, below, cannot tell or too few", examples=["too few"])


class CriticalFigure(BaseModel):
    """How many conversations failed a critical item; the interval is exact."""

    item: str = Field(examples=["privacy"])
    label: str = Field(examples=["Privacy kept"])
    label_zh: str = Field(examples=["隐私保护"])
    n: int = Field(description="conversations of the random sample that were judged by it", examples=[40])
    failed: int = Field(description="of these", examples=[1])
    low: float | None = Field(description="lower end of the 95 % interval of the share", examples=[0.001])
    high: float | None = Field(description="upper end", examples=[0.13])
    coaching_failed: int = Field(description="beside them, failed in the coaching stream", examples=[2])


class AgreementFigure(BaseModel):
    """Whether two people mean the same by an item."""

    item: str = Field(examples=["politeness"])
    label: str = Field(examples=["Politeness"])
    label_zh: str = Field(examples=["礼貌"])
    n: int = Field(description="conversations to which two people gave a level", examples=[34])
    same: int = Field(description="of these, with the same level", examples=[27])
    telling: int = Field(
        description="in which at least one of the two departs from the usual level; 10 are needed", examples=[19]
    )
    apart: int = Field(description="where only one of the two found that the item applies", examples=[1])
    kappa: float | None = Field(description="quadratic weighted; null where no score differs", examples=[0.78])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.61])
    high: float | None = Field(description="upper end", examples=[0.88])
    verdict: str = Field(description="keep (0.70 or more), rewrite, or cannot tell", examples=["keep"])


class WeekFigure(BaseModel):
    """How far the scoring of a week's random sample is."""

    week: date = Field(examples=["2026-11-09"])
    drawn: int = Field(description="conversations that were drawn", examples=[40])
    scored: int = Field(description="of these, scored in all items", examples=[31])
    twice: int = Field(description="to be scored by two people", examples=[4])
    twice_scored: int = Field(description="of these, scored by two", examples=[3])


class Example(BaseModel):
    """How many scores of each side tell two shares apart, with 5 % error and 80 % power."""

    one: float = Field(examples=[0.85])
    other: float = Field(examples=[0.75])
    needed: int = Field(examples=[248])


class Quality(BaseModel):
    """What the scores of the random sample say about all conversations of the sampled weeks."""

    weeks: list[WeekFigure]
    conversations: int = Field(description="answered conversations of these weeks", examples=[4_000])
    covered: int = Field(description="of these, in a stratum of which something was scored", examples=[3_900])
    begun: int = Field(description="scored in some items only, so in no figure of the whole", examples=[3])
    coached: int = Field(description="scored conversations of the coaching stream; in no figure", examples=[12])
    team: Figure
    to_be_sure: int | None = Field(description="scores that would bring the team's figure to ±3 points", examples=[560])
    example: Example
    items: list[ItemFigure]
    agents: list[AgentFigure]
    critical: list[CriticalFigure]
    agreements: list[AgreementFigure]


class Back(Question):
    """How far results look back."""

    weeks: int = Field(default=quality.WEEKS, ge=1, le=104, description="sampled weeks, counted from the newest")


def read_sample(generation: Generation, book: Scorebook, *, asked: Week, told: Settings) -> Sample:
    """What was drawn for a week, and how many people have scored it."""
    rows = sample_rows(generation)
    weeks = sorted({row["week"] for row in rows}, reverse=True)
    shown = _week_of(asked.week, weeks)
    people = quality.by_conversation(book.read())
    chosen = [row for row in rows if row["week"] == shown and asked.stream in (None, row["stream"])]
    counted = {
        row["conversation_id"]: len(quality.done(people.get(row["conversation_id"], {}), told.quality.rubric))
        for row in chosen
    }
    drawn = [Drawn(**_named(row, Drawn), scored_by=counted[row["conversation_id"]]) for row in chosen]
    return Sample(week=shown, weeks=weeks, conversations=drawn)


def _named(row: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {name: row[name] for name in model.model_fields if name in row}


def _week_of(day: date | None, weeks: list[date]) -> date | None:
    """The week that a day is in, whether or not there is a sample of it; the newest where no day is told."""
    if day is None:
        return weeks[0] if weeks else None
    return date.fromordinal(day.toordinal() - day.weekday())


def read_results(generation: Generation, book: Scorebook, *, weeks: int, told: Settings) -> Quality:
    """What the scores come to."""
    found = quality.results(sample_rows(generation), book.read(), rubric=told.quality.rubric, weeks=weeks)
    return Quality(
        weeks=[WeekFigure(**week._asdict()) for week in found.weeks],
        **{name: getattr(found, name) for name in ("conversations", "covered", "begun", "coached")},
        team=_figure(found.team),
        to_be_sure=to_be_sure(found.team, WITHIN),
        example=Example(one=quality.EXAMPLE[0], other=quality.EXAMPLE[1], needed=to_tell(*quality.EXAMPLE) or 0),
        items=[
            ItemFigure(
                item=one.item.name,
                label=one.item.label,
                label_zh=one.item.label_zh,
                critical=one.item.critical,
                figure=_figure(one.estimate),
                not_applicable=one.not_applicable,
            )
            for one in found.items
        ],
        agents=[
            AgentFigure(agent_id=a.agent_id, figure=_figure(a.estimate), needed=a.needed, verdict=a.verdict)
            for a in found.agents
        ],
        critical=[_critical(one) for one in found.critical],
        agreements=[_agreement(one) for one in found.agreements],
    )


def _figure(told: Estimate) -> Figure:
    return Figure(**asdict(told))


def _critical(one: quality.Critical) -> CriticalFigure:
    names = {"item": one.item.name, "label": one.item.label, "label_zh": one.item.label_zh}
    counts = {name: getattr(one, name) for name in ("n", "failed", "low", "high", "coaching_failed")}
    return CriticalFigure(**names, **counts)


def _agreement(one: quality.Alike) -> AgreementFigure:
    names = {"item": one.item.name, "label": one.item.label, "label_zh": one.item.label_zh}
    return AgreementFigure(**names, **asdict(one.agreement), apart=one.apart, verdict=one.agreement.verdict)


@ROUTER.get("/qa/sample", operation_id="qa_sample", summary="Which conversations are to be scored?")
def sample(asked: Annotated[Week, Query()], generation: Snapshot, book: Book, told: Told) -> Sample:
    """In the order in which they are to be scored, so that a sample that is scored in part is a random one too."""
    return read_sample(generation, book, asked=asked, told=told)


@ROUTER.get("/qa/scores", operation_id="qa_scores", summary="Who scored what, and when?")
def scores(asked: Annotated[Which, Query()], generation: Snapshot, book: Book) -> Scores:
    """Newest first, also those that the same person replaced later."""
    every = book.read()
    stands = {id(score) for score in standing(every)}
    found = [
        score
        for score in reversed(every)
        if asked.conversation_id in (None, score.conversation_id) and asked.scorer in (None, score.scorer)
    ]
    shown = [
        OneScore(
            **{k: v for k, v in asdict(score).items() if k != "at_ms"},
            at=datetime.fromtimestamp(score.at_ms / 1000, UTC),
            stands=id(score) in stands,
        )
        for score in found[: asked.limit]
    ]
    return Scores(scores=shown, total=len(found))


@ROUTER.post(
    "/qa/scores",
    operation_id="qa_score",
    summary="Can these scores be taken?",
    dependencies=[Depends(own_site)],
    responses={403: {"model": Problem, "description": "Forbidden"}},
)
def score(sent: NewScores, generation: Snapshot, book: Book, told: Told) -> Taken:
    """Writes all of them, or none and says which cannot be taken and why."""
    asked = [
        (str(n), Asked(one.conversation_id, sent.scorer, one.item, one.level, one.note))
        for n, one in enumerate(sent.scores)
    ]
    try:
        taken = take(book, asked, sample=sample_rows(generation), told=told, via="api")
    except ScoreError as error:
        wrong = f"{error.what}; wanted: {error.wanted}"  # what came is never echoed
        flaw = {"type": "value_error", "loc": ("body", f"scores.{error.where}"), "msg": wrong}
        raise RequestValidationError([flaw]) from error
    return Taken(taken=len(taken))


@ROUTER.get("/qa/results", operation_id="qa_results", summary="How well do we serve, by the conversations we read?")
def results(asked: Annotated[Back, Query()], generation: Snapshot, book: Book, told: Told) -> Quality:
    """Estimates over all answered conversations of the sampled weeks; coaching is in none of them."""
    return read_results(generation, book, weeks=asked.weeks, told=told)
