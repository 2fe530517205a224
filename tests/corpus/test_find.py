"""Twenty questions to `planmark find` about a real workspace, with answers that a person read from the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planmark.cli.workspace_access import fresh_view
from planmark.queries.find import FindMatch, find_result
from planmark.queries.persistent_index import open_index
from planmark.queries.workspace_view import View

DASHBOARD, PARALLEL, PROMPTS = (
    *("LLM-DASHBOARD-CLI", "PARALLEL-EXECUTION-AUTOMATION", "PROMPT-GENERATOR-UX-AND-FOUNDATION"),
)
QUESTIONS: dict[str, list[str]] = {
    '"cache invalidation"': [
        "APPROVED_02",
        "APPROVED_32",
        "EXECUTION_ANALYSIS_LIBRARY-INTEGRATION-OPPORTUNITIES-PRIORITY-3",
        "EXECUTION_ANALYSIS_LLM-DASHBOARD-CLI-PLAN-REVIEW",
        *(f"EXECUTION_TASK_{DASHBOARD}_{number}_01" for number in ("04", "23")),
        f"EXECUTION_TASK_{PROMPTS}_32_01",
        "FIX_23",
        f"PLAN_{DASHBOARD}",
        f"PLAN_{PROMPTS}",
        *(f"SUBPLAN_{DASHBOARD}_{number}" for number in ("04", "23")),
        f"SUBPLAN_{PROMPTS}_32",
    ],
    "idempotent": [
        *("APPROVED_11", "APPROVED_22", "APPROVED_23"),
        *(f"EXECUTION_TASK_{PARALLEL}_{number}_01" for number in ("22", "33")),
        *("PLAN_ENTITY-RESOLUTION-REFACTOR", "PLAN_GRAPH-CONSTRUCTION-REFACTOR"),
        f"SUBPLAN_{PARALLEL}_22",
    ],
    "idempotent -type:plan,verdict": [
        *(f"EXECUTION_TASK_{PARALLEL}_{number}_01" for number in ("22", "33")),
        f"SUBPLAN_{PARALLEL}_22",
    ],
    "type:plan created:2025-11-13": [f"PLAN_{DASHBOARD}", f"PLAN_{PARALLEL}", "PLAN_STAGE-DOMAIN-REFACTOR"],
    "type:plan created:<2025-02": ["PLAN_EXECUTION-ANALYSIS-INTEGRATION", "PLAN_FILE-MOVING-ADVANCED-OPTIMIZATION"],
    "type:subplan created:2025-11-14..2025-11-15": [
        *(f"SUBPLAN_{DASHBOARD}_{number}" for number in (11, 12, 13, 21, 22, 23, 31)),
        *(f"SUBPLAN_{PARALLEL}_{number}" for number in (23, 31, 32, 33)),
    ],
    "type:fix": ["FIX_11", "FIX_12", "FIX_21", "FIX_22", "FIX_23", "FIX_31", "FIX_41", "FIX_43"],
    "type:resolution": ["FIX_21_RESOLUTION", "FIX_22_RESOLUTION"],
    'type:verdict state:"needs fix"': ["FIX_11", "FIX_12", "FIX_23"],
    "type:north_star": [
        *("NORTH_STAR_GRAPHRAG-PIPELINE", "NORTH_STAR_LLM-METHODOLOGY", "NORTH_STAR_MULTI-AGENT-COORDINATION"),
        "NORTH_STAR_UNIVERSAL-METHODOLOGY-CLI",
    ],
    "type:grammaplan": [
        *("GRAMMAPLAN_CURSOR-CLI-INTEGRATION", "GRAMMAPLAN_EXECUTION-WORK-SYSTEM-ENHANCEMENT"),
        *("GRAMMAPLAN_GRAPHRAG-PIPELINE-EXCELLENCE", "GRAMMAPLAN_METHODOLOGY-SCALABILITY-ROADMAP"),
        *("GRAMMAPLAN_UNIVERSAL-CLI-CORE-FOUNDATION", "GRAMMAPLAN_UNIVERSAL-METHODOLOGY-CLI"),
        "GRAMMAPLAN_YOUTUBE-RAG-SYSTEM-INTEGRATION",
    ],
    "tag:real-time-updates": [f"EXECUTION_TASK_{DASHBOARD}_23_01", f"SUBPLAN_{DASHBOARD}_23"],
    "type:execution_analysis category:bug-analysis": [
        "EXECUTION_ANALYSIS_DESIGN-TO-EXECUTION-WORKFLOW-BUG",
        "EXECUTION_ANALYSIS_GENERATE-PROMPT-INCORRECT-SUBPLAN-PATH-BUG-10",
        "EXECUTION_ANALYSIS_PROMPT-GENERATION-DUPLICATE-DETECTION-BUG",
        "EXECUTION_ANALYSIS_PROMPT-GENERATOR-COMPLETION-DETECTION-BUG",
        "EXECUTION_ANALYSIS_SUBPLAN-EXTRACTION-BUG-8",
        "EXECUTION_ANALYSIS_SUBPLAN-ONLY-FLAG-SILENT-FAILURE-BUG-11",
        "EXECUTION_ANALYSIS_SUBPLAN-PROMPT-GENERATOR-MISSING-PATH-RESOLUTION-BUG-9",
        "EXECUTION_ANALYSIS_VALIDATE-REGISTRATION-NESTED-STRUCTURE-BUG",
    ],
    "type:plan priority:high": [
        *("PLAN_ANALYSES-TAXONOMY-COMPLIANCE", "PLAN_COMMUNITY-DETECTION-REFACTOR", "PLAN_ENTITY-RESOLUTION-ANALYSIS"),
        *("PLAN_EXECUTION-ANALYSIS-INTEGRATION", "PLAN_EXTRACTION-QUALITY-ENHANCEMENT"),
        *("PLAN_FILE-MOVING-ADVANCED-OPTIMIZATION", "PLAN_GRAPH-CONSTRUCTION-REFACTOR", "PLAN_GRAPHRAG-VALIDATION"),
        *("PLAN_METHODOLOGY-VALIDATION", f"PLAN_{PARALLEL}", "PLAN_PROMPT-GENERATOR-FIX-AND-TESTING"),
        "PLAN_STAGE-DOMAIN-REFACTOR",
    ],
    f"type:execution plan:{DASHBOARD} id:0.4": [f"EXECUTION_TASK_{DASHBOARD}_04_01"],
}
"""Query → the names of the matching documents, without their extension."""


@pytest.fixture(scope="module")
def view(shared: Path) -> View:
    return fresh_view(open_index(shared / "context-manager"))


def matches(view: View, query: str) -> tuple[FindMatch, ...]:
    (found,) = find_result([view], query, 0).workspaces
    return found.matches


@pytest.mark.parametrize("query", QUESTIONS)
def test_documents_are_those_that_a_person_finds(view: View, query: str) -> None:
    names = [Path(match.path).stem for match in matches(view, query)]
    assert sorted(names) == sorted(QUESTIONS[query])


@pytest.mark.parametrize("lifecycle", ["paused", "backlog", "active"])
def test_plans_of_a_lifecycle_are_the_labelled_ones(view: View, expected: dict[str, Any], lifecycle: str) -> None:
    labelled = {plan["path"] for plan in expected["plans"] if plan["is_plan"] and plan["lifecycle"] == lifecycle}
    assert {match.path for match in matches(view, f"type:plan state:{lifecycle}")} == labelled


@pytest.mark.parametrize("state", ["needs_fix", "awaiting_review"])
def test_achievements_in_a_state_are_the_labelled_ones(view: View, expected: dict[str, Any], state: str) -> None:
    labels = [
        (plan["feature"], known["id"], known.get("acceptable_states", [known["state"]]))
        for plan in expected["plans"]
        if plan["is_plan"]
        for known in plan["achievements"]
    ]
    found = {(match.feature, match.id) for match in matches(view, f"type:achievement state:{state}")}
    assert {(feature, name) for feature, name, states in labels if states == [state]} <= found
    assert found <= {(feature, name) for feature, name, states in labels if state in states}


def test_no_declared_property_contradicts_a_file_name(view: View) -> None:
    """Check that this workspace, which declares its types correctly, gets no hint."""
    assert [known for known in view.diagnostics if known.code == "property-contradicts"] == []
