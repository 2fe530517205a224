"""Filler text that decides no state, and makes generated documents as long and as mixed as real ones.

The blocks are made once and then drawn. Each section has a first line of its own, so that no two sections are the same.
"""

from __future__ import annotations

import itertools
import math
from random import Random
from typing import NamedTuple

from benchmarks.workspaces.ground_truth import Fill

SUBJECTS = ("The import", "Each reviewer", "A nightly job", "The second stage", "Our cache", "This step", "Die Prüfung")
VERBS = ("reads", "compares", "keeps", "rejects", "repeats", "writes down", "measures", "übersetzt")
OBJECTS = (
    "what the last run left",
    "`src/shop/import.py` line by line",
    "**all** open questions",
    "the table of [prices](prices.md)",
    "half of the records (see Achievement 1.1)",
    "names with an underscore, like `order_line_id`",
    "more than 1,000 rows – in 3.5 seconds",
    "what ✅ was agreed in March",
)
HEADINGS = ("Background", "Notes", "Risks", "Findings", "Open Questions", "How It Was Measured", "Lessons", "Examples")
MARKS = ("", "", "📊 ", "⚙️ ", "🗺️ ", "💡 ", "ðŸ“Š ")
"""Marks of headings. The last is an emoji that an editor has garbled."""
LANGUAGES = ("python", "bash", "", "json", "markdown")


class Length(NamedTuple):
    """Lines of a kind of document: the median, and the spread of their logarithm."""

    median: int
    spread: float


LENGTHS: dict[str, Length] = {
    "plan": Length(340, 0.7),
    "achievement": Length(16, 0.8),
    "subplan": Length(255, 0.6),
    "task": Length(140, 0.72),
    "verdict": Length(310, 0.33),
    "note": Length(480, 0.52),
}
"""Lengths in a workspace of 740 real files, without the lines of the planted text."""
POOL = 240
MAX_LINES = 2600


def filler(rng: Random, feature: str, share: float) -> Fill:
    """Return a function that makes text for the documents of a feature, `share` times as long as in a real workspace."""
    pool = [_block(rng) for _ in range(POOL)]
    serial = itertools.count(1)

    def fill(kind: str) -> str:
        length = LENGTHS[kind]
        wanted = min(MAX_LINES, round(share * math.exp(rng.gauss(math.log(length.median), length.spread))))
        parts: list[str] = []
        lines = 0
        while lines < wanted:
            number = next(serial)
            if kind == "achievement":
                head = f"**Note {number}**: {feature} keeps this for later.\n"
            else:
                mark, heading = rng.choice(MARKS), rng.choice(HEADINGS)
                head = f"{'#' * (rng.choice((2, 3, 3, 3, 4)) if parts else 2)} {mark}{heading}\n\nNumber {number} of {feature}.\n"
            blocks = rng.sample(pool, 1 if kind == "achievement" else rng.randint(1, 3))
            parts += [head, *blocks]
            lines += head.count("\n") + sum(block.count("\n") + 1 for block in blocks)
        return "\n".join(parts)

    return fill


def _sentence(rng: Random) -> str:
    return f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)}."


def _paragraph(rng: Random) -> str:
    return "\n".join(f"{_sentence(rng)} {_sentence(rng)}" for _ in range(rng.randint(1, 4))) + "\n"


def _list(rng: Random) -> str:
    marks = rng.choice((("- ",), ("- ", "  - "), ("* ",), ("- [ ] ", "- [x] "), ("1. ", "2. ", "3. ")))
    return "\n".join(f"{mark}{_sentence(rng)}" for mark in itertools.islice(itertools.cycle(marks), 6)) + "\n"


def _table(rng: Random) -> str:
    rows = [f"| {number} | {rng.choice(OBJECTS)} | {rng.randint(1, 99)} % |" for number in range(rng.randint(2, 6))]
    return "\n".join(["| no | what | share |", "| --- | :---: | ---: |", *rows]) + "\n"


def _fence(rng: Random) -> str:
    mark = rng.choice(("```", "````", "~~~"))
    body = "\n".join(
        ["# not a heading", f"**Achievement {rng.randint(1, 9)}.1**: not one", _sentence(rng), "x = [1, 2]"]
    )
    return f"{mark}{rng.choice(LANGUAGES)}\n{body}\n{mark}\n"


def _quote(rng: Random) -> str:
    return "\n".join(f"> {_sentence(rng)}" for _ in range(2)) + "\n"


def _labels(rng: Random) -> str:
    return "\n".join(f"**{rng.choice(HEADINGS)}**: {_sentence(rng)}  " for _ in range(rng.randint(1, 3))) + "\n"


BLOCKS = (_paragraph, _paragraph, _list, _list, _list, _table, _fence, _quote, _labels)


def _block(rng: Random) -> str:
    return rng.choice(BLOCKS)(rng)
