"""The sections of a report, each with its rows, for `report_output.py` to write as Markdown or as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.queries.plan_formats import METHODOLOGY
from planmark.queries.work_report import ReportedItem, ReportedPlan, ReportedRisk, ReportedWait, ReportResult
from planmark.text.pluralize import counted_noun
from planmark.text.visible import visible_in_one_line

MAX_ROWS = 8
"""Maximum number of rows of a section, unless the user asks for all."""


class ReportRow(NamedTuple):
    """A row of a report. A text for which the row has no value is "".

    `time` is a day or a number of days. `subject` is the id and the title of an achievement. `note` is a remark about
    the subject or the plan. `done_count` and `total` are the progress of a plan. In rows about other things, both are
    0.
    """

    time: str
    role: str
    feature: str
    subject: str
    note: str
    done_count: int = 0
    total: int = 0


class ReportSection(NamedTuple):
    """A section of a report: its title, its rows, the number of omitted rows, and a remark that follows the rows."""

    title: str
    rows: Sequence[ReportRow]
    omitted_count: int
    remark: str


class ReportPage(NamedTuple):
    """A report: its title, a summary in one sentence, its sections, and the command that shows all rows."""

    title: str
    summary: str
    sections: Sequence[ReportSection]
    command: str


def report_page(result: ReportResult, command: str, max_rows: int | None = MAX_ROWS) -> ReportPage:
    """Return the page of a report. `command` is the command that shows all rows.

    Each section has at most `max_rows` rows. If `max_rows` is None, each section has all rows.
    """
    done_word = _done_word(result)
    sections = [
        _report_section(
            done_word.capitalize(), [_item_row(item) for item in result.approved], f"Nothing was {done_word}.", max_rows
        ),
        _report_section("Reopened", [_item_row(item) for item in result.reopened], "", max_rows),
        _report_section("Waiting", [_wait_row(wait) for wait in result.waiting], "Nothing waits.", max_rows),
        _report_section("Risks", [_risk_row(risk) for risk in result.risks], "None.", max_rows),
        _progress_section(result.plans, max_rows, is_single_plan=result.only is not None),
        _report_section(
            "Notes", [ReportRow("", "", "", "", visible_in_one_line(note)) for note in result.notes], "", max_rows
        ),
    ]
    name = f"@{result.plans[0].feature}" if result.only and result.plans else Path(result.workspace).name
    title = visible_in_one_line(f"{name}, {result.since} to {result.today}")
    return ReportPage(
        title, _summary(result), [section for section in sections if section.rows or section.remark], command
    )


def _done_word(result: ReportResult) -> str:
    """Return the word for finished items: `approved` in the methodology, `done` in other formats."""
    formats = {plan.format for plan in result.plans}
    return "approved" if formats <= {METHODOLOGY} else "approved or done" if METHODOLOGY in formats else "done"


def _summary(result: ReportResult) -> str:
    parts = [
        f"{len(result.approved)} {_done_word(result)}",
        *([f"{len(result.reopened)} reopened"] if result.reopened else []),
        counted_noun(len(result.waiting), "step waits", "steps wait"),
        counted_noun(len(result.risks), "risk"),
    ]
    return ", ".join(parts)


def _report_section(title: str, rows: Sequence[ReportRow], remark_if_empty: str, max_rows: int | None) -> ReportSection:
    visible_rows = rows if max_rows is None else rows[:max_rows]
    return ReportSection(
        f"{title} ({len(rows)})" if rows else title,
        visible_rows,
        len(rows) - len(visible_rows),
        "" if rows else remark_if_empty,
    )


def _item_row(item: ReportedItem) -> ReportRow:
    rounds_text = f"round {item.rounds}" if item.rounds > 1 else ""
    note = ", ".join(part for part in (f"by {visible_in_one_line(item.by)}" if item.by else "", rounds_text) if part)
    return ReportRow(item.at[:10], "", item.feature, _subject_text(item.achievement, item.title), note)


def _wait_row(wait: ReportedWait) -> ReportRow:
    time = "" if wait.days is None else counted_noun(wait.days, "day")
    subject = _subject_text(wait.achievement, wait.title) if wait.achievement else ""
    return ReportRow(time, wait.role, wait.feature, subject, wait.step_label)


def _risk_row(risk: ReportedRisk) -> ReportRow:
    return ReportRow("", "", risk.feature, _subject_text(risk.achievement, risk.title), risk.says)


def _progress_section(plans: Sequence[ReportedPlan], max_rows: int | None, *, is_single_plan: bool) -> ReportSection:
    """Return the section with a row for the progress of each plan that is active or has changed.

    A remark gives the number of other plans. With `is_single_plan`, each of `plans` has a row.
    """
    listed_plans = [
        plan for plan in plans if is_single_plan or plan.change or (plan.lifecycle == "active" and not plan.closed)
    ]
    section = _report_section("Progress", [_plan_row(plan) for plan in listed_plans], "No plan is active.", max_rows)
    paths = {plan.plan for plan in listed_plans}
    other_counts = ", ".join(_lifecycle_counts_in_words([plan for plan in plans if plan.plan not in paths]))
    remark = " ".join(
        part for part in (section.remark, f"Other plans: {other_counts}." if other_counts else "") if part
    )
    return section._replace(remark=remark)


def _lifecycle_counts_in_words(plans: Sequence[ReportedPlan]) -> Iterator[str]:
    groups = ["closed" if plan.closed else plan.lifecycle for plan in plans]
    for name in dict.fromkeys(groups):
        yield f"{groups.count(name)} {name}"


def _plan_row(plan: ReportedPlan) -> ReportRow:
    parts = [
        f"{abs(plan.change)} {'more' if plan.change > 0 else 'fewer'} since then" if plan.change else "",
        f"{plan.undated} at an unknown time" if plan.undated else "",
        "" if plan.of else "no achievements",
        "closed" if plan.closed else "" if plan.lifecycle == "active" else plan.lifecycle,
    ]
    return ReportRow("", "", plan.feature, "", ", ".join(part for part in parts if part), plan.approved, plan.of)


def _subject_text(achievement: str, title: str) -> str:
    # A ref such as `:12-a4f1` says nothing to a reader.
    name = "" if achievement.startswith(":") else achievement
    return visible_in_one_line(f"{name} {title}".strip())
