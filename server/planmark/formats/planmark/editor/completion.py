"""Completions at a position: ids, documents, features, fields, statuses, sections, and whole documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from planmark.formats.planmark.documents.vocabulary import is_deciding_field
from planmark.formats.planmark.editor import document_templates, glossary
from planmark.formats.planmark.editor.parsed_file_names import parsed_file_name
from planmark.ide.document import EditorDocument, LineSpan
from planmark.ide.features import MAX_COMPLETIONS, Completion
from planmark.plans.phrases import marked_label, name_in_words, plan_state_label
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.visible import as_markdown
from planmark.workspace.settings import vocabulary_of

_FEATURE = lazy_pattern(r"(?:^|[^\w/@.])@(?P<typed>[A-Za-z0-9-]*)$")
"""Pattern for a feature that is being typed after `@`."""
_ACHIEVEMENT = lazy_pattern(r"\bAchievements?\s+(?:[0-9.]+\s*(?:,|and|-|–|to)\s*)*(?P<typed>[0-9.]*)$", re.IGNORECASE)
"""Pattern for an id that is being typed after the word Achievement."""
_ID_FIELD = lazy_pattern(
    r"^[^\w\n]*(?:(?:depends|waits) (?:up)?on|dependent on|waits for|(?:hard )?dependenc(?:y|ies)|blocked by|prerequisites?|prereqs?|deps|requires|needs|after|(?:un)?blocks|achievement(?: addressed)?)\W*:\W*(?:[0-9.]+\s*,\s*)*(?P<typed>[0-9.]*)$",
    re.IGNORECASE,
)
"""Pattern for an id that is being typed in a field whose value names achievements."""
_DOCUMENT = lazy_pattern(r"(?:^|[^\w/.-])(?P<typed>(?:SUB|EXECUTION|EXEC|PLAN|APPR|FIX|GRAMMA|NORTH)[A-Za-z0-9_-]*)$")
"""Pattern for a document name that is being typed."""
_QUOTED_DOCUMENT = lazy_pattern(r"(?:`|\]\()(?P<typed>[A-Z][A-Za-z0-9_-]*)?$")
"""Pattern for a document name that is being typed after a back-tick or in a link."""
_FIELD_VALUE = lazy_pattern(r"^[^\w\n]*(?P<name>\w[\w ]{0,99}?)\*{0,3}\s{0,9}:\**\s?(?P<typed>[^:]*)$")
"""Pattern for a field whose value is being typed."""
_FIELD = lazy_pattern(r"^\s*(?:[-*+]\s+)?\*\*(?P<typed>[\w ]*)$")
"""Pattern for the bold name of a field that is being typed at the beginning of a line."""
_TYPED_TEXT = lazy_pattern(r"^(?P<typed>[#\w: ]{0,99})$")
"""Pattern for text before the cursor that may be the first text of an empty document."""
_SECTION = lazy_pattern(r"^(?P<typed>#{1,3}(?:\s.*)?)$")
"""Pattern for a heading that is being typed."""


def complete(document: EditorDocument, line: int, column: int, now: str = "") -> list[Completion]:
    """Return the completions at a position, chosen by the text before the cursor on the same line.

    `now` is the time for templates, written as in documents: `2026-11-29T14:05:31Z`.
    """
    text_before_cursor = document.line(line)[:column]
    if match := _TYPED_TEXT.search(text_before_cursor):
        span = LineSpan(line, 0, column)
        if items := list(_template_completions(document, span, now, match["typed"])):
            return items
    for pattern, yield_completions in COMPLETION_CONTEXTS:
        if match := pattern.search(text_before_cursor):
            typed_text = match["typed"] or ""
            span = LineSpan(line, column - len(typed_text), column)
            if items := list(yield_completions(document, span, match))[:MAX_COMPLETIONS]:
                return items
    return []


def _feature_completions(document: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for each feature of the workspace, with the state of its plan."""
    for plan in document.view.snapshot.plans:
        state = document.view.evaluations[plan.path].state
        yield Completion(
            "feature", plan.feature, plan_state_label(state), as_markdown(state.title), plan.feature, span, plan.feature
        )


def _achievement_completions(document: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for each achievement of the document's plan, with the state of the achievement."""
    if document.evaluation is None:
        return
    for position, achievement in enumerate(document.evaluation.state.achievements):
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


def _document_completions(document: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for the name of each Markdown document of the workspace except `document`.

    A completion shows the achievement that the named document is about. Documents of the same plan are sorted first.
    """
    plan = document.plan
    for path in document.view.snapshot.paths:
        name = path.rpartition("/")[2]
        if path == document.path or not name.endswith(".md"):
            continue
        owner = document.view.plan_of(path)
        achievement = document.view.achievement_of(path)
        detail = (
            as_markdown(f"{achievement.id} {achievement.title} · {marked_label(achievement)}") if achievement else ""
        )
        rank = "0" if plan is not None and owner is plan else "1"
        yield Completion("document", name, path, detail, name, span, f"{rank}{name}")


def _status_completions(document: EditorDocument, span: LineSpan, match: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for each status, with the meaning of the status.

    Yield no completion if the field before the cursor, `match["name"]`, does not state the outcome of the document.
    """
    if is_deciding_field(match["name"], vocabulary_of(document.view.snapshot.settings)):
        for position, (status_name, meaning) in enumerate(glossary.STATUSES.values()):
            yield Completion("status", status_name, "", meaning, status_name, span, f"{position:02d}")


def _field_completions(document: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for each field, with the meaning of the field.

    The usual fields of the document's kind are sorted first.
    """
    kind = document.name.kind if document.name else None
    usual_fields = glossary.HEADERS.get(kind, ()) if kind else ()
    has_closing_asterisks = document.line(span.line)[span.end :].startswith("**")
    for canonical, (field_name, meaning) in glossary.FIELDS.items():
        rank = "0" if canonical in usual_fields else "1"
        yield Completion(
            "field",
            field_name,
            "",
            meaning,
            field_name if has_closing_asterisks else f"{field_name}**: ",
            span,
            f"{rank}{field_name}",
        )


def _template_completions(document: EditorDocument, span: LineSpan, now: str, typed_text: str) -> Iterator[Completion]:
    """Yield a completion that inserts the template of `document`.

    Yield no completion if the document contains text other than `typed_text`, or if it has no template.
    """
    if document.name is None or document.text.strip() != typed_text.strip():
        return
    snippet = document_templates.snippet_of(document, now)
    if snippet is None:
        return
    text = document_templates.template_of(document, now) or ""
    kind = name_in_words(parsed_file_name(document).verdict or document.name.kind)
    meaning = f"The template of this document:\n\n```markdown\n{text}```" if text else "The template of this verdict."
    yield Completion("template", f"# {kind.upper()}: template", kind, meaning, text, span, "", snippet)


def _section_completions(document: EditorDocument, span: LineSpan, _: re.Match[str]) -> Iterator[Completion]:
    """Yield a completion for each section that documents of this kind have.

    A completion inserts the heading of the section and the text below the heading in the template.
    """
    kind = document.name.kind if document.name else None
    templates = document_templates.section_texts(kind) if kind else {}
    for position, (title, meaning, skeleton) in enumerate(glossary.SECTIONS.get(kind, ()) if kind else ()):
        text = f"## {title}\n\n{templates.get(title) or skeleton}\n"
        yield Completion(
            "section",
            f"## {title}",
            name_in_words(kind or ""),
            f"{meaning}\n\n```markdown\n{text}```",
            text,
            span,
            f"{position:02d}",
            document_templates.as_snippet(text),
        )


COMPLETION_CONTEXTS: tuple[
    tuple[re.Pattern[str], Callable[[EditorDocument, LineSpan, re.Match[str]], Iterator[Completion]]], ...
] = (
    (_FEATURE, _feature_completions),
    (_ACHIEVEMENT, _achievement_completions),
    (_ID_FIELD, _achievement_completions),
    (_DOCUMENT, _document_completions),
    (_QUOTED_DOCUMENT, _document_completions),
    (_SECTION, _section_completions),
    (_FIELD_VALUE, _status_completions),
    (_FIELD, _field_completions),
)
"""Pattern for the text before the cursor → the function that yields completions. The first function that yields a
completion decides.
"""
