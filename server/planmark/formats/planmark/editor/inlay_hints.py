"""Inlay hints that show the state of an achievement after its id in the text."""

from __future__ import annotations

from planmark.formats.planmark.editor.references import mentions, target_defined_on, target_of
from planmark.ide.document import EditorDocument
from planmark.ide.features import AchievementTarget, Hint
from planmark.plans.phrases import marked_label


def hints(document: EditorDocument, first: int, last: int) -> list[Hint]:
    """Return hints with the states of the achievements named on the lines `first` to `last` (0-based, inclusive).

    On each line, an achievement has at most one hint. The line that defines an achievement has no hint for it, because
    this line has a lens.
    """
    hints_by_place: dict[tuple[int, str], Hint] = {}
    for mention in mentions(document):
        line = mention.span.line
        if mention.kind != "achievement" or not first <= line <= last:
            continue
        target = target_of(document, mention)
        if not isinstance(target, AchievementTarget) or _has_lens(document, target, line):
            continue
        text = marked_label(target.state)
        tooltip = target.state.evidence[0].says if target.state.evidence else ""
        hints_by_place.setdefault((line, mention.value), Hint(line, mention.span.end, text, tooltip))
    return list(hints_by_place.values())


def _has_lens(document: EditorDocument, target: AchievementTarget, line: int) -> bool:
    """Tell whether a 0-based line has a lens, because the line defines the achievement `target` in a PLAN."""
    return (
        document.path == target.state.path
        and line == target.state.line - 1
        and target_defined_on(document, line) is not None
    )
