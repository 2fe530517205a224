"""The outline of a document: its achievements, optionally inside its headings."""

from __future__ import annotations

from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.ide.document import EditorDocument
from planmark.ide.features import Symbol
from planmark.ide.symbols import heading_symbols, nest_symbols
from planmark.plans.phrases import STATE_MARKS, state_label


def outline(document: EditorDocument, includes_headings: bool) -> list[Symbol]:
    """Return a symbol for each achievement of a PLAN, with the state of the achievement.

    If `includes_headings` is True, also return symbols for the document's headings, which contain the achievements.
    """
    symbols = _achievement_symbols(document)
    if includes_headings:
        starts = {symbol.start for symbol in symbols}
        symbols += [symbol for symbol in heading_symbols(document) if symbol.start not in starts]
    return nest_symbols(sorted(symbols, key=lambda symbol: (symbol.start, -symbol.end)))


def _achievement_symbols(document: EditorDocument) -> list[Symbol]:
    """Return a symbol for each achievement if `document` is a PLAN; else []."""
    if document.plan is None or document.evaluation is None or document.path != document.plan.path:
        return []
    symbols = []
    for achievement, state in zip(
        as_plan_documents(document.plan).facts.achievements, document.evaluation.state.achievements, strict=True
    ):
        line = state.line - 1
        end = document.plan.document.lines(achievement.body)[1] if achievement.body else line + 1
        name = f"{STATE_MARKS[state.state]} {achievement.id} {achievement.title}".rstrip()
        symbols.append(
            Symbol(
                "achievement", name, state_label(state), line, max(line + 1, end), document.span_of_line_text(line), []
            )
        )
    return symbols
