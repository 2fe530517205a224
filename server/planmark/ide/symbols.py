"""The symbols of a document and of a workspace: headings, achievements and documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import Symbol, SymbolMatch
from planmark.plans.phrases import marked_label
from planmark.queries.find import matching_entries
from planmark.queries.find_entries import Entry
from planmark.queries.find_query import KEYS, Term, parse_query
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View

MAX_FOUND_SYMBOLS = 200


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


def nest_symbols(symbols: list[Symbol]) -> list[Symbol]:
    """Return the symbols as a tree: each symbol is a child of the innermost symbol whose lines contain it."""
    top: list[Symbol] = []
    other_symbols: list[Symbol] = []
    for symbol in symbols:
        while other_symbols and symbol.start >= other_symbols[-1].end:
            other_symbols.pop()
        if other_symbols:
            symbol = symbol._replace(end=min(symbol.end, other_symbols[-1].end))
        (other_symbols[-1].children if other_symbols else top).append(symbol)
        other_symbols.append(symbol)
    return top


def search(view: View, query: str, others: Iterable[tuple[str, SymbolMatch]] = ()) -> list[SymbolMatch]:
    """Return the symbols of a workspace whose names match `query`, the best match first, at most `MAX_FOUND_SYMBOLS`.

    The symbols are achievements, documents and `others`, which are pairs of a name and a symbol of another format. With
    properties such as `state:approved`, the query filters as `planmark find` does.
    """
    terms = parse_query(query)
    if any(term.key in KEYS for term in terms):
        return _filtered(view, terms)
    search_text = query.casefold().replace(" ", "")
    ranked_symbols = []
    for name, match in chain(_all_symbols(view), others):
        rank = _match_rank(name.casefold(), search_text)
        if rank is not None:
            ranked_symbols.append((rank, match.name, match.path, match))
    return [entry[-1] for entry in sorted(ranked_symbols, key=lambda entry: entry[:3])[:MAX_FOUND_SYMBOLS]]


def _filtered(view: View, terms: Sequence[Term]) -> list[SymbolMatch]:
    """Return the documents and items that match terms. A query with an unknown value has no match."""
    try:
        entries = matching_entries(view, terms)
    except NoAnswerError:
        return []
    return [_symbol_of(entry) for entry in entries[:MAX_FOUND_SYMBOLS]]


def _symbol_of(entry: Entry) -> SymbolMatch:
    if entry.is_document or entry.item is None:
        name = entry.path.rpartition("/")[2]
        return SymbolMatch("document", name, entry.feature, entry.path, LineSpan(0, 0, 0))
    item = entry.item
    name = f"{entry.feature} {item.id} {item.title} ({marked_label(item)})"
    return SymbolMatch("achievement", name, entry.feature, item.path, LineSpan(item.line - 1, 0, 0))


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
    bare_text = name.replace(" ", "")
    if bare_text.startswith(query):
        return 0, len(bare_text)
    if query in bare_text:
        return 1, len(bare_text)
    letters = iter(bare_text)
    return (2, len(bare_text)) if all(letter in letters for letter in query) else None
