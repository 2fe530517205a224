"""`planmark check --fix`: one finding after the other is mended, and all is checked again in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planmark.answers.view import View, view_of
from planmark.checks.diagnostic import Diagnostic
from planmark.checks.fixes import Fix, fixes_of
from planmark.cli.output import say
from planmark.workspace.changes import TextChange, changed_text
from planmark.workspace.index import Index
from planmark.workspace.writing import WriteError, rewrite_file

Chosen = Callable[[Diagnostic], bool]


def mended(root: Path, chosen: Chosen, *, quiet: bool) -> View:
    """The workspace after every preferred fix of the chosen findings; what cannot be written is said once.

    A fix that would bring back a text that the document had before is left out, so that two cannot undo each other.
    """
    index = Index(root)
    index.refresh()
    view = _fresh(index, None)
    left_out: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    while found := _next_fix(view, chosen, left_out):
        diagnostic, fix = found
        path = diagnostic.path
        before = view.text(path)
        after = changed_text(before, [change for change in fix.changes if isinstance(change, TextChange)])
        seen.add((path, before))
        if (path, after) in seen:
            left_out.add((path, diagnostic.code))
            continue
        try:
            rewrite_file(root, path, before, after)
            say(f"{path}:{diagnostic.line} {diagnostic.code}: {fix.title}", quiet=quiet)
        except WriteError as error:
            say(str(error), quiet=False)
            left_out.add((path, diagnostic.code))
        index.touch([path])
        view = _fresh(index, view)
    return view


def _fresh(index: Index, before: View | None) -> View:
    return view_of(index.snapshot(), index.reader(), before=before, exists=index.exists)


def _next_fix(view: View, chosen: Chosen, left_out: set[tuple[str, str]]) -> tuple[Diagnostic, Fix] | None:
    for diagnostic in view.diagnostics:
        if not chosen(diagnostic) or (diagnostic.path, diagnostic.code) in left_out:
            continue
        for fix in fixes_of(view.snapshot, diagnostic, view.text):
            own = all(isinstance(change, TextChange) and change.path == diagnostic.path for change in fix.changes)
            if fix.preferred and own:
                return diagnostic, fix
    return None
