"""`planmark check --fix`: the findings of one code in one document are mended, and all is checked again in between."""

from __future__ import annotations

import functools
from collections.abc import Callable

from planmark.answers.view import View, view_of
from planmark.checks.diagnostic import Diagnostic
from planmark.checks.fixes import Fix, fixes_of
from planmark.cli.output import reading, say
from planmark.cli.workspace import fresh_view
from planmark.workspace.changes import TextChange, changed_text
from planmark.workspace.index import Index
from planmark.workspace.writing import WriteError, rewrite_file

Chosen = Callable[[Diagnostic], bool]


def mended(index: Index, chosen: Chosen, *, quiet: bool) -> View:
    """A workspace after every preferred fix of the chosen findings; what cannot be written is said once.

    A fix that would bring back a text that the document had before is left out, so that two cannot undo each other.
    """
    with reading(quiet=quiet) as progress:
        view = fresh_view(index, progress)
    left_out: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    before = None
    # What is mended in one document may be found in another one, so all are looked at until nothing is mended any more.
    while view is not before:
        before = view
        for path in before.checked.files:
            while found := _next_fixes(view, path, chosen, left_out):
                view = _with_fixes(index, view, found, left_out, seen, quiet=quiet)
    return view


def _with_fixes(
    index: Index,
    view: View,
    found: list[tuple[Diagnostic, Fix]],
    left_out: set[tuple[str, str]],
    seen: set[tuple[str, str]],
    *,
    quiet: bool,
) -> View:
    """The workspace after the fixes of one code in one document, or after the first where they overlap; as it was where they
    are left out."""
    path, code = found[0][0].path, found[0][0].code
    before = view.text(path)
    after = _after(before, [fix for _, fix in found])
    if after is None:
        del found[1:]
        after = _after(before, [found[0][1]])
    seen.add((path, before))
    if after is None or (path, after) in seen:
        left_out.add((path, code))
        return view
    try:
        rewrite_file(index.root, path, before, after)
        for diagnostic, fix in found:
            say(f"{path}:{diagnostic.line} {code}: {fix.title}", quiet=quiet)
    except WriteError as error:
        say(str(error), quiet=False)
        left_out.add((path, code))
    index.touch([path])
    return view_of(index.snapshot(), index.reader(), before=view, exists=index.exists)


def _after(text: str, fixes: list[Fix]) -> str | None:
    """`text` after all `fixes`; None where they overlap."""
    changes = [change for fix in fixes for change in fix.changes if isinstance(change, TextChange)]
    try:
        return changed_text(text, dict.fromkeys(changes))
    except ValueError:
        return None


def _next_fixes(view: View, path: str, chosen: Chosen, left_out: set[tuple[str, str]]) -> list[tuple[Diagnostic, Fix]]:
    """The preferred fixes of the first code in a document that has one; those of one code do not depend on each other."""
    text = functools.cache(view.text)
    first: str | None = None
    found = []
    for diagnostic in view.diagnostics_at(path):
        code = diagnostic.code
        if not chosen(diagnostic) or (path, code) in left_out or first not in (None, code):
            continue
        for fix in fixes_of(view.snapshot, diagnostic, text):
            own = all(isinstance(change, TextChange) and change.path == path for change in fix.changes)
            if fix.preferred and own:
                found.append((diagnostic, fix))
                first = code
                break
    return found
