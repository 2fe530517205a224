"""The second search: achievements that no other parser reads, in any form and at any place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.planmark.documents.out_of_sight import lines_about_undefined_ids
from planmark.formats.planmark.documents.plan import parse_plan
from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY
from planmark.markdown.parsed_source import parse_sections, quote_at

PLAN = "# PLAN: PAY\n\n**Status**: In Progress\n\n**Achievement 1.1**: Refunds\n\n"
TWO = "**Achievement 1.2**: Receipts"


def missed(body: str) -> list[str]:
    """Return the ids that keep a PLAN with this text from being complete, each named by a line."""
    plan = parse_plan(parse_sections(PLAN + body), "PAY", DEFAULT_VOCABULARY)
    return [line.id for line in plan.unread if line.prevents_completion] + [
        known for known in plan.ids if known != "1.1"
    ]


HIDDEN = [
    f"<!-- a note\n\n{TWO}\n",
    f"<!-- a note\n\n{TWO}\n\n<!-- another -->\n",
    f"<pre>\n{TWO}\n\nmore\n</pre>\n",
    f"<details>\n{TWO}\n</details>\n",
    f"<script>\n{TWO}\n</script>\n",
    f"<?php\n\n{TWO}\n",
    f"<![CDATA[\n{TWO}\n]]>\n",
    f"```\n\n{TWO}\n\n## More\n",
    f"~~~~ text\n{TWO}\n~~~\n",
    f"```md\n{TWO}\n\n```bash\nmake\n```\n",
    f"```\n{TWO}\n\n```\nmake\n```\n",
    f"- item\n\n  ```\n  {TWO}\n",
    f"    {TWO}\n",
    f"\t{TWO}\n",
    f"## Current Status & Handoff\n\n```\nmake\n\n## Priority 2\n\n{TWO}\n",
    f"`<!--`\n\n - {TWO}\n\n`-->`\n",
    f"    <!--\n\n - {TWO}\n\n    -->\n",
]
OTHERWISE = [
    f" {TWO}\n",
    f"\u3000{TWO}\n",
    f"&emsp;{TWO}\n",
    f"> > - [ ] {TWO}\n",
    f"text<br>{TWO}\n",
    f"text\x0b{TWO}\n",
    f"text\u2028{TWO}\n",
    f"<!-- a note --> {TWO}\n",
    f"[^1]: {TWO}\n",
    f":warning: {TWO}\n",
    f"iv. {TWO}\n",
    f'<span title="a>b">{TWO}</span>\n',
    f"<span\nclass='x'>{TWO}</span>\n",
    "- **Achievement 1.2**: like SUBPLAN_TILL_12.md\n",
    "# Progress\n\n- Achievement 1.2: Receipts\n",
    "__Achievement 1.2__: Receipts\n",
    "*Achievement 1.2* - Receipts\n",
    "`Achievement 1.2`: Receipts\n",
    "<h3>Achievement 1.2</h3>\n",
    "<ul><li>Achievement 1.1: Refunds</li><li>Achievement 1.2</li></ul>\n",
    "Achievement 1.2: Receipts\n---\n",
    "### Achievement 1.2 Receipts\n",
    "1) Achievement 1.2 \N{EM DASH} Receipts\n",
    "| Achievement 1.2 | Receipts |\n",
    "Achievement 1.2 (4-6h)\n",
    "Achievement 1.2 ✅\n",
    "Achievements 1.1-1.2: both\n",
    "**Achievement 1.2.** Receipts\n",
    "**Achievement\n1.2**: Receipts\n",
    "Achieve**ment** 1.2: Receipts\n",
    "Achieve<i>ment</i> 1.2: Receipts\n",
    "&#65;chievement&nbsp;1.2: Receipts\n",
    "Achievement 1\\.2: Receipts\n",
    "Achievement l.2: Receipts\n",
    "**Achievement １.２**：Receipts\n",
    "Achievement 1\u20242: Receipts\n",
    "𝐀𝐜𝐡𝐢𝐞𝐯𝐞𝐦𝐞𝐧𝐭 1.2: Receipts\n",
    "ⒶⒸⒽⒾⒺⓋⒺⓂⒺⓃⓉ 1.2: Receipts\n",
    "\u00c1chi\u0301evement 1.2: Receipts\n",
    "A\u200bchievement 1.2: Receipts\n",
    "Achi\u0435vem\u0435nt 1.2: Receipts\n",
    "A\u1d04\u029c\u026a\u1d07\u1d20\u1d07\u1d0d\u1d07\u0274\u1d1b 1.2: Receipts\n",
]
NOTHING = [
    f"```\n{TWO}\n```\n",
    f"````md\n```bash\nmake\n```\n{TWO}\n````\n",
    f"> ```\n> {TWO}\n> ```\n",
    f"<!--\n{TWO}\n-->\n",
    f"<!-- a\n\n- {TWO}\n\n-->\n",
    "text <!-- a\nAchievement 1.2: Receipts\n-->\n",
    f"<!-- {TWO} -->\n",
    "## Current Status & Handoff\n\n- **Achievement 1.2**: next\n",
    "## Subplan Tracking\n\n- Achievement 1.2: next\n",
    "## Status\n\n- Achievement 1.2: next\n",
    "## Related Plans\n\n### PLAN_TILL\n\n- Achievement 1.2: next\n",
    "- Achievement 1.1: Refunds\n",
    "- Achievement 1.01 - Refunds\n",
    "Achievement 1.2 comes later.\n",
    "Achievement 1.2, and others\n",
    "- See Achievement 1.2: it comes later\n",
    "- Dependencies: Achievement 1.2\n",
    "- **Achievement 1.2** of PLAN_TILL\n",
    "- Achievement 1.2 (@TILL): theirs\n",
    "- ~~Achievement 1.2: Receipts~~\n",
    "- Achievement 1.2 (dropped): Receipts\n",
    "Achievement 1.2.3.4: Receipts\n",
]


@pytest.mark.parametrize("body", [*HIDDEN, *OTHERWISE])
def test_what_may_be_an_achievement_is_seen(body: str) -> None:
    assert missed(body) == ["1.2"]


@pytest.mark.parametrize("body", HIDDEN)
def test_what_is_hidden_says_so(body: str) -> None:
    found = list(lines_about_undefined_ids(parse_sections(PLAN + body), ["1.1"]))
    assert [(known, line.text.endswith("Receipts")) for line, known, _ in found] == [("1.2", True)]
    assert found[0][2] == ("<!--`" not in body and "    <!--" not in body)


@pytest.mark.parametrize("body", NOTHING)
def test_what_is_no_achievement_is_left(body: str) -> None:
    assert missed(body) == []


def test_one_line_may_name_several() -> None:
    assert missed("- Achievements 1.1, 1.2 and 1.3: all\n- Achievement 1.4: more\n") == ["1.2", "1.4"]


def test_a_plan_without_achievements_has_none_out_of_sight() -> None:
    assert (
        parse_plan(
            parse_sections("# PLAN\n\n<pre>\nAchievement 1.2: Receipts\n</pre>\n"), "PAY", DEFAULT_VOCABULARY
        ).unread
        == ()
    )


@pytest.mark.parametrize("entity", ["&#" + "9" * 5000 + ";", "&#xD800;", "&#0;", "&;", "&nosuch;"])
def test_no_entity_ends_the_look(entity: str) -> None:
    assert missed(f"{entity} Achievement 1.2: Receipts\n") in ([], ["1.2"])


LEADS = st.lists(
    st.sampled_from(["> ", "- ", "* ", "1. ", "a) ", "[ ] ", "[x] ", "**", "__", "✅ ", "<b>", "<p>", " ", "\t", "🎯"]),
    max_size=5,
).map("".join)
AROUND = st.sampled_from(["{}", "<pre>\n{}\n</pre>", "<details>\n{}", "<!-- x\n\n{}", "```\n{}", "~~~\n\n{}\n\n# A\n"])
WORDS = st.sampled_from(["Achievement", "ACHIEVEMENT", "achievement", "Аchievement", "Ａchievement", "Achievеment"])
TAILS = st.sampled_from([": Receipts", " - Receipts", " — Receipts", "**: Receipts", "__ Receipts", "", " ✅", "</b>"])


@given(AROUND, LEADS, WORDS, TAILS)
def test_no_mark_hides_an_achievement(around: str, lead: str, word: str, tail: str) -> None:
    assert missed(around.format(f"{lead}{word} 1.2{tail}") + "\n")


@given(st.text(st.sampled_from("Achievement 1.2:*_`~<>!-#[]()\\&;\n\"'=/ab…\u200b\u2028"), max_size=200))
def test_any_text_is_looked_at(text: str) -> None:
    source = parse_sections(PLAN + text)
    for line, known, _ in lines_about_undefined_ids(source, ["1.1"]):
        assert known not in ("", "1.1")
        assert quote_at(source, line.position).text == line.text


@pytest.mark.parametrize("tag", ["pre", "details", "div"])
def test_a_hidden_heading_quiets_nothing_that_is_shown(tag: str) -> None:
    assert missed(f"<{tag}>\n## Handoff\n</{tag}>\n\n- {TWO}\n") == ["1.2"]
    assert missed(f"<{tag}>\n## Handoff\n- {TWO}\n</{tag}>\n") == []


@pytest.mark.parametrize("status", ["\n\n**Status**: Dropped?", " (dropped?)", " [DROPPED ?]"])
def test_a_question_drops_nothing(status: str) -> None:
    plan = parse_plan(parse_sections(f"{PLAN}{TWO}{status}\n"), "PAY", DEFAULT_VOCABULARY)
    assert [known.dropped for known in plan.achievements] == [None, None]


@pytest.mark.parametrize(
    "item", ["- 1.2 Receipts", "- 1.2: Receipts", "- **1.2** Receipts", "* [ ] 1.2 \u2014 Receipts"]
)
def test_an_id_alone_in_the_index_is_seen(item: str) -> None:
    assert missed(f"## Achievement Index\n\n- Achievement 1.1: Refunds\n{item}\n") == ["1.2"]
    assert missed(f"## Notes\n\n- Achievement 1.1: Refunds\n{item}\n") == []
    assert missed(f"## Achievement Index\n\n{item.replace('1.2', '1.1').replace('Receipts', '2.5 hours')}\n") == []
    assert (
        missed("## Achievement Index\n\n- Achievement 1.1: Refunds\n- ~~1.2 Receipts~~\n- 1.3 Bills (dropped)\n") == []
    )
