"""Checks of names, numbers and places: the plan and the achievement of a file, and files that are not documents."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from planmark.diagnostics.codes import make_diagnostic, unknown_codes
from planmark.diagnostics.rule_inputs import DocumentInput, WorkspaceInput
from planmark.documents.document import work_facts
from planmark.documents.document_references import plan_reference
from planmark.documents.file_names import FEATURE_PATTERN, Kind
from planmark.documents.ids import decode, parts
from planmark.documents.parsed_source import fields_in
from planmark.documents.placeholders import is_filled
from planmark.documents.vocabulary import heading_key, is_field
from planmark.markdown.blocks import split_lines
from planmark.plans.diagnostic import Diagnostic, Related
from planmark.text.similarity import most_like
from planmark.workflow.assignment import FindingCode, header_id
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workflow.verdicts import verdict_facts
from planmark.workspace.discovery import FEEDBACKS, PLANNING_FOLDERS, WORK_FOLDERS, join, parent
from planmark.workspace.settings import SETTINGS
from planmark.workspace.snapshot import PlanDocuments, Snapshot, twins

ORPHANS: dict[Kind, str] = {
    "subplan": "orphan-subplan",
    "execution_task": "orphan-execution",
    "verdict": "orphan-verdict",
}
"""Kind of a document that belongs to no achievement → code."""
CODES: dict[FindingCode, str] = {
    "number-mismatch": "number-mismatch",
    "number-ambiguous": "number-ambiguous",
    "second-subplan": "duplicate-document",
}
"""Code of a problem of the assignment → code of the diagnostic. For orphans see `ORPHANS`."""
APPROVING = ("approved", "complete", "passed", "accepted")
"""The words with which the Status of an APPROVED may begin."""
PROBLEMS = {"encoding": "encoding", "byte-order-mark": "encoding"}
"""Code of a problem → code of the diagnostic.

Problems of the settings are `configuration`; every other problem is `file-unreadable`.
"""


def numbers(_: Snapshot, files: PlanDocuments, judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield the problems with the numbers of a plan's documents.

    `verdicts.other_titles` checks the titles of verdicts.
    """
    documents = {document.path: document for document in (*files.subplans, *files.executions, *files.verdicts)}
    for odd in judged.assigned.findings:
        document = documents[odd.path]
        kind = document.name.kind
        code = CODES.get(odd.code) or ORPHANS.get(kind)
        if not code:
            continue
        if odd.code != "number-mismatch":
            yield make_diagnostic(code, odd.path, 1, odd.message)
            continue
        named, at = header_id(document, files.facts.ids), work_facts(document).achievement_at
        meant = decode(document.name.number, files.facts.ids)
        yield make_diagnostic(
            code,
            odd.path,
            document.line(at.at) if at else 1,
            odd.message,
            target_text=named or "",
            replacement=meant[0] if len(meant) == 1 else None,
        )


def copies(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield documents that do not count because a document of the same name is nearer; a warning if the texts differ."""
    for copy in files.copies:
        related = (Related(copy.counts, 1, "this one counts"),)
        if copy.differs:
            message = f"two documents have this number, but their texts differ: {copy.counts} counts and this one does not; give one of them a different number, or archive or remove it"
            yield make_diagnostic("duplicate-document", copy.path, 1, message, related, severity="warning")
            continue
        message = f"another copy counts: {copy.counts}; archive or remove one of them"
        yield make_diagnostic("duplicate-document", copy.path, 1, message, related)


def plans_twice(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield PLANs that share a name and may all be worked on. Planmark chooses none of them by itself."""
    for feature, named in twins(workspace.snapshot.plans).items():
        for files in named:
            others = [other.path for other in named if other is not files]
            message = (
                f"{len(named)} PLANs are called {feature} ({', '.join(others[:2])}{' …' * (len(others) > 2)}), so "
                "`planmark next` chooses none of them: archive, remove or rename those that do not count"
            )
            related = tuple(Related(path, 1, "has the same name") for path in others[:2])
            yield make_diagnostic("duplicate-document", files.path, 1, message, related, severity="warning")


def features(snapshot: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Compare the feature of the PLAN with its folder, and with the names and headers of its documents.

    A header that names a plan that does not exist is a `reference-missing`.
    """
    folder = files.folder.rpartition("/")[2]
    a_feature = re.fullmatch(FEATURE_PATTERN, folder) and any(character.isalpha() for character in folder)
    if a_feature and folder != files.feature and folder.casefold() not in (*PLANNING_FOLDERS, *WORK_FOLDERS.values()):
        message = f"the PLAN is called {files.feature}, but its folder is called {folder}: give both the same name"
        yield make_diagnostic("feature-mismatch", files.path, 1, message, replacement=files.feature)
    for document in (*files.subplans, *files.executions):
        named = document.name.feature
        if named != files.feature:
            message = (
                f"the file is named after {named}, which has no PLAN, but its header names {files.feature}: rename it"
            )
            yield make_diagnostic("feature-mismatch", document.path, 1, message, replacement=files.feature)
            continue
        facts = work_facts(document)
        header = plan_reference(facts.plan) if facts.plan else None
        if header and header != files.feature and facts.plan_at and snapshot.called(header):
            message = f"the file is named after {files.feature}, but its header names the plan {header}: it counts for {files.feature}; correct the header, or rename the file"
            line = document.line(facts.plan_at.at)
            yield make_diagnostic(
                "feature-mismatch", document.path, line, message, target_text=header, replacement=files.feature
            )


def unreadable(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield the files that could not be read correctly."""
    snapshot = workspace.snapshot
    for problem in snapshot.problems:
        if problem.code != "configuration":
            code = PROBLEMS.get(problem.code, "file-unreadable")
            name = problem.path.rpartition("/")[2]
            yield make_diagnostic(code, problem.path, problem.line, f"{name} {problem.message}")


def configuration(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield the settings that have an unknown key or an invalid value."""
    settings = workspace.snapshot.settings
    if not settings.source:
        return
    lines = split_lines(workspace.text(settings.source) or "\n")
    for warning in (*settings.warnings, *unknown_codes(settings.values)):
        table, name = _table_and_name(warning.key)
        near_table, near_name = _table_and_name(warning.near or "")
        words = warning.words or name
        line = _line_of_key(lines, table, name)
        if words not in lines[line - 1]:
            line = _line_of_key(lines, table, words)
        wanted = warning.wanted or (near_name if near_name and near_table == table else None)
        message = f"{settings.source} {warning.message}"
        yield make_diagnostic("configuration", settings.source, line, message, target_text=words, replacement=wanted)


def _table_and_name(key: str) -> tuple[str, str]:
    """Split a dotted key into its table and its name there. The name may contain dots if a setting is that table."""
    for setting in SETTINGS:
        if key.startswith(f"{setting.key}."):
            return setting.key, key[len(setting.key) + 1 :]
    table, _, name = key.rpartition(".")
    return table, name


def _line_of_key(lines: list[str], table: str, name: str) -> int:
    """Return the 1-based line of a TOML file that sets a key.

    Prefer a line in the key's own table to the first line that contains the name; return 1 if there is neither.
    """
    current, named = "", []
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            current = header[1].strip().replace('"', "")
        elif name and name in line:
            named.append((not current.endswith(table), number))
    return min(named, default=(True, 1))[1]


def features_without_plan(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield work files of a feature that has no PLAN."""
    snapshot = workspace.snapshot
    known = tuple(sorted({files.feature for files in snapshot.plans}))
    for orphan in snapshot.orphans:
        near = _feature_like(orphan.feature, known)
        hint = f" Did you mean {near}?" if near else ""
        for path in orphan.documents:
            code = ORPHANS[snapshot.documents[path].name.kind]
            message = f"there is no PLAN_{orphan.feature}.md: create it (planmark new {orphan.feature}), or archive this file.{hint}"
            yield make_diagnostic(code, path, 1, message)


@functools.lru_cache(maxsize=256)
def _feature_like(feature: str, known: tuple[str, ...]) -> str | None:
    return most_like(feature, known, 0.8)


MAX_NAMED = 3
"""The maximum number of plans that one message names."""


def ambiguous_verdicts(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield verdicts in a folder that several plans share, if they name none of these plans."""
    snapshot = workspace.snapshot
    found: dict[str, list[str]] = {}
    for files in snapshot.plans:
        for path in files.ambiguous_verdicts:
            found.setdefault(path, []).append(files.feature)
    for path, named in found.items():
        if not counts(snapshot, path):
            wanted = " or ".join(f"`**Plan**: {feature}`" for feature in named[:MAX_NAMED])
            yield make_diagnostic(
                "verdict-ambiguous", path, 1, f"it may belong to any of {len(named)} PLANs: write {wanted}"
            )


def misplaced_verdicts(workspace: WorkspaceInput) -> Iterator[Diagnostic]:
    """Yield verdicts in folders where verdicts do not count; a copy of a verdict that counts is only a hint."""
    snapshot = workspace.snapshot
    for path in snapshot.strays:
        files = plan_around(snapshot, path)
        if files is None:
            message = f"there is no PLAN above this folder: a verdict counts in {FEEDBACKS}/ of its plan; move it there, or archive it"
            yield make_diagnostic("orphan-verdict", path, 1, message)
            continue
        target = join(files.folder, f"{FEEDBACKS}/{path.rpartition('/')[2]}")
        if target in snapshot.documents:
            related = (Related(target, 1, "this one counts"),)
            yield make_diagnostic(
                "duplicate-document", path, 1, f"another copy counts: {target}; archive or remove this one", related
            )
        else:
            message = f"a verdict counts only in {join(files.folder, FEEDBACKS)}/: move it there, or archive it"
            yield make_diagnostic("verdict-location", path, 1, message, replacement=target)


def plan_around(snapshot: Snapshot, path: str) -> PlanDocuments | None:
    """Return the plan whose work folder is the nearest above a path; None if no folder or more than one plan fits."""
    folder = path
    while folder:
        folder = parent(folder)
        if around := snapshot.table.by_folder.get(folder):
            return snapshot.plan_at(around[0].path) if len(around) == 1 else None
    return None


def counts(snapshot: Snapshot, path: str) -> bool:
    """Tell whether a verdict counts for a plan."""
    owner = snapshot.owners.get(path)
    files = snapshot.plan_at(owner) if owner else None
    return files is not None and any(verdict.path == path for verdict in files.verdicts)


def empty_verdicts(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield an APPROVED that does not say who approved, or when, or that it approves."""
    if written.document.name.verdict != "approved":
        return
    facts = verdict_facts(written.document)
    absent = [
        name
        for name, field, there in (
            ("Status", "status", facts.status),
            ("Reviewer", "reviewer", facts.reviewer),
            ("Review Date", "review_date", facts.dated),
        )
        if there is None and not _is_said(written, field)
    ]
    if absent:
        listed = ", ".join(f"`**{name}**`" for name in absent)
        message = f"the verdict has no {listed}: write {'it' if len(absent) == 1 else 'them'} below the title"
        yield make_diagnostic("verdict-empty", written.document.path, 1, message)
    if facts.status and is_filled(facts.status.text):
        says = heading_key(facts.status.text.partition(":")[2])
        if not says.startswith(APPROVING):
            counts = "it does not approve" if facts.denies else "the name counts"
            message = f"its name approves, but its status says `{facts.status.text}`: {counts}; correct one of them"
            yield make_diagnostic(
                "verdict-empty", written.document.path, written.document.line(facts.status.at), message
            )


def _is_said(written: DocumentInput, field: str) -> bool:
    """Tell whether a document has a field with a value in any section, for example in the last one."""
    sections = range(len(written.source))
    return any(
        known.value and is_field(known.name, field, written.vocabulary)
        for _, known in fields_in(written.source, sections)
    )


def renamed_number(name: str, number: str, achievement: str) -> str:
    """Return a file name with the unambiguous number of an achievement."""
    return name.replace(f"_{number}", "_" + "_".join(f"{part:02d}" for part in parts(achievement)), 1)
