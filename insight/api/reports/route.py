"""GET /reports/{report}: the daily, weekly or monthly report as JSON, Markdown or a workbook."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from insight import documents
from insight.api.deps import Question, Snapshot, Told
from insight.api.problems import unknown
from insight.api.remember import Remembered
from insight.api.reports import REPORTS, document
from insight.api.words import Words

ROUTER = APIRouter(route_class=Remembered, tags=["reports"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Form(Question):
    """In which language and form."""

    lang: Literal["en", "zh"] = Field(default="en", description="language of the report")
    form: Literal["json", "md", "xlsx"] = Field(default="json", description="for machines, to edit, or a workbook")


class Document(BaseModel):
    """A report: what matters most, then its sections with their tables."""

    title: str = Field(examples=["Lumora: the week"])
    subtitle: str = Field(description="its days, and those it compares with")
    lines: list[str] = Field(description="what matters most")
    sections: list[dict[str, Any]] = Field(description="name, title, lines, tables (title, heads, rows of cells), note")
    language: str = Field(examples=["en"])


@ROUTER.get(
    "/reports/{report}",
    operation_id="report",
    summary="What changed, what drives it, and what is to do?",
    response_model=Document,
    responses={200: {"content": {"text/markdown": {}, XLSX: {}}}},
)
def one_report(
    report: Annotated[str, Path(max_length=20)], asked: Annotated[Form, Query()], generation: Snapshot, told: Told
) -> Response:
    """The daily, weekly or monthly report: figures against targets, topics, risks, demand, fixes, costs and people."""
    if report not in REPORTS:
        raise unknown("report")
    made = document(REPORTS[report], generation, told, Words(asked.lang, told.shop.clock, told.shop.currency))
    file = {"Content-Disposition": f'attachment; filename="{report}_{asked.lang}.{asked.form}"'}
    if asked.form == "md":
        return Response(documents.markdown(made), media_type="text/markdown; charset=utf-8", headers=file)
    if asked.form == "xlsx":
        return Response(documents.workbook(made), media_type=XLSX, headers=file)
    plain = {key: value for key, value in asdict(made).items() if key != "made"}
    for section in plain["sections"]:
        section["tables"] = [{key: t[key] for key in ("title", "heads", "rows")} for t in section["tables"]]
    return JSONResponse(plain)
