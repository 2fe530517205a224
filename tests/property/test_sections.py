"""Sections against tree-sitter's headings, over generated text and random edits of the real documents."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import tree_sitter
import tree_sitter_markdown
from hypothesis import given, settings
from hypothesis import strategies as st

from planmark.syntax.blocks import blocks
from planmark.syntax.sections import Placed, resplit, split

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
TEXTS = st.lists(st.sampled_from(LINES), max_size=14).map(lambda lines: "".join(f"{line}\n" for line in lines))


def headings(text: str) -> list[tuple[int, int, str]]:
    """(line, level, title) of every heading section."""
    return [(p.start, p.section.level, p.section.title) for p in split(text) if p.section.kind == "heading"]


def reference(text: str) -> list[tuple[int, int, str]]:
    """The same by tree-sitter: the ATX headings that lie in no quote and no list. It keeps closing `#`s in the text."""
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


def shown(placed: tuple[Placed, ...]) -> str:
    return "".join(p.section.text for p in placed)


@settings(max_examples=1500)
@given(TEXTS)
def test_headings_are_those_of_tree_sitter(text: str) -> None:
    assert headings(text) == reference(text)


@given(TEXTS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_sections_are_the_whole_text_in_order(text: str, end: str, cut: bool) -> None:
    text = text.replace("\n", end)[: -len(end) if cut and text else None]
    placed = split(text)
    assert shown(placed) == text
    starts = [p.start for p in placed]
    assert starts == sorted(set(starts))
    for before, after in itertools.pairwise(placed):
        assert before.start + before.section.lines == after.start


@given(TEXTS, st.sampled_from(["\r\n", "\r"]))
def test_line_ends_change_no_section(text: str, end: str) -> None:
    plain = [(p.start, p.section.kind, p.section.title) for p in split(text)]
    assert [(p.start, p.section.kind, p.section.title) for p in split(text.replace("\n", end))] == plain


@given(TEXTS, TEXTS, TEXTS)
def test_what_did_not_change_is_the_same_object(before: str, old: str, new: str) -> None:
    known = split(before + old)
    again = resplit(known, before + new)
    assert again == split(before + new)
    objects = {id(p.section) for p in known}
    digests = {(p.section.digest, p.section.kind, p.section.level) for p in known}
    for p in again:
        assert (id(p.section) in objects) == ((p.section.digest, p.section.kind, p.section.level) in digests)


def test_the_real_documents_have_tree_sitters_headings(shared: Path) -> None:
    for path in sorted(shared.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert headings(text) == reference(text), path
        assert shown(split(text)) == text, path


def test_random_edits_of_the_real_documents_have_tree_sitters_headings(shared: Path) -> None:
    rng = random.Random(20261121)
    texts = [path.read_text(encoding="utf-8") for path in sorted(shared.rglob("*.md"))]
    for _ in range(3000):
        lines = rng.choice(texts).splitlines(keepends=True)
        first = rng.randrange(max(1, len(lines)))
        edited = "".join(_edited(lines[first : first + 60], rng))
        assert headings(edited) == reference(edited), edited


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
    """But for fences that are nested in a list item and cut by a heading: at most one real file in 700."""
    differing = []
    for path in sorted(shared.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        alone = [(p.start + fence.line, fence.info) for p in split(text) for fence in blocks(p.section).fences]
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
