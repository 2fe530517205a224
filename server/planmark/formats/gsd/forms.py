"""The texts of the documents that the steps of GSD write."""

from __future__ import annotations

from collections.abc import Mapping

from planmark.plans.model import Step

_PLAN_FORM = """
---
phase: … the name of the folder of the phase
plan: … its number
type: execute
wave: 1
depends_on: []
files_modified: []
autonomous: true
requirements: []
must_haves:
  truths: []
---

<objective>
… what is true when the plan is executed, and why
</objective>

<context>
… the files to read, each with @ before its path
</context>

<tasks>
<task type="auto">
  <name>… what to do</name>
  <files>… which files</files>
  <action>… how</action>
  <verify>… the command that proves it</verify>
  <done>… what is true then</done>
</task>
</tasks>

<verification>
… the commands that prove the plan
</verification>

<success_criteria>
… what a reviewer sees
</success_criteria>

<output>
… the path of the SUMMARY
</output>
"""
FORMS_BY_STEP: Mapping[Step, tuple[str, str]] = {
    "execute_plan": (
        "summary",
        """
---
phase: … the name of the folder of the phase
plan: … its number
key-files:
  created: []
  modified: []
requirements-completed: []
---

# Summary

… what was built

## Deviations from Plan

… what differs from the plan and why, or none

## Verification

… each command, and its result

## Self-Check: … PASSED or FAILED
""",
    ),
    "plan_phase": ("next_plan", _PLAN_FORM),
    "close_gaps": ("next_plan", _PLAN_FORM),
    "discuss_phase": (
        "context",
        """
# Context

## Goal

… what is true when the phase is done

## Decisions

- … what the user decided, and why

## Left out

- … what the phase does not include
""",
    ),
    "verify_work": (
        "verification",
        """
---
status: … passed, gaps_found or human_needed
---

# Verification

| Criterion | Holds | Evidence |
| --- | --- | --- |
| … | … | … the file and line, or the command and its result |

## Gaps

… what is missing, or none
""",
    ),
}
"""Step → two texts about the document that the step writes: the name of the prompt value with its path, and its form.
"""
