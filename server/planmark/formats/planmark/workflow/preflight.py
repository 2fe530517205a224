"""Preflight: the check, before a review, for what is still missing or contradictory in the files of an achievement.

Preflight never changes a state or a step.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from planmark.formats.planmark.documents.deliverable_paths import candidates_before_wildcard, is_pattern
from planmark.formats.planmark.documents.deliverables import Deliverable
from planmark.formats.planmark.ownership.plan_documents import PlanDocuments
from planmark.formats.planmark.workflow.decision_table import AchievementInputs, subplan_facts, task_facts
from planmark.markdown.parsed_source import Quote
from planmark.plans.document import Document
from planmark.plans.model import Execution, State
from planmark.plans.preflight import PREFLIGHT_CODES, Preflight, PreflightFinding
from planmark.plans.vocabulary import Status
from planmark.text.pluralize import counted_noun
from planmark.workspace.settings import is_code_off
from planmark.workspace.snapshot import Exists, Snapshot

REVIEW_DUE_STATES: tuple[State, ...] = ("awaiting_review", "fix_resolved")
"""States in which a review comes next. In these states, every output about the achievement shows the findings of
preflight.
"""
_STATUSES_BEFORE_WORK: tuple[Status, ...] = ("planning", "not_started", "ready", "design", "design_complete")
"""Statuses that say that no work has begun."""
_FILE_EXTENSIONS = frozenset(
    {
        *("bat", "bats", "c", "cc", "cfg", "cpp", "cs", "css", "csv", "dart", "env", "ex", "exs", "go", "gql", "h"),
        *("hpp", "html", "ini", "ipynb", "java", "jpg", "js", "json", "jsonl", "jsx", "kt", "kts", "less", "lock"),
        *("lua", "md", "mdx", "mjs", "ml", "php", "pl", "png", "proto", "ps1", "py", "pyi", "r", "rb", "rs", "rst"),
        *("scala", "scss", "sh", "sql", "svg", "svelte", "swift", "tex", "tf", "toml", "ts", "tsx", "txt", "vue"),
        *("xml", "yaml", "yml", "zig", "zsh"),
    }
)
"""Known extensions of file names. A name without a folder and with any other extension may be code, such as
`cache.clear`.
"""

_COMMON_FILE_NAMES = frozenset(
    {"README.md", "__init__.py", "index.md", "index.ts", "index.js", "conftest.py", "mod.rs"}
)
"""File names that many folders contain. A file with such a name in a different folder is not a misplaced deliverable."""

Standing = Literal["there", "missing", "unknown"]
"""Whether a file exists; `unknown` if the files do not show whether it exists."""


class FileStanding(NamedTuple):
    """A file, `deliverable`, that `document` names.

    `standing` says whether the file exists; it is "unknown" if the files do not show whether it exists. `path` is the
    path of a file of this name in a different folder, or "".
    """

    document: Document
    deliverable: Deliverable
    standing: Standing
    path: str = ""


def preflight(
    snapshot: Snapshot, plan: PlanDocuments, inputs: AchievementInputs, exists: Exists
) -> tuple[PreflightFinding, ...]:
    """Return a finding for each fact that shows that the work on an achievement is not complete. The findings are
    sorted by code, document and line.

    Findings that the settings or a comment turn off are omitted. A dropped achievement has no findings.
    """
    if inputs.drop_evidence is not None:
        return ()
    deliverable_standings = deliverable_standings_of(snapshot, plan, inputs, exists)
    missing_deliverables = [file for file in deliverable_standings if file.standing == "missing"]
    findings = (
        *map(_missing_deliverable, missing_deliverables),
        *_contradicting_statuses(inputs, missing_deliverables),
        *_completion_findings(inputs),
        *_placeholder_and_conflict_findings(inputs),
        *_missing_tests(snapshot, inputs, deliverable_standings, exists),
        *_missing_evidence(inputs),
    )
    documents = {document.path: document for document in (plan.document, *inputs.tasks, *_documents_to_check(inputs))}
    kept_findings = (
        finding for finding in dict.fromkeys(findings) if not _is_turned_off(snapshot, documents[finding.path], finding)
    )
    return tuple(
        sorted(kept_findings, key=lambda finding: (PREFLIGHT_CODES.index(finding.code), finding.path, finding.line))
    )


def deliverable_standings_of(
    snapshot: Snapshot, plan: PlanDocuments, inputs: AchievementInputs, exists: Exists
) -> list[FileStanding]:
    """Return the deliverables that the PLAN and the SUBPLAN name for an achievement, without duplicates.

    Two names are duplicates if they differ only in a leading `@` or `./`, or in a trailing `/`. The first name counts.
    """
    deliverables = [(plan.document, deliverable) for deliverable in plan.facts.by_id[inputs.achievement].deliverables]
    if inputs.subplan is not None:
        deliverables += [(inputs.subplan, deliverable) for deliverable in subplan_facts(inputs.subplan).deliverables]
    standings_by_path: dict[str, FileStanding] = {}
    for document, deliverable in deliverables:
        standing = _standing(snapshot, document, deliverable, exists)
        standings_by_path.setdefault(deliverable.path.removeprefix("@").removeprefix("./").rstrip("/"), standing)
    return list(standings_by_path.values())


def _standing(snapshot: Snapshot, document: Document, deliverable: Deliverable, exists: Exists) -> FileStanding:
    """Return the standing of `deliverable`, a file that `document` names.

    The path may begin at the root of the workspace, or at any folder above the document. The standing is unknown in
    three cases: a path outside the workspace, a pattern whose folder exists, and a name that perhaps means no file.
    """
    places = () if deliverable.path.startswith("~") else candidates_before_wildcard(document.path, deliverable.path)
    if any(exists(place) for place in places):
        return FileStanding(document, deliverable, "unknown" if is_pattern(deliverable.path) else "there")
    file_name = posixpath.basename(deliverable.path.rstrip("/"))
    has_folder = "/" in deliverable.path.removeprefix("./").rstrip("/")
    extension = file_name.rpartition(".")[2]
    is_file_name = (
        has_folder
        or deliverable.path.endswith("/")
        or extension in snapshot.extensions
        or extension in _FILE_EXTENSIONS
    )
    if not places or not is_file_name:
        return FileStanding(document, deliverable, "unknown")
    paths_elsewhere = (*snapshot.names.get(file_name, ()), *snapshot.others.get(file_name, ()))
    if paths_elsewhere and not has_folder:
        return FileStanding(document, deliverable, "there", paths_elsewhere[0])
    return FileStanding(document, deliverable, "missing", paths_elsewhere[0] if paths_elsewhere else "")


def _missing_deliverable(file: FileStanding) -> PreflightFinding:
    """Return the finding about a deliverable that does not exist."""
    hint = (
        f"a file of this name is at {file.path}: deliver it, or correct the path"
        if file.path and posixpath.basename(file.deliverable.path) not in _COMMON_FILE_NAMES
        else "deliver it, or correct the list"
    )
    message = f"{file.deliverable.path} does not exist: {hint}"
    return PreflightFinding(
        "deliverable-missing", file.document.path, file.document.line(file.deliverable.position), message
    )


def _contradicting_statuses(
    inputs: AchievementInputs, missing_deliverables: Sequence[FileStanding]
) -> Iterator[PreflightFinding]:
    """Yield a finding for each Status of an EXECUTION_TASK or the SUBPLAN that the files contradict."""
    has_begun = False
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        has_begun = has_begun or execution.outcome != "open" or task_facts(task).ending.beginning_quote is not None
        if message := _contradiction_message(task, execution, missing_deliverables):
            quote = task_facts(task).ending.status_quote if execution.outcome != "done" else None
            line = task.line(quote.position) if quote else execution.evidence.line
            yield PreflightFinding("status-contradicts-files", task.path, line, message)
    if inputs.subplan is None or not has_begun:
        return
    facts = subplan_facts(inputs.subplan)
    if facts.status and facts.status_word in ("planning", "not_started", "ready"):
        message = "the SUBPLAN's Status says that nothing has begun, but its execution has: set the Status"
        yield PreflightFinding(
            "status-contradicts-files", inputs.subplan.path, inputs.subplan.line(facts.status.position), message
        )


def _contradiction_message(task: Document, execution: Execution, missing_deliverables: Sequence[FileStanding]) -> str:
    """Return a message if the files contradict the Status of the EXECUTION_TASK `task`; else ""."""
    facts = task_facts(task)
    execution_end, last_word = facts.ending, facts.ending.last_word
    if execution.outcome == "done":
        count_text = counted_noun(len(missing_deliverables), "deliverable")
        verb = "does" if len(missing_deliverables) == 1 else "do"
        return (
            f"it says that the work is done, but {count_text} {verb} not exist: finish the work, or set the Status"
            if missing_deliverables
            else ""
        )
    if execution.outcome == "blocked" and execution_end.blocker_removal is not None:
        line = task.line(execution_end.blocker_removal.position)
        return f"the Status says blocked, but line {line} says that the blocker is gone: set the Status"
    if execution.outcome != "open":
        return ""
    if last_word in _STATUSES_BEFORE_WORK and execution_end.beginning_quote is not None:
        return f"the Status says that nothing has begun, but line {task.line(execution_end.beginning_quote.position)} has work: set the Status"
    if (
        facts.header
        and execution_end.status_quote
        and facts.header_word
        and last_word
        and last_word != facts.header_word
    ):
        return f"it contradicts the Status in line {task.line(facts.header.position)}: correct the one that is wrong"
    return ""


def _completion_findings(inputs: AchievementInputs) -> Iterator[PreflightFinding]:
    """Yield a finding for each open criterion, empty log and empty section for learnings of an EXECUTION_TASK.

    Executions that were stopped or failed get no findings.
    """
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        if execution.outcome in ("stopped", "failed"):
            continue
        execution_end = task_facts(task).ending
        for box in execution_end.open_criteria:
            message = "an open criterion of the Completion section: finish it and tick it, or say why it does not apply"
            yield PreflightFinding("criteria-open", task.path, task.line(box.position), message)
        if empty_section := execution_end.empty_learnings:
            message = "the learnings are empty: write what the next person should know"
            yield PreflightFinding("learnings-empty", task.path, task.line(empty_section.position), message)
        if empty_section := execution_end.empty_log:
            message = "the log is empty: write what was done, with its result"
            yield PreflightFinding("log-empty", task.path, task.line(empty_section.position), message)


def _documents_to_check(inputs: AchievementInputs) -> Iterator[Document]:
    """Yield the SUBPLAN, then the EXECUTION_TASK of each execution that is neither stopped nor failed."""
    if inputs.subplan is not None:
        yield inputs.subplan
    for task, execution in zip(inputs.tasks, inputs.executions, strict=True):
        if execution.outcome not in ("stopped", "failed"):
            yield task


def _placeholder_and_conflict_findings(inputs: AchievementInputs) -> Iterator[PreflightFinding]:
    """Yield a finding for each placeholder and each conflict marker in the SUBPLAN and in the EXECUTION_TASKs."""
    for document in _documents_to_check(inputs):
        conflicts = (
            subplan_facts(document).conflicts if document is inputs.subplan else task_facts(document).ending.conflicts
        )
        quotes_by_code: tuple[tuple[str, Sequence[Quote], str], ...] = (
            (
                "placeholder-left",
                document.unfilled_quotes,
                "not filled in: write what belongs here, or remove the line",
            ),
            ("merge-conflict", conflicts, "an unfinished merge: keep one side, and remove the markers"),
        )
        for code, quotes, message in quotes_by_code:
            for quote in quotes:
                yield PreflightFinding(code, document.path, document.line(quote.position), message)


def _missing_tests(
    snapshot: Snapshot, inputs: AchievementInputs, deliverable_standings: Sequence[FileStanding], exists: Exists
) -> Iterator[PreflightFinding]:
    """Yield a finding for each test file that the SUBPLAN names but that does not exist in any folder.

    A test file that is a deliverable gets no finding here, because `_missing_deliverable` reports it.
    """
    if inputs.subplan is None:
        return
    deliverable_names = {posixpath.basename(file.deliverable.path) for file in deliverable_standings}
    for deliverable in subplan_facts(inputs.subplan).tests.files:
        test_standing = _standing(snapshot, inputs.subplan, deliverable, exists)
        if (
            test_standing.standing == "missing"
            and not test_standing.path
            and posixpath.basename(deliverable.path) not in deliverable_names
        ):
            message = (
                f"the SUBPLAN names the tests {deliverable.path}, which do not exist: write them, or correct the name"
            )
            yield PreflightFinding(
                "test-missing", inputs.subplan.path, inputs.subplan.line(deliverable.position), message
            )


def _missing_evidence(inputs: AchievementInputs) -> Iterator[PreflightFinding]:
    """Yield a finding for the first command that the SUBPLAN asks to run, if no execution shows a result."""
    tasks = [task for task in _documents_to_check(inputs) if task is not inputs.subplan]
    commands = subplan_facts(inputs.subplan).tests.commands if inputs.subplan is not None else ()
    if (
        inputs.subplan is None
        or not commands
        or not tasks
        or any(task_facts(task).ending.shows_result for task in tasks)
    ):
        return
    command_place = f"{inputs.subplan.path} line {inputs.subplan.line(commands[0].position)}"
    message = (
        f"{command_place} asks to run a command, and no execution shows a result: run it, and paste both into the log"
    )
    quote = task_facts(tasks[-1]).ending.beginning_quote
    yield PreflightFinding("evidence-missing", tasks[-1].path, tasks[-1].line(quote.position) if quote else 1, message)


def _is_turned_off(snapshot: Snapshot, document: Document, finding: PreflightFinding) -> bool:
    """Tell whether the settings or a comment in the document turn off a finding."""
    return is_code_off(snapshot.settings, finding.path, finding.code) or any(
        finding.code in suppression.codes and suppression.line_about in (None, finding.line - 1)
        for suppression in document.suppressions
    )


PREFLIGHT = Preflight(preflight, REVIEW_DUE_STATES)
"""The part `preflight` of the methodology (see `METHODOLOGY_PARTS`)."""
