"""`planmark check --fix`: tries fixes in memory, and writes the documents with the fixes that are allowed.

Without `--unsafe`, only a fix that changes no state and no next step is allowed.

All fixes of a document are written together. If the process is killed, each document is therefore either unchanged or
completely fixed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from planmark.cli.console import scan_progress
from planmark.cli.workspace_access import fresh_view
from planmark.diagnostics.fixes import fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.markdown.parsed_source import parse_sections
from planmark.plans.diagnostic import Diagnostic
from planmark.plans.document_format import document_format
from planmark.queries.safe_fixes import changes_only_text_of, text_after, unfit_reason
from planmark.queries.unchanged import first_difference
from planmark.queries.workspace_view import View, build_view
from planmark.text.lines import line_end_counts
from planmark.workspace.atomic_write import WriteError, rewritable_text, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange

DiagnosticPredicate = Callable[[Diagnostic], bool]
"""A function that tells whether to fix a diagnostic."""
STEP_CHANGING_CODES = frozenset({"plan-complete"})
"""The codes of diagnostics whose fix always changes the next step. The command reports each such fix that it skips."""


class FixOptions(NamedTuple):
    """The selection of diagnostics to fix, and the mode of fixing.

    With `allows_unsafe`, a fix may change a state, and the only fix of a diagnostic is applied even if it needs a
    decision. With `is_dry_run`, no file is written. `has_selected_codes` tells that the user has named the codes to
    fix. Then each skipped fix of these codes is reported.
    """

    is_selected: DiagnosticPredicate
    allows_unsafe: bool = False
    is_dry_run: bool = False
    has_selected_codes: bool = False


class FixOutcome(NamedTuple):
    """A fix that was applied, or skipped for a reason.

    `line` is the line of the diagnostic. `lines` are the lines that the fix changes. All these numbers are 1-based and
    count the lines of the document before any fix. `reason` says why the fix was skipped; "" for an applied fix.
    """

    path: str
    line: int
    lines: tuple[int, ...]
    code: str
    title: str
    reason: str = ""

    def __str__(self) -> str:
        lines_note = f" (lines {_ranges_text(self.lines)})" if self.lines and self.lines != (self.line,) else ""
        location = f"{self.path}:{self.line} {self.code}: "
        return (
            f"{location}left out: {self.title}: {self.reason}" if self.reason else f"{location}{self.title}{lines_note}"
        )


class FixAttempt(NamedTuple):
    """A diagnostic with the fix to try."""

    diagnostic: Diagnostic
    fix: Fix


@dataclass
class FixRun:
    """The state of one call of `planmark check --fix`.

    `first_view` is the view before any fix, and `view` is the view after the fixes so far. `original_texts` maps the
    path of each changed document to its text before any fix. `original_lines` maps the path of a document to a list:
    for each current line, its 1-based number in the original text.

    `earlier_texts` are pairs of the path of a document and a text that a fix has replaced. `one_by_one` are pairs of
    the path of a document and a code. In this document, the fixes of this code are tried one at a time. `write_errors`
    maps the path of a document to the reason why the document cannot be written. `left_out` maps the key of a skipped
    fix to its outcome. The key is the path, the line, the code and the title of the outcome.
    """

    index: Index
    first_view: View
    view: View
    options: FixOptions
    outcomes: list[FixOutcome] = field(default_factory=list)
    left_out: dict[tuple[str, int, str, str], FixOutcome] = field(default_factory=dict)
    original_texts: dict[str, str] = field(default_factory=dict)
    original_lines: dict[str, list[int]] = field(default_factory=dict)
    earlier_texts: set[tuple[str, str]] = field(default_factory=set)
    one_by_one: set[tuple[str, str]] = field(default_factory=set)
    write_errors: dict[str, str] = field(default_factory=dict)


def apply_document_fixes(index: Index, options: FixOptions, *, quiet: bool) -> FixRun:
    """Apply fixes of the selected diagnostics, and return the state after all fixes.

    Only fixes within the document of their diagnostic are applied. Without `options.allows_unsafe`, a fix that changes
    a state or a next step is skipped. A fix that would restore an earlier text of its document is always skipped.
    Otherwise, two fixes could undo each other endlessly.
    """
    with scan_progress(quiet=quiet) as progress:
        view = fresh_view(index, progress)
    fix_run = FixRun(index, view, view, options)
    view_before = None
    # A fix may cause a diagnostic in another document, so all documents are tried until no document changes.
    while fix_run.view is not view_before:
        view_before = fix_run.view
        fix_run.left_out.clear()
        for path in view_before.checked.by_path:
            _fix_document(fix_run, path)
    if not options.is_dry_run:
        _drop_overlays(fix_run)
    return fix_run


def _fix_document(fix_run: FixRun, path: str) -> None:
    """Try all fixes of the document at `path` in memory, then write the document once. A dry run does not write it."""
    view_before, applied_count, original_lines_before = (
        fix_run.view,
        len(fix_run.outcomes),
        fix_run.original_lines.get(path) if path in fix_run.original_texts else None,
    )
    text = view_before.text(path)
    while attempts := _next_attempts(fix_run, path):
        _apply_fixes_of_code(fix_run, path, attempts)
    if fix_run.view is view_before:
        return
    try:
        if fix_run.options.is_dry_run:
            rewritable_text(fix_run.index.root, path, fix_run.original_texts[path])
        else:
            rewrite_file(fix_run.index.root, path, text, fix_run.view.text(path))
    except WriteError as error:
        fix_run.index.set_overlay(path, text)
        fix_run.view = view_before
        fix_run.original_lines.pop(path)
        if original_lines_before is None:
            del fix_run.original_texts[path]
        else:
            fix_run.original_lines[path] = original_lines_before
        fix_run.write_errors[path] = str(error)
        for outcome in fix_run.outcomes[applied_count:]:
            record_skipped_fix(fix_run, outcome._replace(reason=str(error)))
        del fix_run.outcomes[applied_count:]


def _next_attempts(fix_run: FixRun, path: str) -> list[FixAttempt]:
    """Return the fixes to try next in the document at `path`, each with its diagnostic.

    They are all untried fixes of one code, because fixes of one code do not depend on each other. For a code in
    `one_by_one`, only one fix is returned.
    """
    text = functools.cache(fix_run.view.text)
    attempts: list[FixAttempt] = []
    for diagnostic in fix_run.view.diagnostics_at(path):
        if not fix_run.options.is_selected(diagnostic) or (attempts and attempts[0].diagnostic.code != diagnostic.code):
            continue
        fixes = fixes_for(fix_run.view.snapshot, diagnostic, text)
        fix = next((fix for fix in fixes if fix.is_preferred and changes_only_text_of(fix, path)), None)
        if fix is None and fixes:
            fix = _only_allowed_fix(fix_run, diagnostic, fixes)
        if fix and _fix_key(fix_run, diagnostic, fix) not in fix_run.left_out:
            attempts.append(FixAttempt(diagnostic, fix))
            if (path, diagnostic.code) in fix_run.one_by_one:
                break
    return attempts


def _only_allowed_fix(fix_run: FixRun, diagnostic: Diagnostic, fixes: Sequence[Fix]) -> Fix | None:
    """Return the only fix of a diagnostic if the options allow unsafe fixes, and the fix inserts no placeholders.

    Otherwise return None, and report the first fix as skipped if the user selected its code, or if the code is in
    `STEP_CHANGING_CODES`.

    If the fix is allowed, but also changes other files, return None without a report.
    """
    fix = fixes[0]
    unsafe_command = f"planmark check --fix --select {diagnostic.code} --unsafe"
    if len(fixes) > 1:
        reason = f"there are {len(fixes)} fixes; choose one in the editor"
    elif inserts_placeholders(fix.changes):
        reason = "it inserts placeholders; apply it in the editor"
    elif not fix_run.options.allows_unsafe:
        reason = f"it needs a decision; apply it in the editor, or with {unsafe_command}"
    else:
        return fix if changes_only_text_of(fix, diagnostic.path) else None
    if fix_run.options.has_selected_codes or diagnostic.code in STEP_CHANGING_CODES:
        record_skipped_fix(fix_run, outcome_of_attempt(fix_run, FixAttempt(diagnostic, fix), reason))
    return None


def inserts_placeholders(changes: Iterable[Change]) -> bool:
    """Tell whether changes insert placeholders that a person must fill in."""
    texts = [change.text for change in changes if not isinstance(change, RenamePath)]
    return any(document_format().unfilled_quotes(parse_sections(text)) for text in texts)


def _apply_fixes_of_code(fix_run: FixRun, path: str, attempts: list[FixAttempt]) -> None:
    """Apply `attempts` together to the document at `path`. All of them fix diagnostics of one code.

    If several fixes overlap or are refused, none is applied, and their code is added to `one_by_one`. If a single fix
    is refused, it is reported as skipped.
    """
    if reason := fix_run.write_errors.get(path):
        for attempt in attempts:
            record_skipped_fix(fix_run, outcome_of_attempt(fix_run, attempt, reason))
        return
    code = attempts[0].diagnostic.code
    old_text = fix_run.view.text(path)
    all_changes = (change for attempt in attempts for change in attempt.fix.changes if isinstance(change, TextChange))
    changes = tuple(dict.fromkeys(all_changes))
    new_text = text_after(old_text, changes)
    reason = "its changes overlap" if new_text is None else ""
    if new_text is not None:
        fix_run.earlier_texts.add((path, old_text))
        fix_run.index.set_overlay(path, new_text)
        snapshot = fix_run.index.snapshot()
        view = build_view(snapshot, fix_run.index.text_reader(), before=fix_run.view, exists=fix_run.index.exists)
        reason = _refusal_reason(fix_run, view, path, code, new_text)
        if not reason:
            fix_run.outcomes += [outcome_of_attempt(fix_run, attempt) for attempt in attempts]
            fix_run.original_texts.setdefault(path, old_text)
            fix_run.original_lines[path] = _original_line_numbers_after(_original_line_numbers(fix_run, path), changes)
            fix_run.view = view
            return
        fix_run.index.set_overlay(path, old_text)
    if len(attempts) > 1:
        fix_run.one_by_one.add((path, code))
    else:
        record_skipped_fix(fix_run, outcome_of_attempt(fix_run, attempts[0], reason))


def _refusal_reason(fix_run: FixRun, new_view: View, path: str, code: str, new_text: str) -> str:
    """Return the reason why `new_text` must not become the text of the document at `path`; "" if there is no reason.

    `code` is the code of the diagnostics that the new text fixes. `new_view` is the view with the new text.
    """
    if (path, new_text) in fix_run.earlier_texts:
        return "it would undo another fix"
    reason = unfit_reason(fix_run.view, new_view, path, code)
    if reason or fix_run.options.allows_unsafe:
        return reason
    difference = first_difference(fix_run.view, new_view)
    return (
        f"{difference}; apply it in the editor, or with planmark check --fix --select {code} --unsafe"
        if difference
        else ""
    )


def _original_line_numbers(fix_run: FixRun, path: str) -> list[int]:
    """Return a list: for each current line of the document at `path`, its 1-based number before any fix."""
    if path not in fix_run.original_lines:
        fix_run.original_lines[path] = list(range(1, _count_line_ends(fix_run.view.text(path)) + 2))
    return fix_run.original_lines[path]


def _count_line_ends(text: str) -> int:
    return sum(line_end_counts(text).values())


def _original_line_numbers_after(original_lines: list[int], changes: Sequence[TextChange]) -> list[int]:
    """Return `original_lines` with one entry for each line of the text after `changes`.

    The entry of an added line is the original number of the line at which it is added.
    """
    lines_after = list(original_lines)
    for change in sorted(changes, key=lambda change: (-change.line, -change.start)):
        added_count = _count_line_ends(change.text)
        if added_count != change.lines:
            replaced_lines = lines_after[change.line : change.line + change.lines + 1]
            lines_after[change.line : change.line + change.lines + 1] = (
                replaced_lines + replaced_lines[-1:] * added_count
            )[: added_count + 1]
    return lines_after


def outcome_of_attempt(fix_run: FixRun, attempt: FixAttempt, reason: str = "") -> FixOutcome:
    """Return the outcome of an attempt, with the lines that the fix changes in the document of the diagnostic.

    `reason` says why the fix was skipped; "" for an applied fix.
    """
    path, original_lines = attempt.diagnostic.path, _original_line_numbers(fix_run, attempt.diagnostic.path)
    line_indexes = set[int]()
    for change in attempt.fix.changes:
        if isinstance(change, TextChange) and change.path == path:
            # A range that ends at the beginning of a line does not touch that line.
            last_index = change.line + change.lines - (change.lines > 0 and change.end == 0)
            line_indexes.update(range(change.line, last_index + 1))
    line, *changed_lines = (
        original_lines[min(index, len(original_lines) - 1)]
        for index in (attempt.diagnostic.line - 1, *sorted(line_indexes))
    )
    return FixOutcome(
        path, line, tuple(dict.fromkeys(changed_lines)), attempt.diagnostic.code, attempt.fix.title, reason
    )


def _fix_key(fix_run: FixRun, diagnostic: Diagnostic, fix: Fix) -> tuple[str, int, str, str]:
    return _outcome_key(outcome_of_attempt(fix_run, FixAttempt(diagnostic, fix)))


def _outcome_key(outcome: FixOutcome) -> tuple[str, int, str, str]:
    return outcome.path, outcome.line, outcome.code, outcome.title


def record_skipped_fix(fix_run: FixRun, outcome: FixOutcome) -> None:
    """Store the outcome of a skipped fix. At the end, the command reports all such outcomes."""
    fix_run.left_out[_outcome_key(outcome)] = outcome


def _drop_overlays(fix_run: FixRun) -> None:
    """Remove the overlays of all tried fixes, so that the index reads the documents from the disk again."""
    for path in fix_run.index.open_paths:
        fix_run.index.set_overlay(path, None)
    snapshot = fix_run.index.snapshot()
    fix_run.view = build_view(snapshot, fix_run.index.text_reader(), before=fix_run.view, exists=fix_run.index.exists)


def _ranges_text(numbers: Sequence[int]) -> str:
    """Return ascending numbers as text, with consecutive numbers as a range: `3-5, 9` for 3, 4, 5, 9."""
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in _consecutive_runs(numbers))


def _consecutive_runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return a tuple for each sequence of consecutive numbers: the first number and the last number of the sequence."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
        runs.append((first, number))
    return runs
