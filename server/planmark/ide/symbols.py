"""The symbols of a document and of a workspace: headings, achievements and documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import Symbol, SymbolMatch
from planmark.plans.phrases import marked_label
from planmark.queries.find import matching_entries
from planmark.queries.find_entries import FindEntry
from planmark.queries.find_query import QUERY_KEYS, Term, parse_query
from planmark.queries.lookup import NoAnswerError
from planmark.queries.workspace_view import View

MAX_FOUND_SYMBOLS = 200
"""Maximum number of symbols in the answer to a search."""


def heading_symbols(document: EditorDocument) -> list[Symbol]:
    """Return a symbol for each heading.

    The lines of a symbol end before the next heading of the same or a higher level.
    """
    symbols = []
    starts_by_level: dict[int, int] = {}
    for entry in reversed(document.source):
        if entry.section.kind == "heading":
            level, title = entry.section.level, entry.section.title.strip() or "(no title)"
            end = min(
                (start for other_level, start in starts_by_level.items() if other_level <= level),
                default=len(document.lines),
            )
            symbols.append(Symbol("heading", title, "", entry.start, end, document.span_of_line_text(entry.start), []))
            starts_by_level[level] = entry.start
    return symbols[::-1]


def nest_symbols(symbols: list[Symbol]) -> list[Symbol]:
    """Return the symbols as a tree: each symbol is a child of the innermost symbol whose lines contain it."""
    root_symbols: list[Symbol] = []
    enclosing_symbols: list[Symbol] = []
    for symbol in symbols:
        while enclosing_symbols and symbol.start >= enclosing_symbols[-1].end:
            enclosing_symbols.pop()
        if enclosing_symbols:
            symbol = symbol._replace(end=min(symbol.end, enclosing_symbols[-1].end))
        (enclosing_symbols[-1].children if enclosing_symbols else root_symbols).append(symbol)
        enclosing_symbols.append(symbol)
    return root_symbols


def search(view: View, query: str, other_symbols: Iterable[tuple[str, SymbolMatch]] = ()) -> list[SymbolMatch]:
    """Return at most MAX_FOUND_SYMBOLS symbols of a workspace whose names match `query`, the best match first.

    The symbols are achievements, documents and `other_symbols`. `other_symbols` has a tuple for each symbol of other
    formats: the name that `query` is compared with, and the symbol. If `query` has properties such as `state:approved`,
    return what `planmark find` finds.
    """
    terms = parse_query(query)
    if any(term.key in QUERY_KEYS for term in terms):
        return _symbols_matching_terms(view, terms)
    search_text = query.casefold().replace(" ", "")
    ranked_symbols = []
    for name, match in chain(_achievement_and_document_symbols(view), other_symbols):
        rank = _match_rank(name.casefold(), search_text)
        if rank is not None:
            ranked_symbols.append((rank, match.name, match.path, match))
    return [entry[-1] for entry in sorted(ranked_symbols, key=lambda entry: entry[:3])[:MAX_FOUND_SYMBOLS]]


def _symbols_matching_terms(view: View, terms: Sequence[Term]) -> list[SymbolMatch]:
    """Return the documents and items that match all terms. Return nothing if a term has an unknown value."""
    try:
        entries = matching_entries(view, terms)
    except NoAnswerError:
        return []
    return [_symbol_of(entry) for entry in entries[:MAX_FOUND_SYMBOLS]]


def _symbol_of(entry: FindEntry) -> SymbolMatch:
    if entry.is_document or entry.item is None:
        name = entry.path.rpartition("/")[2]
        return SymbolMatch("document", name, entry.feature, entry.path, LineSpan(0, 0, 0))
    item = entry.item
    name = f"{entry.feature} {item.id} {item.title} ({marked_label(item)})"
    return SymbolMatch("achievement", name, entry.feature, item.path, LineSpan(item.line - 1, 0, 0))


def _achievement_and_document_symbols(view: View) -> list[tuple[str, SymbolMatch]]:
    """Return a tuple for every achievement and document of the workspace.

    The tuple has the name that a query is compared with, and the symbol.
    """
    matches = []
    for plan in view.snapshot.plans:
        for item in view.evaluations[plan.path].state.achievements:
            name = f"{plan.feature} {item.id} {item.title}"
            symbol = SymbolMatch(
                "achievement",
                f"{name} ({marked_label(item)})",
                plan.feature,
                item.path,
                LineSpan(item.line - 1, 0, 0),
            )
            matches.append((name, symbol))
    for path in view.snapshot.paths:
        owning_plan = view.plan_of(path)
        name = path.rpartition("/")[2]
        matches.append(
            (
                name,
                SymbolMatch("document", name, owning_plan.feature if owning_plan else "", path, LineSpan(0, 0, 0)),
            )
        )
    return matches


def _match_rank(name: str, query: str) -> tuple[int, int] | None:
    """Return the sort key of a name for a query, or None if the name does not match.

    A name that begins with the query comes first. Then come names that contain the query, and then names that contain
    the letters of the query in their order. Among equal matches, shorter names come first. Spaces are ignored.
    """
    name_letters = name.replace(" ", "")
    if name_letters.startswith(query):
        return 0, len(name_letters)
    if query in name_letters:
        return 1, len(name_letters)
    letters = iter(name_letters)
    return (2, len(name_letters)) if all(letter in letters for letter in query) else None
