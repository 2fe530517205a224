"""What a format with work and verdicts says about its files, as a value: what misnamed files and overviews are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from planmark.plans.model import AchievementState
from planmark.plans.registry import methodology_part
from planmark.queries.grammaplans import GrammaplanResult
from planmark.queries.misnamed import MisnamedResult
from planmark.queries.workspace_view import View
from planmark.workspace.snapshot import PlanDocuments, Snapshot


class DocumentSubject(NamedTuple):
    """The achievement that a document is about. `needs_one` tells whether such a document must be about one."""

    item: AchievementState | None
    needs_one: bool


class WorkAnswers(NamedTuple):
    """The functions that answer questions about documents besides the states of their plans.

    `misnamed` returns the misnamed files of a workspace, or of the plan at a path, sorted by path. `overviews` returns
    the documents that list several plans, and `overview_named` the one that a name or a path means, None without one.
    `subject` returns what the document of a plan at a path is about.
    """

    misnamed: Callable[[Snapshot, str | None], tuple[MisnamedResult, ...]]
    overviews: Callable[[View], tuple[GrammaplanResult, ...]]
    overview_named: Callable[[View, str], GrammaplanResult | None]
    subject: Callable[[View, PlanDocuments, str], DocumentSubject]


@functools.cache
def plan_answers() -> WorkAnswers:
    """Return what the methodology says about its files."""
    found: WorkAnswers = methodology_part("answers")
    return found
