"""Status words, section names and dates as they are really written."""

from __future__ import annotations

import pytest

from planmark.documents.vocabulary import heading_key, is_placeholder, is_section, status_of, stopped_status


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
    ("value", "status"),
    [
        ("✅ Phase 1 Complete (Unit Tests), Blocked on Data", "blocked"),
        ("In Progress – blocked by 2.1", "blocked"),
        ("In Progress - BLOCKED", "blocked"),
        ("In Progress (Abandoned)", "abandoned"),
        ("Abandoned, see _02", "abandoned"),
        ("In Progress (no longer blocked)", None),
        ("Unblocked", None),
        ("[In Progress / Blocked]", None),
    ],
)
def test_what_stops_an_execution(value: str, status: str | None) -> None:
    assert stopped_status(value) == status


def test_headings_are_compared_by_their_words() -> None:
    assert heading_key("1. ⚙️ **Execution Strategy**") == "execution strategy"
    assert is_section("🎯 Objective & Approach", "objective")
    assert is_section("🎯 Objective & Approach", "approach")
    assert is_section("🗺️ Detailed Approach", "approach")
    assert is_section("📋 Achievement Index", "achievement_index")
    assert not is_section("1. Added Achievement Index Section", "achievement_index")
    assert not is_section("Iteration Log", "completion")


def test_a_placeholder_is_all_brackets() -> None:
    assert is_placeholder(" [Single / Multiple] ")
    assert not is_placeholder("[x] Complete")
