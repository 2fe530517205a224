"""The class table: what decides the class of an attempt, and what follows from it."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from planmark.run.agent_results import AgentReport
from planmark.run.attempt_classes import (
    CLASS_RULES,
    FIRST_WAIT_SECONDS,
    FOLLOW_UPS,
    LONGEST_WAIT_SECONDS,
    AttemptEnd,
    EndedBy,
    class_of,
    retry_after,
    wait_seconds,
)
from planmark.run.attempts import AttemptClass, ReportedClass, ResultForm, SupervisorClass, WorkClass


def end(
    report: AgentReport | None = None,
    *,
    exit_code: int | None = 0,
    ended_by: EndedBy = "exit",
    form: ResultForm = "claude-json",
    words: str = "",
) -> AttemptEnd:
    """Return the end of an agent."""
    return AttemptEnd(ended_by, exit_code, form, report or AgentReport(), words)


def failed(**more: Any) -> AgentReport:
    """Return a report of a failure."""
    return AgentReport(**{"is_complete": True, "is_error": True, **more})


CASES: tuple[tuple[AttemptEnd, AttemptClass], ...] = (
    (end(), "ok"),
    (end(AgentReport(is_complete=True, says="I fixed the rate limit; log in works")), "ok"),
    (end(failed(status=429), exit_code=1), "rate_limited"),
    (end(failed(says="You have hit your usage limit"), exit_code=1), "rate_limited"),
    (end(exit_code=1, form="exit", words="error: too many requests"), "rate_limited"),
    (end(failed(status=529), exit_code=1), "overloaded"),
    (end(failed(says="the model is overloaded"), exit_code=0), "overloaded"),
    (end(failed(status=401), exit_code=1), "auth"),
    (end(failed(status=403), exit_code=1), "auth"),
    (end(failed(says="Not logged in"), exit_code=1), "auth"),
    (end(exit_code=1, form="exit", words="invalid api key · please run /login"), "auth"),
    (end(exit_code=1, form="codex-jsonl", words="run `codex login` first"), "auth"),
    (end(exit_code=1, form="exit", words="failed login.py: the page to log in is empty"), "crashed"),
    (end(exit_code=41, form="gemini-json"), "auth"),
    (end(exit_code=41, form="exit"), "crashed"),
    (end(exit_code=53, form="gemini-json"), "turns"),
    (end(exit_code=54, form="gemini-json"), "denied"),
    (end(exit_code=42, form="gemini-json"), "crashed"),
    (end(exit_code=52, form="gemini-json"), "crashed"),
    (end(ended_by="not_started", exit_code=None), "not_installed"),
    (end(ended_by="too_large", exit_code=None), "too_long"),
    (end(failed(status=400, says="prompt is too long: 210000 tokens"), exit_code=1), "too_long"),
    (end(exit_code=1, form="codex-jsonl", words="context_length_exceeded"), "too_long"),
    (end(failed(status=400, says="invalid schema"), exit_code=1), "crashed"),
    (end(AgentReport(is_complete=True, denied=("Bash",))), "denied"),
    (end(exit_code=1, form="exit", words="this command requires approval"), "denied"),
    (end(failed(reason="error_max_budget_usd"), exit_code=1), "budget"),
    (end(failed(reason="error_max_turns"), exit_code=1), "turns"),
    (end(failed(reason="error_during_execution"), exit_code=0), "crashed"),
    (end(exit_code=143), "crashed"),
    (end(exit_code=1, form="none"), "ok"),
    (end(exit_code=137, form="none"), "crashed"),
    (end(ended_by="timeout", exit_code=143), "timeout"),
    (end(ended_by="idle", exit_code=143), "idle"),
    (end(ended_by="cancelled", exit_code=143), "cancelled"),
    (end(ended_by="stolen", exit_code=143), "stolen"),
    (end(AgentReport(is_complete=True), ended_by="linger", exit_code=143), "ok"),
    (end(failed(status=529), ended_by="linger", exit_code=143), "overloaded"),
    (end(exit_code=0, form="exit", words="error: the rate limit of the old client was removed"), "ok"),
    (end(AgentReport(says="the page to log in works"), exit_code=1), "crashed"),
)


@pytest.mark.parametrize(("one", "kind"), CASES)
def test_the_first_rule_that_applies_decides(one: AttemptEnd, kind: AttemptClass) -> None:
    assert class_of(one) == kind


def test_every_class_has_a_consequence_and_every_rule_a_case() -> None:
    assert set(FOLLOW_UPS) == set(get_args(AttemptClass))
    assert {kind for kind, _ in CLASS_RULES} | {"ok"} == {kind for _, kind in CASES}
    assert {*get_args(ReportedClass), *get_args(SupervisorClass)} - {"lost"} == {kind for _, kind in CASES}


def test_each_rule_decides_at_least_one_case_alone() -> None:
    for number, (kind, _) in enumerate(CLASS_RULES):
        rest = CLASS_RULES[:number] + CLASS_RULES[number + 1 :]
        differs = [one for one, right in CASES if next((name for name, applies in rest if applies(one)), "ok") != right]
        assert differs, (number, kind)


def test_the_consequences_are_those_of_the_table() -> None:
    waits = {kind for kind, follow in FOLLOW_UPS.items() if follow.retry == "wait"}
    assert waits == {"rate_limited", "overloaded"} and not any(FOLLOW_UPS[kind].counts for kind in waits)  # type: ignore[index]
    assert {kind for kind, follow in FOLLOW_UPS.items() if follow.stops == "run"} == {"auth", "not_installed"}
    assert {kind for kind, follow in FOLLOW_UPS.items() if follow.exit == 5} == {"auth", "not_installed"}
    fresh = {kind for kind, follow in FOLLOW_UPS.items() if follow.retry == "fresh work tree"}
    assert fresh == {"timeout", "idle", "crashed", "lost"}
    assert FOLLOW_UPS["too_long"].retry == "half budget" and FOLLOW_UPS["no_progress"].retry == "findings"
    assert FOLLOW_UPS["conflict"].retry == "rebase" and FOLLOW_UPS["budget"].retry == "same session"
    # An attempt that can follow without an end must count, or wait.
    assert all(follow.counts or follow.retry in ("", "wait") for follow in FOLLOW_UPS.values())
    assert set(get_args(WorkClass)) <= set(FOLLOW_UPS)


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_seconds(number, None, 0.5) for number in range(6)] == [30, 60, 120, 240, 480, 900]
    assert wait_seconds(0, None, 0.0) == pytest.approx(FIRST_WAIT_SECONDS * 0.8)
    assert wait_seconds(0, None, 1.0) == pytest.approx(FIRST_WAIT_SECONDS * 1.2)
    assert wait_seconds(10**6, None, 1.0) == LONGEST_WAIT_SECONDS
    assert wait_seconds(0, 1234.0, 0.5) == 1234 and wait_seconds(0, 1.0, 0.5) == FIRST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("retry-after: 30", 30),
        ("Retry after 2 min", 120),
        ("please try again in 1.5s", 1.5),
        ("try again in 200 ms", 0.2),
        ("resets in 2h", 7200),
        ("retry after 500 milliseconds", 0.5),
        ("Please try again in 1h30m15.5s.", 5415.5),
        ("please try again in 6m0s", 360),
        ("try again in 5 minutes and 20 seconds", 320),
        ("try again in 2 hrs, 5 mins", 7500),
        ("resets in 2 days", 86400),
        ("try again in 30.", 30),
        ("retry-after: 30, remaining 0", 30),
        ("try again in 5x", None),
        ("retry after 99999999 h", 86400),
        ("retry 3 times", None),
        ("", None),
    ],
)
def test_the_time_to_wait_is_read(words: str, seconds: float | None) -> None:
    assert retry_after(words) == seconds
