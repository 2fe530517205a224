"""The functions of the methodology that find misnamed files, overviews of plans, and the subjects of documents."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.plans.model import AchievementState
from planmark.plans.registry import methodology_part
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.workspace_view import View
from planmark.workspace.snapshot import FormatPlan, Snapshot


class DocumentSubject(NamedTuple):
    """The achievement that a document is about. `needs_achievement` tells whether such a document must have one."""

    item: AchievementState | None
    needs_achievement: bool


class WorkAnswers(NamedTuple):
    """The functions that answer questions about documents besides the states of their plans.

    `misnamed` returns the misnamed files of a workspace, or of the plan at a path, sorted by path. `overviews` returns
    the documents that list several plans. `overview_named` returns the overview with a name or a path, or None.
    `subject` returns the achievement that a document of a plan is about.
    """

    misnamed: Callable[[Snapshot, str | None], tuple[MisnamedResult, ...]]
    overviews: Callable[[View], tuple[GrammaplanResult, ...]]
    overview_named: Callable[[View, str], GrammaplanResult | None]
    subject: Callable[[View, FormatPlan, str], DocumentSubject]


@functools.cache
def plan_answers() -> WorkAnswers:
    """Return the functions by which the methodology answers questions about its documents."""
    answers: WorkAnswers = methodology_part("answers")
    return answers
