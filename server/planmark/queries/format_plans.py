"""The plans in formats other than the methodology: their states and diagnostics in one snapshot, computed on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.format import FormatDocument, PlanInput, PlanSite
from planmark.plans.history import History, no_history, no_line_count
from planmark.plans.model import PlanState
from planmark.plans.registry import format_named
from planmark.workspace.left_out import git_ignore_test
from planmark.workspace.snapshot import ReadText, Snapshot


@dataclass
class RecordedAnswers:
    """The answers that the evaluation of a plan got from the functions in its `PlanInput`.

    `exists_by_path` maps a path to whether it exists. `ignored_by_path` maps a path to whether git ignores it.
    `paths_by_name` maps a file name to the paths with this name. `line_counts` maps a path to its number of lines.
    `history` holds the commits, None if the evaluation did not ask for commits.
    """

    exists_by_path: dict[str, bool] = field(default_factory=dict)
    ignored_by_path: dict[str, bool] = field(default_factory=dict)
    paths_by_name: dict[str, Sequence[str]] = field(default_factory=dict)
    line_counts: dict[str, int | None] = field(default_factory=dict)
    history: History | None = None


class EvaluatedPlan(NamedTuple):
    """An evaluated plan. Its inputs are the site, the documents and the recorded answers. The results are the state and
    the diagnostics.
    """

    site: PlanSite
    documents: tuple[FormatDocument, ...]
    answers: RecordedAnswers
    state: PlanState
    diagnostics: tuple[Diagnostic, ...]


class WorkSource(Protocol):
    """A source of evidence outside the documents of a plan: commits, and the numbers of lines of files; see
    `PlanInput`.
    """

    def line_count(self, path: str) -> int | None:
        """Return the number of lines of a file."""

    def history(self) -> History:
        """Return the commits."""


class NoWorkSource:
    """A source without commits and without numbers of lines, for a view without access to the disk."""

    line_count = staticmethod(no_line_count)
    history = staticmethod(no_history)


class FormatPlans:
    """The plans of a snapshot in formats other than the methodology.

    `text` returns the text of a document. `before` are the plans of an earlier snapshot. A plan of `before` is reused
    if its inputs are equal. If `work` is None, the object uses the source of `before`, or else a source without
    commits.
    """

    def __init__(
        self, snapshot: Snapshot, text: ReadText, before: FormatPlans | None = None, work: WorkSource | None = None
    ) -> None:
        self.snapshot = snapshot
        self._text = text
        self._work: WorkSource = work or (before._work if before else NoWorkSource())
        self._before = before.evaluated_plans if before else {}
        self.evaluated_plans: dict[str, EvaluatedPlan] = {}
        """Mapping from the path of a plan to the plan, filled on demand."""

    def __getitem__(self, path: str) -> EvaluatedPlan:
        """Return the plan at `path`. Raises KeyError if `snapshot.sites` has no plan at this path."""
        if path not in self.evaluated_plans:
            self.evaluated_plans[path] = self._evaluate_site(self._sites_by_path[path])
        return self.evaluated_plans[path]

    def site_of_document(self, path: str) -> PlanSite | None:
        """Return the plan of the document at `path`; None if no plan or several plans contain the document."""
        return self._sites_by_document.get(path)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics of all plans, and of documents of these formats that belong to no plan."""
        plan_diagnostics = [diagnostic for site in self.snapshot.sites for diagnostic in self[site.path].diagnostics]
        records_by_format: dict[str, dict[str, FormatDocument]] = {}
        for path, record in self.snapshot.records.items():
            records_by_format.setdefault(record.format, {})[path] = record
        stray_diagnostics = [
            diagnostic
            for name, records in records_by_format.items()
            for diagnostic in format_named(name).strays(records)
        ]
        return (*plan_diagnostics, *stray_diagnostics)

    def input_of(self, site: PlanSite) -> PlanInput:
        """Return the input of the evaluation of a plan."""
        return self._recorded_input(site, RecordedAnswers())

    def _recorded_input(self, site: PlanSite, answers: RecordedAnswers) -> PlanInput:
        """Return the input of the evaluation of a plan. Its functions record their answers in `answers`."""

        def exists(path: str) -> bool:
            answers.exists_by_path[path] = path in self.snapshot.present_paths
            return answers.exists_by_path[path]

        def is_ignored(path: str) -> bool:
            answers.ignored_by_path[path] = self._is_ignored(path)
            return answers.ignored_by_path[path]

        def files_named(name: str) -> Sequence[str]:
            answers.paths_by_name[name] = self._files_named(name)
            return answers.paths_by_name[name]

        def line_count(path: str) -> int | None:
            answers.line_counts[path] = self._work.line_count(path)
            return answers.line_counts[path]

        def history() -> History:
            answers.history = self._work.history()
            return answers.history

        documents = {path: record for path in site.documents if (record := self.snapshot.records.get(path))}
        return PlanInput(site, documents, exists, is_ignored, files_named, self._text, line_count, history)

    def _evaluate_site(self, site: PlanSite) -> EvaluatedPlan:
        """Return the plan at a site: the earlier plan if its inputs are equal, else a new evaluation."""
        records = tuple(record for path in site.documents if (record := self.snapshot.records.get(path)))
        before = self._before.get(site.path)
        if before is not None and self._has_same_inputs(before, site, records):
            return before
        answers = RecordedAnswers()
        plan_input, plan_format = self._recorded_input(site, answers), format_named(site.format)
        state = plan_format.evaluate(plan_input)
        return EvaluatedPlan(site, records, answers, state, tuple(plan_format.check(plan_input, state)))

    def _has_same_inputs(self, before: EvaluatedPlan, site: PlanSite, records: Sequence[FormatDocument]) -> bool:
        """Tell whether an evaluation of the plan now would have the same inputs as the evaluation `before`.

        The inputs are the site, the documents (`records`), and the answers.
        """
        answers = before.answers
        return (
            before.site == site
            and len(before.documents) == len(records)
            and all(
                format_document is record for format_document, record in zip(before.documents, records, strict=True)
            )
            and all(
                (path in self.snapshot.present_paths) == existed for path, existed in answers.exists_by_path.items()
            )
            and all(self._files_named(name) == paths for name, paths in answers.paths_by_name.items())
            and all(self._is_ignored(path) == was_ignored for path, was_ignored in answers.ignored_by_path.items())
            and all(self._work.line_count(path) == count for path, count in answers.line_counts.items())
            and (answers.history is None or self._work.history() is answers.history)
        )

    @cached_property
    def _sites_by_path(self) -> dict[str, PlanSite]:
        return {site.path: site for site in self.snapshot.sites}

    @cached_property
    def _sites_by_document(self) -> dict[str, PlanSite]:
        """Mapping from a path to a plan. The keys are the paths of plans, and the paths of documents that belong to
        exactly one plan.
        """
        plan_counts = Counter(path for site in self.snapshot.sites for path in site.documents)
        return {
            path: site
            for site in self.snapshot.sites
            for path in (*site.documents, site.path)
            if path == site.path or plan_counts[path] == 1
        }

    @cached_property
    def _is_ignored(self) -> Callable[[str], bool]:
        """The function that tells whether git ignores a path."""
        return git_ignore_test(Path(self.snapshot.root))

    def _files_named(self, name: str) -> Sequence[str]:
        """Return the paths of all files of the workspace that have the file name `name`."""
        return (*self.snapshot.names.get(name, ()), *self.snapshot.others.get(name, ()))
