"""The types of rules, and the function that imports the rules of the methodology."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from planmark.diagnostics.rule_inputs import (
    DocumentInput,
    DocumentReference,
    Fix,
    FixContext,
    SectionDiagnostic,
    WorkspaceInput,
)
from planmark.markdown.sections import Section
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode, FixKind
from planmark.plans.evaluation import PlanEvaluation
from planmark.plans.registry import methodology_part
from planmark.workspace.persistent_map import PathMap
from planmark.workspace.snapshot import FormatPlan, Snapshot

FinishReason = Literal["done", "closed"]
"""The reason why a document is finished: its achievement is done, or its plan is closed, stopped or archived."""
FinishReasonByPath = Mapping[str, FinishReason]
"""Mapping from the path of a finished document to the reason."""
SectionRule = Callable[[Section], Iterator[SectionDiagnostic]]
DocumentRule = Callable[[DocumentInput], Iterator[Diagnostic]]
PlanRule = Callable[[Snapshot, FormatPlan, PlanEvaluation], Iterator[Diagnostic]]
ReadRuleInputs = Callable[[Snapshot], tuple[object, ...]]
"""A function that returns the objects of a snapshot that a workspace rule reads; () for a rule that runs at every
change.
"""
WorkspaceRule = tuple[Callable[[WorkspaceInput], Iterator[Diagnostic]], ReadRuleInputs]
"""A function that yields the diagnostics of a workspace, and the function that returns its input objects."""
MakeFixes = Callable[[FixContext, Any], Iterator[Fix]]
"""A function that converts the data of a fix (the second argument) to fixes, the best first."""


class ReferenceRules(NamedTuple):
    """The functions that compare the references of a document with the existing files.

    `absent_names` returns the words of a document that are names of missing documents. `references_in` returns the
    references of a document that can be wrong. `missing_diagnostics` yields the diagnostics about missing documents.
    `stale_range_diagnostics` yields the diagnostics about lines beyond the end of a document.
    """

    absent_names: Callable[[str, tuple[str, ...], Container[str]], tuple[str, ...]]
    references_in: Callable[[DocumentInput, Container[str], tuple[str, ...]], tuple[DocumentReference, ...]]
    missing_diagnostics: Callable[[str, tuple[DocumentReference, ...], PathMap[tuple[str, ...]]], Iterator[Diagnostic]]
    stale_range_diagnostics: Callable[[Snapshot, Mapping[str, tuple[DocumentReference, ...]]], Iterator[Diagnostic]]


class Topic(NamedTuple):
    """The codes, rules and fixes of one topic, by the scope that decides when a rule runs again.

    A rule in `section` runs when the section changes, and a rule in `document` when the document changes. A rule in
    `plan` runs when a document of the plan changes. A rule in `workspace` runs when one of its input objects is
    replaced. A rule that is faster than a comparison of its inputs uses `no_inputs`, and runs at every change. `fixes`
    has the function for each kind of fix.
    """

    codes: tuple[DiagnosticCode, ...]
    section: tuple[SectionRule, ...] = ()
    document: tuple[DocumentRule, ...] = ()
    plan: tuple[PlanRule, ...] = ()
    workspace: tuple[WorkspaceRule, ...] = ()
    fixes: tuple[tuple[type[FixKind], MakeFixes], ...] = ()


class Rules(NamedTuple):
    """All rules of a format.

    The fields up to `fixes` combine the fields of all topics of the format. `finish_reasons` returns the documents of a
    plan that need no more work, and `is_relevant` tells whether a diagnostic of such a document still matters.
    `muted_elsewhere` has tuples of a kind of document and a code: a comment in such a document can suppress the code in
    a different document. `names_that_matter` returns the paths and file names whose existence the diagnostics of a plan
    depend on.
    """

    codes: tuple[DiagnosticCode, ...]
    section: tuple[SectionRule, ...]
    document: tuple[DocumentRule, ...]
    plan: tuple[PlanRule, ...]
    workspace: tuple[WorkspaceRule, ...]
    fixes: Mapping[type[FixKind], MakeFixes]
    references: ReferenceRules
    finish_reasons: Callable[[FormatPlan, PlanEvaluation], FinishReasonByPath]
    is_relevant: Callable[[Diagnostic, FinishReason | None], bool]
    muted_elsewhere: frozenset[tuple[str, str]]
    names_that_matter: Callable[[FormatPlan], frozenset[str]]


def no_inputs(_: Snapshot) -> tuple[object, ...]:
    """Return no input objects, so that a workspace rule runs at every change.

    Such a rule must be fast: for example, it reads only the settings file.
    """
    return ()


@functools.cache
def methodology() -> Rules:
    """Return the rules of the methodology. The first call imports the module of the rules."""
    rules: Rules = methodology_part("rules")
    return rules
