"""Status words, section names and dates as people really write them."""

from __future__ import annotations

import pytest

from planmark.formats.planmark.documents.vocabulary import (
    heading_key,
    is_blocked,
    is_placeholder,
    opens_section,
    status_of,
)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("✅ **COMPLETE**", "complete"),
        ("Complete ✅", "complete"),
        ("✅ COMPLETE - with notes", "complete"),
        ("Done", "complete"),
        ("Implementation Complete", "complete"),
        ("📋 Design Phase Complete", "design_complete"),
        ("Design Complete, Ready for Execution", "design_complete"),
        ("🎨 Design Phase - Ready for Execution", "design_complete"),
        ("📋 Design Phase (Batch Created - Needs Content)", "design"),
        ("🚀 Ready to Execute", "ready"),
        ("🔄 IN PROGRESS", "in_progress"),
        ("🎯 Executing", "in_progress"),
        ("⏸️ BLOCKED - no data", "blocked"),
        ("Not Started", "not_started"),
        ("[In Progress / Complete]", None),
        ("Phase 1 Complete, Blocked on data", None),
        ("Phases 1-4 Complete", None),
        ("Completely rewritten", None),
        ("", None),
    ],
)
def test_a_status_value(value: str, status: str | None) -> None:
    assert status_of(value) == status


@pytest.mark.parametrize(
    ("value", "blocked"),
    [
        ("✅ Phase 1 Complete (Unit Tests), Blocked on Data", True),
        ("In Progress – blocked by 2.1", True),
        ("In Progress - BLOCKED", True),
        ("In Progress (no longer blocked)", False),
        ("In Progress, not blocked", False),
        ("~~Blocked~~ In Progress", False),
        ("Unblocked", False),
        ("[In Progress / Blocked]", False),
    ],
)
def test_what_blocks_an_execution(value: str, blocked: bool) -> None:
    assert is_blocked(value) is blocked


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("⛔ Superseded by 11_02", "abandoned"),
        ("Canceled", "abandoned"),
        ("Won\u2019t do", "abandoned"),
        ("Skipped for now", "skipped"),
        ("❌ Failed: no data", "failed"),
        ("On Hold until May", "paused"),
        ("Deferred", "paused"),
        ("In Progress (Partially Superseded)", "in_progress"),
        ("In Progress - failed on CI, retrying", "in_progress"),
        ("✅ Complete (superseded the old script)", "complete"),
        ("Partially Superseded", "in_progress"),
    ],
)
def test_a_status_that_stops_work_decides_only_at_its_start(value: str, status: str) -> None:
    assert status_of(value) == status


@pytest.mark.parametrize(
    "value",
    [
        "incomplete",
        "not complete",
        "Not yet fully complete",
        "90 % complete",
        "90% complete",
        "🔄 99.5% Complete",
        "nearly done",
        "almost complete",
        "not done",
        "not blocked",
        "unblocked",
        "no longer blocked",
        "Complete (90 %)",
        "Complete: 90%",
        "Completed 3 of 5",
        "Done: 2/3",
        "Done?",
        "Complete (partially)",
        "Done - mostly",
        "✅ Complete, except for the docs",
        "Complete once CI is green",
        "Complete, but tests still fail",
        "Complete / In Progress",
        "Complete | Blocked",
        "Complete → In Progress",
        "Complete, reopened 2026-03-01",
        "✅ Complete ❌",
        "Complete: not yet",
        "~~Complete~~ In Progress",
        "In Progress <!-- Complete -->",
    ],
)
def test_a_word_that_is_denied_is_read_as_in_progress(value: str) -> None:
    assert status_of(value) == "in_progress"


@pytest.mark.parametrize(
    "value",
    [
        "100 % complete",
        "Complete (100 %)",
        "Complete (15/15 tests)",
        "Completed 3 of 3",
        "Complete (2025-11-09)",
        "Done 11/12/2025",
        "Complete - 90% test coverage",
        "Complete, not yet reviewed",
        "Complete - ⏳ awaiting review",
        "Complete (partial failures are handled)",
        "Complete / approved",
        "✅ Complete! (nothing left)",
    ],
)
def test_a_word_that_only_has_numbers_behind_it_is_not_denied(value: str) -> None:
    assert status_of(value) == "complete"


@pytest.mark.parametrize(
    "value",
    [
        "Complete\u200b",
        "\u200bDone",
        "✅ \u2060**Complete**",
        "**Complete\ufeff** (all)",
        "Com\u00adplete",
        "Done\u200d",
    ],
)
def test_a_word_with_what_nobody_sees_at_its_edge_decides_nothing(value: str) -> None:
    assert status_of(value) is None
    assert status_of("👩\u200d💻 Complete \u200b") == "complete"


def test_headings_are_compared_by_their_words() -> None:
    assert heading_key("1. ⚙️ **Execution Strategy**") == "execution strategy"
    assert opens_section("🎯 Objective & Approach", "objective")
    assert opens_section("🎯 Objective & Approach", "approach")
    assert opens_section("🗺️ Detailed Approach", "approach")
    assert opens_section("📋 Achievement Index", "achievement_index")
    assert not opens_section("1. Added Achievement Index Section", "achievement_index")
    assert not opens_section("Iteration Log", "completion")
    assert opens_section("🎉 Achievement Complete!", "achievement_complete")
    assert not opens_section("When is the Achievement Complete", "achievement_complete")
    assert not opens_section("Achievement Complete?", "achievement_complete")
    assert not opens_section("Achievement Incomplete", "achievement_complete")
    assert not opens_section("Once Achievement Complete", "achievement_complete")


def test_a_placeholder_is_all_brackets() -> None:
    assert is_placeholder(" [Single / Multiple] ")
    assert not is_placeholder("[x] Complete")
