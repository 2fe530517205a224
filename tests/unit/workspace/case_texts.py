"""A small workspace of cases: one case for each line of a document, each about a topic of its own."""

from __future__ import annotations

from collections.abc import Mapping

from planmark.plans.case import Case
from planmark.workspace.case_index import CaseDocument, CaseIndex, SimilarCase
from planmark.workspace.file_entries import text_digest

TOPICS = (
    "sluice gate freezes and the wheel loses torque",
    "kettle boils over while hops enter the foam",
    "crane bookings overlap within the tide window",
    "warp threads snap when the shuttle turns",
    "ledger totals drift after the currency rounding",
    "lantern batteries drain in the northern tower",
    "compass needle sticks near the iron railing",
    "oven thermostat reports a stale temperature",
)


def cases(text: str, first: int = 1) -> list[Case]:
    """Return one case for each line of a text."""
    return [
        Case("cause", f"Case {number}", line, number, number) for number, line in enumerate(text.split("\n"), first)
    ]


def documents(texts: Mapping[str, str]) -> dict[str, CaseDocument]:
    return {
        path: CaseDocument(path[:1], text_digest(text), lambda text=text: cases(text))  # type: ignore[misc]
        for path, text in texts.items()
    }


def workspace(topics: int = len(TOPICS)) -> dict[str, str]:
    """Return eight documents of four plans, each about a topic of its own."""
    return {f"{'abcd'[n % 4]}/{n}.md": f"{TOPICS[n]}\nthe {TOPICS[n].split()[0]} was mended" for n in range(topics)}


def ask(source: CaseIndex, texts: Mapping[str, str], text: str, without: tuple[str, ...] = ()) -> list[SimilarCase]:
    return source.run(documents(texts), lambda search: search.similar_cases(text, without))
