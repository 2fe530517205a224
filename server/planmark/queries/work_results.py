"""The public results about work on a step in a work tree: the result of `planmark work`, and the result of `planmark
finish`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from planmark.coordination.lease import Lease
from planmark.plans.model import Role, Step
from planmark.plans.preflight import PreflightFinding
from planmark.prompts.prompt import Prompt

FinishKind = Literal["ok", "no_progress", "outside", "conflict", "gone"]


class WorkTreeResult(msgspec.Struct, frozen=True, kw_only=True):
    """The work tree of a lease: its folder, its branch, the commit it began from, and where its work is integrated."""

    folder: str
    branch: str
    base: str
    into: str


class WorkResult(msgspec.Struct, frozen=True, kw_only=True):
    """Work that has begun. The agent works in the folder `workspace`. `tree` is null if the work has no tree of its own.

    `before` is the state of the item, or the step of the plan for work without an item.
    """

    schema: str = "planmark.work/1"
    workspace: str
    feature: str
    achievement: str
    step: Step
    label: str
    role: Role
    before: str
    lease: Lease
    tree: WorkTreeResult | None
    prompt: Prompt
    notes: tuple[str, ...]


class FinishResult(msgspec.Struct, frozen=True, kw_only=True):
    """The end of work. `before` and `after` are the states of the item before and after the work, as its tree shows them.

    `by` is the evidence in one line. `commit` is the commit on the branch `into` that integrates the work. `paths` are the
    files in conflict, or the files that are not part of the work. `listed` are the changed files, if no document names the
    files of the work. `kept` is the folder that stays, with the reason; "" if it was removed. `prompt` tells an agent what
    to do about a conflict, or is "".
    """

    schema: str = "planmark.finish/1"
    kind: FinishKind
    feature: str
    achievement: str
    before: str
    after: str
    by: str
    into: str
    commit: str
    paths: tuple[str, ...]
    listed: tuple[str, ...]
    findings: tuple[PreflightFinding, ...]
    kept: str
    prompt: str
    lease: Lease
