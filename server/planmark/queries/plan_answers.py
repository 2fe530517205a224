"""The functions of the methodology that find misnamed files, GRAMMAPLANs, and the achievement of a document."""

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
    """The achievement that a document is about, None if there is none.

    `needs_achievement` tells whether a document of this kind must be about an achievement.
    """

    item: AchievementState | None
    needs_achievement: bool


class AnswerFunctions(NamedTuple):
    """The functions that answer questions about documents of the methodology.

    `misnamed` returns the misnamed files of a plan, sorted by path. Its second parameter is the path of the plan; None
    for all plans. `overviews` returns the GRAMMAPLANs of a workspace. `overview_named` returns the GRAMMAPLAN with a
    name or a path; None if there is none. `subject` returns the achievement that a document of a plan is about.
    """

    misnamed: Callable[[Snapshot, str | None], tuple[MisnamedResult, ...]]
    overviews: Callable[[View], tuple[GrammaplanResult, ...]]
    overview_named: Callable[[View, str], GrammaplanResult | None]
    subject: Callable[[View, FormatPlan, str], DocumentSubject]


@functools.cache
def answer_functions() -> AnswerFunctions:
    """Return the functions of the methodology that answer questions about its documents."""
    answers: AnswerFunctions = methodology_part("answers")
    return answers
