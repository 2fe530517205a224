"""The mention under a cursor is a mention of the whole document, and is among the document's mentioned words."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from editor_checks import page_at
from planmark.formats.planmark.documents.document_references import features_named_in
from planmark.formats.planmark.documents.mentioned_words import document_names_in, names_mentioned_in
from planmark.formats.planmark.editor.references import mention_at, mentions
from planmark.markdown.parsed_source import parse_sections
from planmark.text.lookalikes import narrowed_text

WORKSPACE = """
//- /plans/TILL/PLAN_TILL.md
# PLAN: Till

**Achievement 1.1**: Drawers
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments$0

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

"""
PARTS = [
    "Achievement", "Achievements", "achievements 1.1", "1.1", "1.2", "2.1-2.3", ",", "and", "-", "/", " ", "\t", "\u00a0", "\n", "\n\n", "\r\n",
    "\r", " \n\t\n", "| 1.1 | Refunds |", "**Depends on**: 1.1, 1.2", "- Achievement Addressed: 1.1 (Refunds)", "@TILL", "@PAY", "@plans/PAY/PLAN_PAY.md",
    "SUBPLAN_PAY_11", "`PLAN_TILL.md`", "EXECUTION\\_TASK\\_PAY\\_11\\_01", "**", "word", ".", "---", ":",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_a_passage_names_what_the_document_names_there(text: str) -> None:
    page, *_ = page_at(WORKSPACE + text)
    found = mentions(page)
    for line in range(len(page.lines)):
        for column in range(len(page.line(line)) + 1):
            touching = [mention for mention in found if mention.span.touches(line, column)]
            shortest = min((mention.span.end - mention.span.start for mention in touching), default=None)
            here = mention_at(page, line, column)
            assert here in touching if here else not touching
            assert here is None or here.span.end - here.span.start == shortest


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
def test_a_search_for_one_id_or_feature_finds_its_mentions_among_all(text: str) -> None:
    page, *_ = page_at(WORKSPACE + text)
    all_mentions = mentions(page)
    for kind, value in (("achievement", "1.1"), ("achievement", "2.3"), ("feature", "PAY")):
        expected = [mention for mention in all_mentions if (mention.kind, mention.value) == (kind, value)]
        assert mentions(page, (kind,), frozenset({value})) == expected


WRITTEN = [
    *PARTS, "PLAN_TILL", "SUBPLAN_TILL_11", "GRAMMAPLAN_TILL", "NORTH\\_STAR\\_TILL", "PLAN*TILL*", "PL`AN_`TILL", "**PLAN**_TILL", "TILL-", "-X", "@TILL-x",
    "APPROVED_11.md", "plans/TILL/execution/", "../", "12.1", "1.1.1", "1.", "v", "\u0661.\u0661", "é", "🎯", "üéØ", "‚Ñπ", "### ", "`", "*", "_", "\u2028", "１.１", "１．２", "：", "\u200b",
]  # fmt: skip


@given(st.lists(st.sampled_from(WRITTEN), max_size=40).map("".join))
@example("PLAN_TILL１.１")
def test_whatever_a_document_names_is_among_the_words_that_it_mentions(text: str) -> None:
    page, *_ = page_at(WORKSPACE + text)
    for words in (names_mentioned_in(page.text), names_mentioned_in(page.text, parse_sections(page.text))):
        for mention in mentions(page):
            assert (f"@{mention.value}" if mention.kind == "feature" else mention.value) in words
        for line in range(len(page.lines)):
            for feature in features_named_in(narrowed_text(page.line(line))):
                assert f"@{feature}" in words


@given(st.lists(st.sampled_from(WRITTEN), max_size=40).map("".join))
def test_the_sections_of_a_document_mention_what_its_text_does(text: str) -> None:
    source = parse_sections(text)
    words = names_mentioned_in(text, source)
    assert {name for placed in source for name in document_names_in(placed.section)} <= set(words)
    assert set(names_mentioned_in(text)) <= set(words)
    if "".join(placed.section.text for placed in source) == text:
        assert names_mentioned_in(text) == words
