"""After an edit only the changed section is parsed again; unchanged facts are the same objects."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.workspaces.large import long_plan
from planmark.formats.planmark.documents.document import parse_source
from planmark.formats.planmark.documents.plan import Plan
from planmark.markdown import blocks
from planmark.markdown.parsed_source import Source, parse_sections

IDS = [f"{priority}.{number}" for priority in range(1, 5) for number in range(1, 10)]
ACHIEVEMENT = """\
**Achievement {id}**: Part {id}

- **Dependencies**: 1.1
- **Effort**: 3 hours
- **Deliverables**: `src/part_{id}.py`, `tests/`

{filler}
- Achievement {id} is described ✅

"""
PLAN = """\
# PLAN: PAY

**Status**: Priority 1 Complete

## Achievement Index

{index}

- Achievement 1.1: again

## Achievements

{bodies}
### Achievement 5: of no form

## Current Status & Handoff

⏳ Next: Achievement 1.2

- SUBPLANs: 4 created
- **Status**: [FILL: how it stands]

Some words.
"""


@pytest.fixture(scope="module")
def text() -> str:
    """A PLAN of 3,000 lines with facts of every kind."""
    filler = "Words that say little.\n" * 80
    index = "\n".join(f"- Achievement {known}: Part {known} (2-4h)" for known in IDS)
    bodies = "".join(ACHIEVEMENT.format(id=known, filler=filler) for known in IDS)
    return PLAN.format(index=index, bodies=bodies)


def facts(source: Source) -> Plan:
    document = parse_source("PLAN_PAY.md", source)
    assert document and isinstance(document.facts, Plan)
    return document.facts


def changed(new: tuple[Any, ...], old: tuple[Any, ...]) -> int:
    """Return the number of objects that are not identical to the old ones."""
    return sum(one is not other for one, other in zip(new, old, strict=True))


def sections(source: Source) -> tuple[Any, ...]:
    return tuple(placed.section for placed in source)


def test_the_plan_says_something_of_every_kind(text: str) -> None:
    assert text.count("\n") > 3000
    plan = facts(parse_sections(text))
    assert all(getattr(plan, name) for name in ("achievements", "unread", "handoffs", "claims", "statistics"))
    achievement = plan.achievements[-1]
    assert achievement.declarations and achievement.effort and achievement.deliverables and achievement.index_at


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Some words.", "Some words.."),
        ("# PLAN: PAY\n", "# PLAN: PAY\n\nAn introduction.\n"),
        ("# PLAN: PAY\n", "# PLAN: PAYMENT\n"),
        ("\n- Achievement 4.9 is", "\nxyz\n\n- Achievement 4.9 is"),
    ],
)
def test_an_edit_beside_the_facts_changes_none(text: str, old: str, new: str) -> None:
    before = parse_sections(text)
    was, parsed = facts(before), blocks.counts.misses
    after = parse_sections(text.replace(old, new), before)
    now = facts(after)
    assert blocks.counts.misses - parsed == 1
    assert changed(sections(after), sections(before)) == 1
    for name in ("achievements", "unread", "handoffs", "statistics", "near_misses"):
        assert changed(getattr(now, name), getattr(was, name)) == 0, name
    moved = sum(claim not in was.claims for claim in now.claims)
    assert changed(now.claims, was.claims) == moved <= 1


def test_an_edit_of_a_fact_changes_that_one(text: str) -> None:
    before = parse_sections(text)
    was = facts(before)
    now = facts(parse_sections(text.replace("**Achievement 2.2**: Part", "**Achievement 2.2**: Some part"), before))
    assert [achievement.id for achievement in now.achievements if achievement not in was.achievements] == ["2.2"]
    assert changed(now.achievements, was.achievements) == 1
    assert changed(now.claims, was.claims) == 0


def test_a_letter_in_a_generated_plan_costs_one_section() -> None:
    part = long_plan(3000)
    text = part.files[part.plan]
    place = text.index("\n", len(text) // 2)
    source = parse_sections(text)
    facts(source)
    for letters in range(1, 5):
        before, parsed = source, blocks.counts.misses
        source = parse_sections(f"{text[:place]}{'x' * letters}{text[place:]}", before)
        facts(source)
        assert blocks.counts.misses - parsed == 1
        assert changed(sections(source), sections(before)) == 1


def test_the_sections_of_the_last_texts_are_kept() -> None:
    text = "# PLAN: A\n\nwords\n"
    assert parse_sections(text) is parse_sections("".join(["# PLAN", ": A\n\nwords\n"]))


def test_without_sections_from_before_the_last_text_that_begins_alike_is_taken(text: str) -> None:
    before = parse_sections(text)
    assert changed(sections(parse_sections(text.replace("Some words.", "Other words."))), sections(before)) == 1


BROKEN = "🎯".encode().decode("mac_roman")


def test_what_changed_is_repaired() -> None:
    before = parse_sections(f"# {BROKEN} One\n\n# Two\n\n{BROKEN}\n\n# Three\n")
    after = parse_sections(f"# {BROKEN} One\n\n# Two\n\n{BROKEN} more\n\n# Three\n", before)
    assert [placed.section.text for placed in after] == ["# 🎯 One\n\n", "# Two\n\n🎯 more\n\n", "# Three\n"]
    assert after[0].section is before[0].section


def test_what_was_repaired_once_is_not_taken_for_sound() -> None:
    """Repair a text that was garbled twice only once; the same text written directly must still be repaired."""
    before = parse_sections(f"# A\n\n{BROKEN.encode().decode('mac_roman')}\n")
    assert before[0].section.text == f"# A\n\n{BROKEN}\n"
    assert parse_sections(f"# A\n\n{BROKEN}\n", before)[0].section.text == "# A\n\n🎯\n"
