"""The templates for an empty document, and the sections of templates."""

from __future__ import annotations

import re

import pytest

from editor_checks import page_at
from planmark.formats.planmark.commands.scaffold import new_plan
from planmark.formats.planmark.editor import code_lens, glossary
from planmark.formats.planmark.editor.commands import commands
from planmark.formats.planmark.editor.completion import complete
from planmark.formats.planmark.editor.document_templates import as_snippet, section_texts, snippet_of, template_of

NOW = "2026-11-29T14:05:31Z"
WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments

**Achievement 1.1**: Refunds ($5 and `{{a}}`)
//- /{path}
{text}$0
"""
WITH_TEMPLATE = {
    "plans/TILL/PLAN_TILL.md": "# PLAN: Till\n",
    "plans/PAY/subplans/SUBPLAN_PAY_11.md": "**Achievement Addressed**: 1.1 (Refunds",
    "plans/PAY/execution/EXECUTION_TASK_PAY_11_02.md": "**Execution Number**: 02",
    "GRAMMAPLAN_SHOP.md": "# GRAMMAPLAN: Shop\n",
    "NORTH_STAR_SHOP-OF-ALL.md": "# NORTH STAR: Shop of all\n",
}
VERDICTS = {f"plans/PAY/execution/feedbacks/{name}.md": name for name in ("APPROVED_11", "FIX_11", "FIX_11_RESOLUTION")}


def filled(snippet: str) -> str:
    """Return the text that an editor makes of a snippet if the user changes nothing."""
    shown, at = "", 0
    while at < len(snippet):
        char = snippet[at]
        if char == "\\":
            shown += snippet[at + 1]
            at += 2
        elif match := re.compile(r"\$\{\d+:|\$\d+").match(snippet, at):
            at = match.end()
        else:
            # The end of a place to fill is the only brace that has no backslash.
            shown += "" if char == "}" else char
            at += 1
    return shown


@pytest.mark.parametrize(("path", "part"), WITH_TEMPLATE.items())
def test_an_empty_document_offers_its_template(path: str, part: str) -> None:
    page, line, column = page_at(WORKSPACE.format(path=path, text="\n  \n"))
    text = template_of(page, NOW)
    assert text and part in text and "2026-11-29" in (text if "Created" in text else NOW)
    (lens,) = code_lens.lenses(page)
    command = code_lens.resolve(page, lens.part, lens.achievement)
    assert command and command.command == "planmark.fillTemplate" and command.argument == {"path": path}
    assert commands(page, line, column) == [command]
    (item,) = complete(page, line, column, NOW)
    assert item.text == text and filled(item.snippet) == text


@pytest.mark.parametrize("path", [*WITH_TEMPLATE, *VERDICTS])
def test_a_document_with_text_offers_none(path: str) -> None:
    page, line, column = page_at(WORKSPACE.format(path=path, text="Text\n"))
    assert "template" not in {lens.part for lens in code_lens.lenses(page)}
    assert "planmark.fillTemplate" not in {known.command for known in commands(page, line, column)}
    assert "template" not in {item.kind for item in complete(page, line, column, NOW)}


@pytest.mark.parametrize(
    "path", ["README.md", "plans/PAY/execution/EXECUTION_ANALYSIS_PAY.md", "subplans/SUBPLAN_X_11.md"]
)
def test_other_names_have_no_template(path: str) -> None:
    page, _, _ = page_at(WORKSPACE.format(path=path, text=""))
    assert template_of(page, NOW) is None and snippet_of(page, NOW) is None


@pytest.mark.parametrize(("path", "name"), VERDICTS.items())
def test_a_verdict_has_a_snippet_without_placeholders_and_nothing_that_records_it(path: str, name: str) -> None:
    page, line, column = page_at(WORKSPACE.format(path=path, text=""))
    assert template_of(page, NOW) is None
    assert not any(lens.part == "template" for lens in code_lens.lenses(page))
    assert "planmark.fillTemplate" not in {known.command for known in commands(page, line, column)}
    snippet = snippet_of(page, NOW)
    assert snippet and "TO BE FILLED" not in snippet and "$1" in snippet, name
    assert f"**Re{'solution' if 'RESOLUTION' in name else 'view'} Date**: {NOW}" in filled(snippet)


def test_the_template_follows_what_is_typed() -> None:
    for typed in ("", "#", "# PL", "plan"):
        page, line, column = page_at(WORKSPACE.format(path="PLAN_X.md", text=typed))
        (item,) = complete(page, line, column, NOW)
        assert (item.kind, item.span.start, item.span.end) == ("template", 0, len(typed))


def test_the_template_is_that_of_the_command_line() -> None:
    page, _, _ = page_at(WORKSPACE.format(path="PLAN_NEW-TILL.md", text=""))
    assert template_of(page, NOW) == new_plan("NEW-TILL", "", "2026-11-29", ()).text


def test_every_section_has_a_skeleton() -> None:
    for kind, listed in glossary.SECTIONS.items():
        written = section_texts(kind)
        for title, _, skeleton in listed:
            assert bool(written.get(title)) != bool(skeleton), (kind, title)
        assert set(written) <= {title for title, _, _ in listed}, kind


def test_a_snippet_inserts_special_characters_as_they_are() -> None:
    text = "a $1 ${2:x} \\ } [TO BE FILLED: $5 } \\] and [TO BE FILLED: b]\n"
    snippet = as_snippet(text)
    assert filled(snippet) == text
    assert snippet.count("${1:") == 1 and snippet.count("${2:[TO") == 1
