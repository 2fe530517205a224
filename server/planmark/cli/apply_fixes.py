"""`planmark check --fix`: tries fixes in memory and writes the fixes that change no state and no next step.

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
from planmark.text.lines import line_ends
from planmark.workspace.atomic_write import WriteError, rewrite_file, written_text
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import Change, RenamePath, TextChange

SelectDiagnostic = Callable[[Diagnostic], bool]
STEP_CHANGING_CODES = frozenset({"plan-complete"})
"""The codes whose fix always changes the next step. If such a fix is skipped, the command always reports this."""


class FixOptions(NamedTuple):
    """The selection of diagnostics to fix, and the mode of fixing.

    `unsafe` also applies the only fix of a diagnostic if the fix needs a decision, and allows changes of state. `dry`
    writes no file. `has_selected_codes` reports the fixes that need `unsafe`.
    """

    is_selected: SelectDiagnostic
    unsafe: bool = False
    dry: bool = False
    has_selected_codes: bool = False


class FixOutcome(NamedTuple):
    """A fix that was applied, or skipped for a reason.

    `line` is the line of the diagnostic. `lines` are the lines that change. Both are 1-based, in the document before
    any fix.
    """

    path: str
    line: int
    lines: tuple[int, ...]
    code: str
    title: str
    reason: str = ""

    def __str__(self) -> str:
        more = f" (lines {_ranges(self.lines)})" if self.lines and self.lines != (self.line,) else ""
        place = f"{self.path}:{self.line} {self.code}: "
        return f"{place}left out: {self.title}: {self.reason}" if self.reason else f"{place}{self.title}{more}"


class FixAttempt(NamedTuple):
    """A diagnostic with the fix to try."""

    diagnostic: Diagnostic
    fix: Fix


@dataclass
class FixRun:
    """The state of a run of fixes: `found` is the view before any fix, `view` the view after all fixes so far.

    `texts` holds the original text of each changed document. `lines` maps its current lines to lines of that text.
    `singly` are the documents and codes whose fixes are tried one at a time. `write_errors` maps a document to the reason
    why it cannot be written.
    """

    index: Index
    found: View
    view: View
    options: FixOptions
    outcomes: list[FixOutcome] = field(default_factory=list)
    left_out: dict[tuple[str, int, str, str], FixOutcome] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    singly: set[tuple[str, str]] = field(default_factory=set)
    write_errors: dict[str, str] = field(default_factory=dict)


def apply_all_fixes(index: Index, options: FixOptions, *, quiet: bool) -> FixRun:
    """Apply every fix of the chosen diagnostics that changes no state; with `unsafe`, apply every fix.

    A fix that would restore an earlier text of its document is skipped, so that two fixes cannot undo each other
    endlessly.
    """
    with scan_progress(quiet=quiet) as progress:
        view = fresh_view(index, progress)
    fix_run = FixRun(index, view, view, options)
    before = None
    # A fix may cause a diagnostic in another document, so all documents are tried until no document changes.
    while fix_run.view is not before:
        before = fix_run.view
        fix_run.left_out.clear()
        for path in before.checked.by_path:
            _fix_document(fix_run, path)
    if not options.dry:
        _drop_overlays(fix_run)
    return fix_run


def _fix_document(fix_run: FixRun, path: str) -> None:
    """Try all fixes of a document, then write the document once."""
    before, made_count, lines = (
        fix_run.view,
        len(fix_run.outcomes),
        fix_run.lines.get(path) if path in fix_run.texts else None,
    )
    text = before.text(path)
    while tries := _next_tries(fix_run, path):
        _apply_code_fixes(fix_run, path, tries)
    if fix_run.view is before:
        return
    try:
        if fix_run.options.dry:
            written_text(fix_run.index.root, path, fix_run.texts[path])
        else:
            rewrite_file(fix_run.index.root, path, text, fix_run.view.text(path))
    except WriteError as error:
        fix_run.index.set_overlay(path, text)
        fix_run.view = before
        fix_run.lines.pop(path)
        if lines is None:
            del fix_run.texts[path]
        else:
            fix_run.lines[path] = lines
        fix_run.write_errors[path] = str(error)
        for fix in fix_run.outcomes[made_count:]:
            leave_out(fix_run, fix._replace(reason=str(error)))
        del fix_run.outcomes[made_count:]


def _next_tries(fix_run: FixRun, path: str) -> list[FixAttempt]:
    """Return the untried fixes of a document for the first code that has untried fixes.

    Fixes of one code do not depend on each other.
    """
    text = functools.cache(fix_run.view.text)
    tries: list[FixAttempt] = []
    for diagnostic in fix_run.view.diagnostics_at(path):
        if not fix_run.options.is_selected(diagnostic) or (tries and tries[0].diagnostic.code != diagnostic.code):
            continue
        fixes = fixes_for(fix_run.view.snapshot, diagnostic, text)
        fix = next((fix for fix in fixes if fix.is_preferred and changes_only_text_of(fix, path)), None)
        if fix is None and fixes:
            fix = _only_unsafe_fix(fix_run, diagnostic, fixes)
        if fix and _key(fix_run, diagnostic, fix) not in fix_run.left_out:
            tries.append(FixAttempt(diagnostic, fix))
            if (path, diagnostic.code) in fix_run.singly:
                break
    return tries


def _only_unsafe_fix(fix_run: FixRun, diagnostic: Diagnostic, fixes: Sequence[Fix]) -> Fix | None:
    """Return the only fix of a diagnostic if `unsafe` is set. Otherwise report the fix if its code was selected."""
    fix = fixes[0]
    again = f"planmark check --fix --select {diagnostic.code} --unsafe"
    if len(fixes) > 1:
        reason = f"there are {len(fixes)} fixes; choose one in the editor"
    elif inserts_placeholders(fix.changes):
        reason = "it inserts placeholders; apply it in the editor"
    elif not fix_run.options.unsafe:
        reason = f"it needs a decision; apply it in the editor, or with {again}"
    else:
        return fix if changes_only_text_of(fix, diagnostic.path) else None
    if fix_run.options.has_selected_codes or diagnostic.code in STEP_CHANGING_CODES:
        leave_out(fix_run, describe_fix(fix_run, FixAttempt(diagnostic, fix), reason))
    return None


def inserts_placeholders(changes: Iterable[Change]) -> bool:
    """Tell whether changes insert placeholders that a person must fill in."""
    texts = [change.text for change in changes if not isinstance(change, RenamePath)]
    return any(document_format().unfilled(parse_sections(text)) for text in texts)


def _apply_code_fixes(fix_run: FixRun, path: str, tries: list[FixAttempt]) -> None:
    """Apply fixes of one code to a document. If the fixes overlap or change a state, try the fixes again one at a time."""
    if reason := fix_run.write_errors.get(path):
        for tried_attempt in tries:
            leave_out(fix_run, describe_fix(fix_run, tried_attempt, reason))
        return
    code = tries[0].diagnostic.code
    before = fix_run.view.text(path)
    all_changes = (
        change for tried_attempt in tries for change in tried_attempt.fix.changes if isinstance(change, TextChange)
    )
    changes = tuple(dict.fromkeys(all_changes))
    after = text_after(before, changes)
    reason = "its changes overlap" if after is None else ""
    if after is not None:
        fix_run.seen.add((path, before))
        fix_run.index.set_overlay(path, after)
        snapshot = fix_run.index.snapshot()
        view = build_view(snapshot, fix_run.index.text_reader(), before=fix_run.view, exists=fix_run.index.exists)
        reason = _refusal(fix_run, view, path, code, after)
        if not reason:
            fix_run.outcomes += [describe_fix(fix_run, tried_attempt) for tried_attempt in tries]
            fix_run.texts.setdefault(path, before)
            fix_run.lines[path] = _original_lines_after(_original_lines(fix_run, path), changes)
            fix_run.view = view
            return
        fix_run.index.set_overlay(path, before)
    if len(tries) > 1:
        fix_run.singly.add((path, code))
    else:
        leave_out(fix_run, describe_fix(fix_run, tries[0], reason))


def _refusal(fix_run: FixRun, after: View, path: str, code: str, new: str) -> str:
    """Return the reason why the new text must not replace the old text, or ""."""
    if (path, new) in fix_run.seen:
        return "it would undo another fix"
    unfit_reason_text = unfit_reason(fix_run.view, after, path, code)
    if unfit_reason_text or fix_run.options.unsafe:
        return unfit_reason_text
    changes = first_difference(fix_run.view, after)
    return (
        f"{changes}; apply it in the editor, or with planmark check --fix --select {code} --unsafe" if changes else ""
    )


def _original_lines(fix_run: FixRun, path: str) -> list[int]:
    """Return, for each line of a document, its 1-based line before any fix."""
    if path not in fix_run.lines:
        fix_run.lines[path] = list(range(1, _count_line_ends(fix_run.view.text(path)) + 2))
    return fix_run.lines[path]


def _count_line_ends(text: str) -> int:
    return sum(line_ends(text).values())


def _original_lines_after(origin: list[int], changes: Sequence[TextChange]) -> list[int]:
    """Return `_original_lines` after `changes`. Added lines come from the line at which they are added."""
    result = list(origin)
    for change in sorted(changes, key=lambda change: (-change.line, -change.start)):
        added_count = _count_line_ends(change.text)
        if added_count != change.lines:
            replaced_lines = result[change.line : change.line + change.lines + 1]
            result[change.line : change.line + change.lines + 1] = (replaced_lines + replaced_lines[-1:] * added_count)[
                : added_count + 1
            ]
    return result


def describe_fix(fix_run: FixRun, tried_attempt: FixAttempt, reason: str = "") -> FixOutcome:
    """Return a fix with the lines that the fix changes in the document of its diagnostic."""
    path, origin = tried_attempt.diagnostic.path, _original_lines(fix_run, tried_attempt.diagnostic.path)
    lines = set[int]()
    for change in tried_attempt.fix.changes:
        if isinstance(change, TextChange) and change.path == path:
            # A range that ends at the beginning of a line does not touch that line.
            last = change.line + change.lines - (change.lines > 0 and change.end == 0)
            lines.update(range(change.line, last + 1))
    line, *numbers = (origin[min(n, len(origin) - 1)] for n in (tried_attempt.diagnostic.line - 1, *sorted(lines)))
    return FixOutcome(
        path, line, tuple(dict.fromkeys(numbers)), tried_attempt.diagnostic.code, tried_attempt.fix.title, reason
    )


def _key(fix_run: FixRun, diagnostic: Diagnostic, fix: Fix) -> tuple[str, int, str, str]:
    return _key_of(describe_fix(fix_run, FixAttempt(diagnostic, fix)))


def _key_of(fix: FixOutcome) -> tuple[str, int, str, str]:
    return fix.path, fix.line, fix.code, fix.title


def leave_out(fix_run: FixRun, fix: FixOutcome) -> None:
    """Report a fix as skipped."""
    fix_run.left_out[_key_of(fix)] = fix


def _drop_overlays(fix_run: FixRun) -> None:
    """Drop the overlays, so that the index reads every tried or written document from the disk again."""
    for path in fix_run.index.open_paths:
        fix_run.index.set_overlay(path, None)
    snapshot = fix_run.index.snapshot()
    fix_run.view = build_view(snapshot, fix_run.index.text_reader(), before=fix_run.view, exists=fix_run.index.exists)


def _ranges(numbers: Sequence[int]) -> str:
    """Return `3-5, 9` for 3, 4, 5, 9."""
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in _consecutive_runs(numbers))


def _consecutive_runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
        runs.append((first, number))
    return runs
