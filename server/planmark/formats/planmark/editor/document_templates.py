"""Templates for documents: the initial text of an empty document, by its name, and the sections of each kind."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import get_args

from planmark.formats.planmark.commands.scaffold import fill_feature_template
from planmark.formats.planmark.editor.parsed_file_names import parsed_file_name
from planmark.formats.planmark.ownership.plan_documents import as_plan_documents
from planmark.formats.planmark.prompts.context import Material, material_of
from planmark.formats.planmark.prompts.file_formats import text_of_new_document
from planmark.ide.document import EditorDocument
from planmark.prompts.render import render_template
from planmark.queries.authoring import DecisionInput, FeatureTemplate
from planmark.text.lazy_pattern import lazy_pattern

_TEMPLATE_NAMES = {
    **{kind: kind for kind in ("plan", "grammaplan", "north_star", "subplan")},
    "execution_task": "execution",
}
"""Kind of document → the name of its template. Verdicts are absent: their sections depend on the decision."""
_EMPTY_VARIABLES: dict[str, object] = {
    **dict.fromkeys(("feature", "title", "date", "achievement", "subplan"), ""),
    "deliverables": (),
    "execution": 1,
}
"""Variables for rendering a template only to get the text of its sections."""
_PLACEHOLDER = lazy_pattern(r"\[TO BE FILLED: [^\[\]\n]*\]")
_HEADING = lazy_pattern(r"^## (.+)$", re.MULTILINE)
_SNIPPET_SPECIAL = lazy_pattern(r"[\\$}]")


def has_template(document: EditorDocument) -> bool:
    """Tell whether `template_of` returns a template for `document`."""
    return template_of(document, "") is not None


def template_of(document: EditorDocument, now: str) -> str | None:
    """Return the initial text for a document with the name of `document`; None if there is no template.

    `now` is the date or the time, written as in documents. A verdict has no such text, because a person records a
    verdict with a command.
    """
    is_verdict = document.name is not None and document.name.kind == "verdict"
    return _initial_text(document, now) if not is_verdict else None


def snippet_of(document: EditorDocument, now: str) -> str | None:
    """Return the template of a document as an LSP snippet; None if there is no template.

    The tab stops in the snippet of a verdict are empty, because a verdict must not contain a placeholder.
    """
    text = _initial_text(document, now)
    is_verdict = document.name is not None and document.name.kind == "verdict"
    return as_snippet(text, with_placeholder_text=not is_verdict) if text is not None else None


def as_snippet(text: str, *, with_placeholder_text: bool = True) -> str:
    """Return a text as an LSP snippet, with a tab stop for each placeholder.

    If `with_placeholder_text` is True, a tab stop contains the text of the placeholder.
    """
    parts, end = [], 0
    for number, match in enumerate(_PLACEHOLDER.finditer(text), 1):
        tab_stop = f"${{{number}:{_escape_snippet(match[0])}}}" if with_placeholder_text else f"${number}"
        parts.append(_escape_snippet(text[end : match.start()]) + tab_stop)
        end = match.end()
    return "".join(parts) + _escape_snippet(text[end:])


@functools.cache
def section_texts(kind: str) -> dict[str, str]:
    """Return a mapping from each heading in the template for documents of `kind` to the text below the heading."""
    if kind not in _TEMPLATE_NAMES:
        return {}
    pieces = _HEADING.split(render_template(f"new/{_TEMPLATE_NAMES[kind]}.md.j2", _EMPTY_VARIABLES))
    return {heading: text.strip() for heading, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def _escape_snippet(text: str) -> str:
    """Return `text` with a backslash before each character that has a special meaning in an LSP snippet."""
    return _SNIPPET_SPECIAL.sub(lambda match: "\\" + match[0], text)


def _initial_text(document: EditorDocument, now: str) -> str | None:
    """Return the initial text for `document`, even if it is a verdict; None if there is no template."""
    name = document.name
    if name is None:
        return None
    for template in get_args(FeatureTemplate):
        if name.kind == template:
            return fill_feature_template(template, name.feature, now[:10])
    achievement = document.achievement
    text_function = _TEXT_FUNCTIONS_BY_KIND.get(parsed_file_name(document).verdict or name.kind)
    if text_function is None or achievement is None or document.plan is None or document.evaluation is None:
        return None
    view = document.view
    material = material_of(view.reader, as_plan_documents(document.plan), document.evaluation, achievement.id)
    return text_function(material, document, now) if material.achievement else None


def _subplan_text(material: Material, _document: EditorDocument, _now: str) -> str:
    """Return the initial text of a SUBPLAN."""
    return text_of_new_document(material, "subplan")


def _execution_text(material: Material, document: EditorDocument, _now: str) -> str:
    """Return the initial text of an EXECUTION_TASK."""
    assert document.name
    subplan = material.inputs.subplan if material.inputs else None
    plan_name = (
        subplan.path.rpartition("/")[2].removesuffix(".md")
        if subplan
        else f"SUBPLAN_{document.name.feature}_{document.name.number}"
    )
    return text_of_new_document(
        material, "execution", subplan=plan_name, execution=parsed_file_name(document).execution
    )


def _verdict_text_function(template: str) -> Callable[[Material, EditorDocument, str], str]:
    """Return a function that returns the initial text of a verdict; `template` is the name of the verdict's template."""

    def text(material: Material, _document: EditorDocument, now: str) -> str:
        decision = DecisionInput("[TO BE FILLED: who reviewed]", now)
        return text_of_new_document(material, template, said=decision, note="", groups=(), reopens=(), issues=())

    return text


_TEXT_FUNCTIONS_BY_KIND: dict[str, Callable[[Material, EditorDocument, str], str]] = {
    "subplan": _subplan_text,
    "execution_task": _execution_text,
    "approved": _verdict_text_function("approved"),
    "fix": _verdict_text_function("fix"),
    "resolution": _verdict_text_function("resolution"),
}
"""Kind of a document or verdict about an achievement → the function that returns its text."""
