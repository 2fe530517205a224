"""Completions at a position: ids, documents, features, fields, statuses, sections, and whole documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from planmark.formats.planmark.documents.vocabulary import is_deciding_field
from planmark.formats.planmark.editor import document_templates, glossary
from planmark.formats.planmark.editor.page_names import page_name
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import MAX_ITEMS, Completion
from planmark.plans.phrases import marked_label, name_in_words, plan_state_label
from planmark.text.visible import as_markdown
from planmark.workspace.settings import vocabulary_of

_FEATURE = re.compile(r"(?:^|[^\w/@.])@(?P<typed>[A-Za-z0-9-]*)$")
_ACHIEVEMENT = re.compile(r"\bAchievements?\s+(?:[0-9.]+\s*(?:,|and|-|–|to)\s*)*(?P<typed>[0-9.]*)$", re.IGNORECASE)
_ID_FIELD = re.compile(
    r"^[^\w\n]*(?:(?:depends|waits) (?:up)?on|dependent on|waits for|(?:hard )?dependenc(?:y|ies)|blocked by|prerequisites?|prereqs?|deps|requires|needs|after|(?:un)?blocks|achievement(?: addressed)?)\W*:\W*(?:[0-9.]+\s*,\s*)*(?P<typed>[0-9.]*)$",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"(?:^|[^\w/.-])(?P<typed>(?:SUB|EXECUTION|EXEC|PLAN|APPR|FIX|GRAMMA|NORTH)[A-Za-z0-9_-]*)$")
_QUOTED = re.compile(r"(?:`|\]\()(?P<typed>[A-Z][A-Za-z0-9_-]*)?$")
_VALUE = re.compile(r"^[^\w\n]*(?P<name>\w[\w ]{0,99}?)\*{0,3}\s{0,9}:\**\s?(?P<typed>[^:]*)$")
_FIELD = re.compile(r"^\s*(?:[-*+]\s+)?\*\*(?P<typed>[\w ]*)$")
_TYPED_TEXT = re.compile(r"^(?P<typed>[#\w: ]{0,99})$")
_SECTION = re.compile(r"^(?P<typed>#{1,3}(?:\s.*)?)$")


def complete(page: EditorDocument, line: int, column: int, now: str = "") -> list[Completion]:
    """Return the completions at a position, chosen by the text before the cursor on the same line.

    `now` is the time for templates, written as in documents: `2026-11-29T14:05:31Z`.
    """
    before = page.line(line)[:column]
    if match := _TYPED_TEXT.search(before):
        span = LineSpan(line, 0, column)
        if items := list(_templates(page, span, now, match["typed"])):
            return items
    for pattern, source in COMPLETION_CONTEXTS:
        if match := pattern.search(before):
            typed_text = match["typed"] or ""
            span = LineSpan(line, column - len(typed_text), column)
            if items := list(source(page, span, match))[:MAX_ITEMS]:
                return items
    return []


def _features(page: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    for files in page.view.snapshot.plans:
        state = page.view.evaluations[files.path].state
        yield Completion(
            "feature",
            files.feature,
            plan_state_label(state),
            as_markdown(state.title),
            files.feature,
            span,
            files.feature,
        )


def _achievements(page: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    if page.evaluation is None:
        return
    for position, achievement in enumerate(page.evaluation.state.achievements):
        detail = f"{achievement.title} · {marked_label(achievement)}"
        yield Completion(
            "achievement",
            achievement.id,
            detail,
            glossary.STATES[achievement.state],
            achievement.id,
            span,
            f"{position:04d}",
        )


def _documents(page: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    own = page.plan
    for path in page.view.snapshot.paths:
        name = path.rpartition("/")[2]
        if path == page.path or not name.endswith(".md"):
            continue
        owner = page.view.plan_of(path)
        achievement = page.view.achievement_of(path)
        says = as_markdown(f"{achievement.id} {achievement.title} · {marked_label(achievement)}") if achievement else ""
        near = "0" if own is not None and owner is own else "1"
        yield Completion("document", name, path, says, name, span, f"{near}{name}")


def _statuses(page: EditorDocument, span: LineSpan, match: re.Match[str]) -> Iterator[Completion]:
    if is_deciding_field(match["name"], vocabulary_of(page.view.snapshot.settings)):
        for position, (status_name, means) in enumerate(glossary.STATUSES.values()):
            yield Completion("status", status_name, "", means, status_name, span, f"{position:02d}")


def _fields(page: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    kind = page.name.kind if page.name else None
    first = glossary.HEADERS.get(kind, ()) if kind else ()
    is_closed = page.line(span.line)[span.end :].startswith("**")
    for canonical, (field_name, means) in glossary.FIELDS.items():
        near = "0" if canonical in first else "1"
        yield Completion(
            "field",
            field_name,
            "",
            means,
            field_name if is_closed else f"{field_name}**: ",
            span,
            f"{near}{field_name}",
        )


def _templates(page: EditorDocument, span: LineSpan, now: str, typed_text: str) -> Iterator[Completion]:
    """Yield the template of a document that contains no text except `typed_text`."""
    if page.name is None or page.text.strip() != typed_text.strip():
        return
    snippet = document_templates.snippet_of(page, now)
    if snippet is None:
        return
    text = document_templates.template_of(page, now) or ""
    kind = name_in_words(page_name(page).verdict or page.name.kind)
    means = f"The template of this document:\n\n```markdown\n{text}```" if text else "The template of this verdict."
    yield Completion("template", f"# {kind.upper()}: template", kind, means, text, span, "", snippet)


def _sections(page: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    kind = page.name.kind if page.name else None
    templates = document_templates.sections(kind) if kind else {}
    for position, (title, means, skeleton) in enumerate(glossary.SECTIONS.get(kind, ()) if kind else ()):
        text = f"## {title}\n\n{templates.get(title) or skeleton}\n"
        yield Completion(
            "section",
            f"## {title}",
            name_in_words(kind or ""),
            f"{means}\n\n```markdown\n{text}```",
            text,
            span,
            f"{position:02d}",
            document_templates.as_snippet(text),
        )


COMPLETION_CONTEXTS: tuple[
    tuple[re.Pattern[str], Callable[[EditorDocument, LineSpan, re.Match[str]], Iterator[Completion]]], ...
] = (
    (_FEATURE, _features),
    (_ACHIEVEMENT, _achievements),
    (_ID_FIELD, _achievements),
    (_DOCUMENT, _documents),
    (_QUOTED, _documents),
    (_SECTION, _sections),
    (_VALUE, _statuses),
    (_FIELD, _fields),
)
"""Text before the cursor → the function that yields completions; the first pattern that yields a completion wins."""
