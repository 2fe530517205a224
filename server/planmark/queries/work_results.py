"""The begin and the end of work in a tree of its own, as public results."""

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
    """Work that has begun. `workspace` is the folder in which the agent works. `tree` is null without a tree of its own.

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
    """The end of work. `before` and `after` are the states of its item before and after the work, by its tree.

    `by` is the evidence in one line. `commit` is the commit of the integration on the branch `into`. `paths` are the
    files in conflict, or outside of the work; `listed` are the changed files of work whose files no document names.
    `kept` is the folder that stays, with the reason, "" if it was removed. `prompt` tells an agent what to do about a
    conflict, else "".
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
