"""Statistics of a PLAN: lines such as `**SUBPLANs**: 3 created`."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from planmark.markdown.parsed_source import (
    Quote,
    SectionPosition,
    Source,
    interned,
    make_quote,
    search_sections,
    section_prose,
)
from planmark.markdown.section_memo import memoize_per_section
from planmark.markdown.sections import Section
from planmark.text.lazy_pattern import lazy_pattern

_STATISTIC = lazy_pattern(
    r"\s*(?:[-*+]\s+)?\**(?:total\s+)?(?P<counts>SUBPLANs|EXECUTION_TASKs)\**\s*:\**\s*(?P<number>[0-9]{1,4})\s+created\b",
    re.IGNORECASE,
)

CountedKind = Literal["SUBPLANs", "EXECUTION_TASKs"]


class Statistic(msgspec.Struct, frozen=True):
    """A line that states how many documents of a kind were created."""

    counts: CountedKind
    number: int
    quote: Quote


make_statistic = interned(Statistic)


def statistics(source: Source) -> tuple[Statistic, ...]:
    """Return every statistic of a PLAN, in order."""
    return tuple(
        make_statistic(counts, number, make_quote(SectionPosition(index, line), text))
        for index, lines in search_sections(source, _statistics_in)
        for line, text, counts, number in lines
    )


@memoize_per_section
def _statistics_in(section: Section) -> tuple[tuple[int, str, CountedKind, int], ...]:
    """Return (0-based line, text of the line, kind of document, number) for each statistic in a section."""
    if " created" not in section.text:
        return ()
    return tuple(
        (
            line,
            text.strip(),
            "SUBPLANs" if match["counts"].upper() == "SUBPLANS" else "EXECUTION_TASKs",
            int(match["number"]),
        )
        for line, text in section_prose(section, _STATISTIC.match)
        if (match := _STATISTIC.match(text))
    )
