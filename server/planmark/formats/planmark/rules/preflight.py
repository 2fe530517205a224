"""The codes that only preflight reports: in `planmark check @FEATURE N.N`, and before a review."""

from __future__ import annotations

from planmark.diagnostics.rules import Topic
from planmark.plans.diagnostic import DiagnosticCode

CRITERIA_OPEN = DiagnosticCode("criteria-open", "warning", "an open box in the Completion section of an EXECUTION_TASK")
LEARNINGS_EMPTY = DiagnosticCode("learnings-empty", "warning", "an empty section for learnings")
LOG_EMPTY = DiagnosticCode("log-empty", "warning", "an empty Iteration Log")
TEST_MISSING = DiagnosticCode("test-missing", "warning", "a file of tests that a SUBPLAN names and that does not exist")
EVIDENCE_MISSING = DiagnosticCode(
    "evidence-missing", "warning", "a SUBPLAN asks to run a command, and no EXECUTION_TASK shows a result"
)

TOPIC = Topic(codes=(CRITERIA_OPEN, LEARNINGS_EMPTY, LOG_EMPTY, TEST_MISSING, EVIDENCE_MISSING))
CODES_MUTED_ELSEWHERE = frozenset(
    (kind, check.code) for kind in ("plan", "subplan", "execution_task") for check in TOPIC.codes
)
"""(Kind of document, code) pairs. A comment in such a document may suppress the code, although no rule reports it: only
preflight does.
"""
