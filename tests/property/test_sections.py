"""Sections compared with the headings of tree-sitter, over generated text and random edits of the real documents."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import tree_sitter
import tree_sitter_markdown
from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.markdown.blocks import parse_blocks
from planmark.markdown.sections import KINDS_THAT_END_BLOCKS, PlacedSection, split_into_sections

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_markdown.language()))
LINES = [
    *("# H", "## H2 ##", "### **x** ", "#", "#no", " # i1", "   # i3", "    # i4", "", "", "text", "    code"),
    *("```", "```py", "~~~", "````", "  ```", "   ```", "`x`", "- a", "- ", "* b", "1. c", "2) d", "10. e", "+ x", "-"),
    *("  # in", "  x", "  - n", "    - n", "- - n", "- # h", "- ```", "- [ ] t", "1.", "* * *", "---", "***", "==="),
    *(
        "> q",
        "> # q",
        ">",
        "<div>",
        "</div>",
        "<!-- c",
        "-->",
        "<!-- c -->",
        "<pre>",
        "</pre>",
        "<script>",
        "<?x",
        "?>",
    ),
    *("<span>", "<![CDATA[", "]]>", "<!X", "| a | b |", "|---|---|", "| 1 | 2 |", "[a]: b", "\\# no"),
    *("**Achievement 1.1**: T", "**Achievement 1.1: T**", "🎯 é", "a\fb", "a\u2028# b", "a\x85# b"),
]
EDITS = [
    "```\n",
    "~~~\n",
    "# H\n",
    "\n",
    "- a\n",
    "  # in\n",
    "> q\n",
    "<!-- c\n",
    "-->\n",
    "<div>\n",
    "`",
    "#",
    " ",
    "|",
    "é🎯",
]
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])
TEXTS = st.lists(st.sampled_from(LINES), max_size=14).map(lambda lines: "".join(f"{line}\n" for line in lines))


def headings(text: str) -> list[tuple[int, int, str]]:
    """Return (line, level, title) of every heading section."""
    return [
        (p.start, p.section.level, p.section.title) for p in split_into_sections(text) if p.section.kind == "heading"
    ]


def reference(text: str) -> list[tuple[int, int, str]]:
    """Return the same from tree-sitter: ATX headings outside quotes and lists. It keeps closing `#`s in the text."""
    found = []
    pending = [PARSER.parse(f"{text}\n".encode("utf-8", "surrogatepass")).root_node]
    while pending:
        node = pending.pop()
        if node.type in ("document", "section"):
            pending += reversed(node.children)
        elif node.type == "atx_heading":
            inline = next((child.text for child in node.children if child.type == "inline"), b"") or b""
            title = re.sub(r"(^|[ \t])#+[ \t]*$", "", inline.decode("utf-8", "surrogatepass").strip()).strip()
            found.append((node.start_point[0], int(node.children[0].type[5]), title))
    return found


def agrees(text: str) -> bool:
    """Tell whether the splitter and tree-sitter find the same headings.

    After several fences the grammar may take a heading after a row of blank cells for a table row. No block is open
    after a heading, so tree-sitter must then find in each section alone its own heading and no other.
    """
    if headings(text) == reference(text):
        return True
    alone = [(p.section, reference(p.section.text)) for p in split_into_sections(text)]
    return all(
        seen == ([(0, section.level, section.title)] if section.kind == "heading" else []) for section, seen in alone
    )


def shown(placed: tuple[PlacedSection, ...]) -> str:
    return "".join(p.section.text for p in placed)


@settings(max_examples=1500)
@given(TEXTS)
def test_headings_are_those_of_tree_sitter(text: str) -> None:
    assert headings(text) == reference(text)


@given(TEXTS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_sections_are_the_whole_text_in_order(text: str, end: str, cut: bool) -> None:
    text = text.replace("\n", end)[: -len(end) if cut and text else None]
    placed = split_into_sections(text)
    assert shown(placed) == text
    starts = [p.start for p in placed]
    assert starts == sorted(set(starts))
    for before, after in itertools.pairwise(placed):
        assert before.start + before.section.lines == after.start


@given(TEXTS, st.sampled_from(["\r\n", "\r"]))
def test_line_ends_change_no_section(text: str, end: str) -> None:
    plain = [(p.start, p.section.kind, p.section.title) for p in split_into_sections(text)]
    assert [(p.start, p.section.kind, p.section.title) for p in split_into_sections(text.replace("\n", end))] == plain


MIXED = st.lists(
    st.tuples(st.sampled_from(["---", "+++", "# H", "**Achievement 1.1**: T", "```", *LINES]), ENDS), max_size=14
).map(lambda lines: "".join(line + end for line, end in lines))
"""Lines with every kind of line end; the last line may have no line end."""


@settings(max_examples=500)
@given(MIXED)
def test_a_text_can_be_cut_from_each_heading_and_achievement_on(text: str) -> None:
    """Check that no block is open there, whatever the text above is, except the paragraph of the achievement."""
    placed = split_into_sections(text)
    offsets = itertools.accumulate((len(p.section.text) for p in placed), initial=0)
    for index, offset in enumerate(itertools.islice(offsets, len(placed))):
        if placed[index].section.kind in KINDS_THAT_END_BLOCKS:
            below = tuple(
                PlacedSection(p.start + placed[index].start, p.section) for p in split_into_sections(text[offset:])
            )
            assert placed == split_into_sections(text[:offset]) + below


@settings(max_examples=1500)
@given(MIXED, st.data())
def test_after_an_edit_the_sections_are_those_of_the_new_text(text: str, data: st.DataObject) -> None:
    placed = split_into_sections(text)
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)) | st.just(start))
        new = data.draw(MIXED | st.sampled_from([*EDITS, "", "\r", "---\n", "+++\n", "**Achievement 1.1**", "\t", "x"]))
        text = text[:start] + new + text[end:]
        before, placed = placed, split_into_sections(text, placed)
        assert placed == split_into_sections(text)
        assert_shared(placed, before)


@given(TEXTS, TEXTS, TEXTS)
def test_what_did_not_change_is_the_same_object(before: str, old: str, new: str) -> None:
    known = split_into_sections(before + old)
    again = split_into_sections(before + new, known)
    assert again == split_into_sections(before + new)
    assert_shared(again, known)


def assert_shared(new: tuple[PlacedSection, ...], old: tuple[PlacedSection, ...]) -> None:
    """Assert that a section is an object of `old` exactly if `old` has an equal section."""
    objects = {id(p.section) for p in old}
    equal = {(p.section.digest, p.section.kind, p.section.level) for p in old}
    for p in new:
        assert (id(p.section) in objects) == ((p.section.digest, p.section.kind, p.section.level) in equal)


def test_an_achievement_may_follow_a_blank_first_line() -> None:
    for blank in ("", " ", "\t"):
        kinds = [(p.start, p.section.kind) for p in split_into_sections(f"{blank}\n**Achievement 1.1**: T\n")]
        assert kinds == [(0, "preamble"), (1, "achievement")]


def test_a_text_that_did_not_change_keeps_its_sections() -> None:
    placed = split_into_sections("intro\n\n# A\n\ntext\n\n## B\n")
    again = split_into_sections("intro\n\n# A\n\ntext\n\n## B\n", placed)
    assert all(new.section is old.section for new, old in zip(again, placed, strict=True))


def test_the_real_documents_have_tree_sitters_headings(shared: Path) -> None:
    for path in sorted(shared.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert agrees(text), path
        assert shown(split_into_sections(text)) == text, path


def test_random_edits_of_the_real_documents_have_tree_sitters_headings(shared: Path) -> None:
    rng = random.Random(20261121)
    texts = [path.read_text(encoding="utf-8") for path in sorted(shared.rglob("*.md"))]
    for _ in range(3000):
        lines = rng.choice(texts).splitlines(keepends=True)
        first = rng.randrange(max(1, len(lines)))
        edited = "".join(_edited(lines[first : first + 60], rng))
        assert agrees(edited), edited


def _edited(lines: list[str], rng: random.Random) -> list[str]:
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(lines) + 1)
        if at == len(lines) or rng.random() < 0.4:
            lines.insert(at, rng.choice(EDITS))
        elif rng.random() < 0.4:
            del lines[at]
        else:
            column = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:column] + rng.choice(EDITS) + lines[at][column:]
    return lines


def test_a_section_parsed_alone_equals_the_section_in_its_file(shared: Path) -> None:
    """Compare the fences. At most one real file in 700 nests a fence in a list item and cuts it by a heading."""
    differing = []
    for path in sorted(shared.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        alone = [
            (p.start + fence.line, fence.info)
            for p in split_into_sections(text)
            for fence in parse_blocks(p.section).fences
        ]
        if alone != _fences(text):
            differing.append(path.name)
    assert len(differing) <= 1, differing


def _fences(text: str) -> list[tuple[int, str]]:
    found = []
    pending = [PARSER.parse(f"{text}\n".encode()).root_node]
    while pending:
        node = pending.pop()
        if node.type == "fenced_code_block":
            info = next((child.text for child in node.children if child.type == "info_string"), b"") or b""
            found.append((node.start_point[0], info.decode().strip()))
        else:
            pending += reversed(node.children)
    return found
