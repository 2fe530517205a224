"""The symbols of a document and of a workspace: headings, achievements and documents."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import Symbol, SymbolMatch
from planmark.plans.phrases import marked_label
from planmark.queries.workspace_view import View

MAX_FOUND = 200


def _headings(page: EditorDocument) -> list[Symbol]:
    symbols = []
    below: dict[int, int] = {}
    for entry in reversed(page.source):
        if entry.section.kind == "heading":
            level, title = entry.section.level, entry.section.title.strip() or "(no title)"
            end = min((start for other, start in below.items() if other <= level), default=len(page.lines))
            symbols.append(Symbol("heading", title, "", entry.start, end, page.whole_line(entry.start), []))
            below[level] = entry.start
    return symbols[::-1]


def nest_symbols(flat: list[Symbol]) -> list[Symbol]:
    """Return the symbols as a tree: each symbol is a child of the innermost symbol whose lines contain it."""
    top: list[Symbol] = []
    open_: list[Symbol] = []
    for symbol in flat:
        while open_ and symbol.start >= open_[-1].end:
            open_.pop()
        if open_:
            symbol = symbol._replace(end=min(symbol.end, open_[-1].end))
        (open_[-1].children if open_ else top).append(symbol)
        open_.append(symbol)
    return top


def search(view: View, query: str, others: Iterable[tuple[str, SymbolMatch]] = ()) -> list[SymbolMatch]:
    """Return the symbols of a workspace whose names match `query`, the best match first, at most `MAX_FOUND`.

    The symbols are achievements, documents and `others`, which are pairs of a name and a symbol of another format.
    """
    wanted = query.casefold().replace(" ", "")
    ranked = []
    for name, match in chain(_all_symbols(view), others):
        rank = _match_rank(name.casefold(), wanted)
        if rank is not None:
            ranked.append((rank, match.name, match.path, match))
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:3])[:MAX_FOUND]]


def _all_symbols(view: View) -> list[tuple[str, SymbolMatch]]:
    """Return every achievement and document of the workspace, each with the name that a query is compared with."""
    matches = []
    for files in view.snapshot.plans:
        for state in view.evaluations[files.path].state.achievements:
            name = f"{files.feature} {state.id} {state.title}"
            symbol = SymbolMatch(
                "achievement",
                f"{name} ({marked_label(state)})",
                files.feature,
                state.path,
                LineSpan(state.line - 1, 0, 0),
            )
            matches.append((name, symbol))
    for path in view.snapshot.paths:
        owner = view.plan_of(path)
        name = path.rpartition("/")[2]
        matches.append((name, SymbolMatch("document", name, owner.feature if owner else "", path, LineSpan(0, 0, 0))))
    return matches


def _match_rank(name: str, query: str) -> tuple[int, int] | None:
    """Return the sort key of a name for a query: a prefix before a substring before letters in order, then short names.

    Return None if the name does not match the query.
    """
    bare = name.replace(" ", "")
    if bare.startswith(query):
        return 0, len(bare)
    if query in bare:
        return 1, len(bare)
    letters = iter(bare)
    return (2, len(bare)) if all(letter in letters for letter in query) else None
