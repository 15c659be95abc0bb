"""GET /faq and /faq/draft: frequent questions, what settled them, what is badly answered; and drafts of help pages."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from insight import drafts
from insight.api.deps import Question, Snapshot, Top
from insight.api.remember import Remembered
from insight.published import Generation
from insight.schema import UNASSIGNED

ROUTER = APIRouter(route_class=Remembered, tags=["faq"])

QUESTIONS = "select *, count(*) over () as total from mart.main.faq order by contacts desc, question_id limit ?"
ANSWERS = "select * from mart.main.faq_answers order by question_id, language, rank"
NAMES = "select topic_id, name_en, name_zh from mart.main.topics"


class Answer(BaseModel):
    """A sentence that agents told enough customers who asked it."""

    language: str = Field(description="ISO 639-1", examples=["en"])
    rank: int = Field(description="1 is the surest to settle it", examples=[1])
    answer: str = Field(description="the words, masked", examples=["You have 30 days, the label is free."])
    contacts: int = Field(description="conversations in which it was the answer", examples=[48])
    judged: int = Field(description="of these, those in which a return could be seen", examples=[41])
    share: float = Field(description="without a same-issue return within 7 days, drawn to the usual", examples=[0.93])
    low: float = Field(description="lower end of its 95 % interval", examples=[0.82])
    high: float = Field(description="upper end of it", examples=[0.98])


class FrequentQuestion(BaseModel):
    """A question that customers ask again and again, in any language."""

    question_id: str = Field(examples=["q1b2c3d4e5f"])
    topic_id: str = Field(examples=["returns.how_to_return"])
    question: str = Field(description="the wording nearest to its centre", examples=["How do I return this?"])
    question_en: str | None = Field(description="the same in English, where it was asked in English")
    question_zh: str | None = Field(description="the same in Chinese, where it was asked in Chinese")
    languages: list[str] = Field(description="in which it was asked, most first", examples=[["en", "de"]])
    contacts: int = Field(description="conversations of the last half year in which it was asked", examples=[128])
    customers: int = Field(description="distinct customers", examples=[120])
    unanswered: int = Field(description="of the contacts, those that no person answered", examples=[3])
    judged: int = Field(description="of the contacts, those in which a return could be seen", examples=[110])
    share: float | None = Field(description="of these, without a same-issue return within 7 days", examples=[0.87])
    low: float | None = Field(description="lower end of its 95 % interval", examples=[0.8])
    high: float | None = Field(description="upper end of it", examples=[0.92])
    usual: float = Field(description="the share over all contacts", examples=[0.86])
    gap: Literal["comes back", "no common answer", ""] = Field(description="why it needs work; empty where it does not")
    answers: list[Answer]


class Faq(BaseModel):
    """Frequent questions, asked most first."""

    questions: list[FrequentQuestion]
    total: int = Field(description="how many there are", examples=[78])


class Draft(Question):
    """What a draft is asked for."""

    lang: Literal["en", "zh"] = Field(default="en", description="language of the draft")
    form: Literal["md", "csv"] = Field(default="md", description="Markdown to edit, or CSV to load")


def read(generation: Generation, *, limit: int) -> Faq:
    """The questions that are asked most, with their answers."""
    rows, answers = generation.rows(QUESTIONS, [limit]), generation.rows(ANSWERS)
    return Faq(
        questions=[
            FrequentQuestion(**row, answers=[Answer(**a) for a in answers if a["question_id"] == row["question_id"]])
            for row in rows
        ],
        total=rows[0]["total"] if rows else 0,
    )


def draft(generation: Generation, asked: Draft) -> str:
    """All frequent questions as a draft."""
    write = drafts.markdown if asked.form == "md" else drafts.sheet
    rows, answers = generation.rows(QUESTIONS, [2**31]), generation.rows(ANSWERS)
    return write(rows, answers, names(generation, asked.lang), lang=asked.lang)


def names(generation: Generation, lang: str) -> dict[str, str]:
    """Names of topics by id; what fits none has no name."""
    rows = generation.rows(NAMES)
    return {row["topic_id"]: row[f"name_{lang}"] for row in rows if row["topic_id"] != UNASSIGNED}


@ROUTER.get("/faq", operation_id="faq", summary="What is asked again and again, and which answers settled it?")
def faq(asked: Annotated[Top, Query()], generation: Snapshot) -> Faq:
    """Asked most first. An answer goes with what then happened; it is no proof that it did it."""
    return read(generation, limit=asked.limit)


@ROUTER.get(
    "/faq/draft",
    operation_id="faq_draft",
    summary="What could help pages say?",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}, "text/csv": {}}}},
)
def faq_draft(asked: Annotated[Draft, Query()], generation: Snapshot) -> Response:
    """Frequent questions with their surest answers, as a file to edit: nothing in it is published."""
    kind = "text/markdown" if asked.form == "md" else "text/csv"
    text = draft(generation, asked)
    name = f"questions_{asked.lang}.{asked.form}"
    return Response(
        text.encode("utf-8-sig" if asked.form == "csv" else "utf-8"),
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
