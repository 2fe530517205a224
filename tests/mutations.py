"""Real documents, broken as documents break: lines doubled, cut, swapped and joined, bits flipped, text of other kinds
between. The seeds are the example workspace and, if `PLANMARK_CORPUS` names one, a real workspace."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from conftest import REPOSITORY
from planmark.formats.planmark.documents.file_names import parse_name

EXAMPLE = REPOSITORY / "examples" / "workspace"
NAMES = (
    "PLAN_X.md",
    "SUBPLAN_X_11.md",
    "EXECUTION_TASK_X_11_01.md",
    "APPROVED_11.md",
    "FIX_11.md",
    "GRAMMAPLAN_X.md",
    "NORTH_STAR_X.md",
    "EXECUTION_ANALYSIS_X.md",
)
"""One name of every kind of Markdown document."""
MAX_SEED = 60_000
"""Maximum length of a seed, in characters. The rest of a longer document has no new kinds of lines."""
ENDS = ("\n", "\r\n", "\r", "\f", "\x0b", "\x85", "\u2028", "\n\n\n")
ODD = (
    *(
        "\0",
        "\x1b[2J",
        "\x7f",
        "\ufeff",
        "\u200b",
        "\u202e",
        "\ud800",
        "\udfff",
        "\U0010ffff",
        "é",
        "e\u0301",
        "👩‍💻",
        "üéØ",
    ),
    *("```", "~~~", "````md", "<!--", "-->", "<div>", "</script>", "<![CDATA[", "<?", "---", "+++", "===", "| - | - |"),
    *("> ", ">>>> ", "- ", "  - ", "1. ", "9999999999. ", "\t", "    ", "# ", "####### ", "- [ ] ", "- [x]", "[a]: b"),
    *("**", "__", "`", "|", "\\", "[", "](", "@", "@X", "1.1", "1.1.1.1", "99999.1", "0", "٣", "-", "–", ":", "**:**"),
    *("**Status**: ", "**Achievement 1.1**: A", "### Achievement 2.1: B", "- Achievement 1.1: A", "## Handoff", "✅ "),
    *("APPROVED_11.md", "SUBPLAN_X_11.md (lines 4-2)", "2026-02-30", "- **Dependencies**: 1.1", "[TO BE FILLED]"),
    # Text that affects more than its own line: ranges, claims, hidden achievements, other plans, rounds.
    *(
        "- **Depends on**: 1.0-99.99",
        "- **Blocks**: 1.1-9.9, @X 1.1-2.9",
        "- ✅ Achievements 1.0-99.99",
        "- Done: 1.1-3.9",
    ),
    *(
        "<pre>\n**Achievement 1.9**: H",
        "<!--\n- [ ] Achievement 1.8: H",
        "__Achievement 1.7__: H",
        "**Αchievement 1.6**: H",
    ),
    *(
        "**Plan**: OTHER",
        "# APPROVED: PLAN_OTHER 1.1",
        "**Reopens**: APPROVED_11.md",
        "FIX_11_R99.md",
        "~~",
        "(DROPPED)",
    ),
    # Text that affects the terminal or client that shows it, and text that Planmark masks.
    *(
        "\x1b]52;c;cm0gLXJm\x07",
        "\x9b2J",
        "\u2066",
        "\u2029> ",
        "![t](https://evil.example/p.png)",
        "%%{init: {}}%%",
        "{0}",
    ),
    *(
        "##[command]",
        "::error::",
        '"]; evil [label="',
        "<img src=x onerror=y>",
        "curl -u ada:Zx81kLmN0pQ https://h.example",
    ),
    *("Authorization: Bearer " + "abcDEF0123" * 4, "password=" + "Qw9" * 8, "-----BEGIN PRIVATE KEY-----"),
)
"""Texts that are inserted, alone or before lines."""


@functools.cache
def seeds(suffix: str) -> tuple[str, ...]:
    """Return the texts of all documents whose name ends with `suffix`, from the example and the real workspace."""
    corpus = os.environ.get("PLANMARK_CORPUS")
    folders = [EXAMPLE, *([Path(corpus)] if corpus else [])]
    files = [file for folder in folders for file in sorted(folder.rglob(f"*{suffix}")) if parse_name(file.name)]
    return tuple(file.read_bytes().decode("utf-8", "replace")[:MAX_SEED] for file in files)


def _double(lines: list[str], at: int, other: int) -> list[str]:
    first, last = sorted((at, other))
    return [*lines[:last], *lines[first:last][:200], *lines[last:]]


def _cut(lines: list[str], at: int, other: int) -> list[str]:
    first, last = sorted((at, other))
    return [*lines[:first], *lines[last + 1 :]]


def _swap(lines: list[str], at: int, other: int) -> list[str]:
    lines[at], lines[other] = lines[other], lines[at]
    return lines


def _end(lines: list[str], at: int, _: int) -> list[str]:
    """End the text in the middle of a line."""
    return [*lines[:at], lines[at][: len(lines[at]) // 2]]


def _join(lines: list[str], at: int, other: int) -> list[str]:
    first, last = sorted((at, other))
    joined = "".join(line.rstrip("\r\n") for line in lines[first:last][:50])
    return [*lines[:first], joined, *lines[last:]]


def _put(lines: list[str], at: int, other: int) -> list[str]:
    """Insert an odd text inside a line."""
    line = lines[at]
    place = other % (len(line) + 1)
    lines[at] = line[:place] + ODD[other % len(ODD)] + line[place:]
    return lines


def _put_before(lines: list[str], at: int, other: int) -> list[str]:
    """Insert an odd text before some lines, at the place of a quote mark, an indentation or a list marker."""
    mark = ODD[other % len(ODD)]
    return [*lines[:at], *(mark + line for line in lines[at : at + 1 + other % 9]), *lines[at + 1 + other % 9 :]]


def _repeat(lines: list[str], at: int, other: int) -> list[str]:
    lines[at] = ODD[other % len(ODD)] * (1 + other % 300) + lines[at]
    return lines


def _end_otherwise(lines: list[str], at: int, other: int) -> list[str]:
    """Change the line ends of some lines."""
    end = ENDS[other % len(ENDS)]
    return [line.rstrip("\r\n") + end if n % (1 + at % 7) == 0 else line for n, line in enumerate(lines)]


def _flip(lines: list[str], at: int, other: int) -> list[str]:
    """Flip one bit of one byte, as a damaged disk does. Decode the bytes as Planmark decodes invalid UTF-8."""
    data = bytearray(lines[at].encode("utf-8", "surrogatepass"))
    if data:
        data[other % len(data)] ^= 1 << (other % 8)
    lines[at] = data.decode("utf-8", "replace")
    return lines


def _number(lines: list[str], at: int, other: int) -> list[str]:
    """Replace a number by a different number."""
    lines[at] = re.sub(r"\d+", str((0, 1, 7, 99, 10**9, 10**30)[other % 6]), lines[at], count=1)
    return lines


CHANGES: tuple[Callable[[list[str], int, int], list[str]], ...] = (
    *(_double, _cut, _swap, _end, _join, _put, _put_before, _repeat, _end_otherwise, _flip, _number),
)
"""Functions that take lines with their ends and two line numbers, and return the changed lines."""


def changed(text: str, changes: list[tuple[int, int, int]]) -> str:
    """Return `text` after some of CHANGES: the first number of each triple selects the change, the others its lines."""
    for kind, at, other in changes:
        lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
        if lines:
            text = "".join(CHANGES[kind % len(CHANGES)](lines, at % len(lines), other % len(lines)))
    return text


_NUMBERS = st.tuples(st.integers(0, len(CHANGES) - 1), st.integers(0, 4000), st.integers(0, 4000))


def documents(suffix: str = ".md") -> st.SearchStrategy[str]:
    """Generate real documents with some lines broken."""
    return st.builds(changed, st.sampled_from(seeds(suffix)), st.lists(_NUMBERS, min_size=1, max_size=6))


def scraps() -> st.SearchStrategy[str]:
    """Generate text that looks like pieces of documents, and arbitrary text."""
    return st.lists(st.sampled_from([*ODD, *ENDS, " ", "a"]), max_size=40).map("".join) | st.text(max_size=200)


def json_values(leaves: st.SearchStrategy[object] | None = None) -> st.SearchStrategy[object]:
    """Generate any JSON value, with values of `leaves` in it."""
    plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
    return st.recursive(
        plain if leaves is None else leaves | plain,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=12,
    )
