"""The class of an attempt: RULES decides the class, and FOLLOW_UPS says what follows from the class."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from planmark.run.agent_results import AgentReport
from planmark.run.attempts import AttemptClass, ResultForm
from planmark.text.lazy_pattern import lazy_pattern

EndedBy = Literal["exit", "timeout", "idle", "linger", "cancelled", "stolen", "not_started", "too_large"]
"""The reason why an agent ended.

With "exit", the agent ended by itself. "timeout", "idle" and "linger" are limits of time. With "stolen", the agent lost
its lease. With "not_started", it did not start. With "too_large", its command line was too large.
"""
Retry = Literal["", "wait", "half budget", "same session", "fresh work tree", "findings", "rebase"]
"""The way in which the next attempt of a step begins, such as after a wait, or with a prompt of half the tokens."""


class FollowUp(NamedTuple):
    """The consequences of the class of an attempt.

    `counts` tells whether the attempt counts towards `run.max_attempts`. `retry` says how the next attempt begins; it
    is "" if there is no next attempt. `stops` says whether the step or the run ends; it is "" if neither ends. `exit`
    is the exit code of the run if this is the last class of the step.
    """

    counts: bool
    retry: Retry
    stops: Literal["", "step", "run"]
    exit: int


FOLLOW_UPS: Mapping[AttemptClass, FollowUp] = {
    "ok": FollowUp(True, "", "", 0),
    "rate_limited": FollowUp(False, "wait", "", 1),
    "overloaded": FollowUp(False, "wait", "", 1),
    "auth": FollowUp(False, "", "run", 5),
    "not_installed": FollowUp(False, "", "run", 5),
    "too_long": FollowUp(True, "half budget", "", 1),
    "denied": FollowUp(True, "", "step", 1),
    "budget": FollowUp(True, "same session", "", 1),
    "turns": FollowUp(True, "same session", "", 1),
    "timeout": FollowUp(True, "fresh work tree", "", 1),
    "idle": FollowUp(True, "fresh work tree", "", 1),
    "crashed": FollowUp(True, "fresh work tree", "", 1),
    "lost": FollowUp(True, "fresh work tree", "", 1),
    "cancelled": FollowUp(False, "", "step", 1),
    "stolen": FollowUp(False, "", "step", 4),
    "no_progress": FollowUp(True, "findings", "", 4),
    "conflict": FollowUp(True, "rebase", "", 1),
    "outside": FollowUp(True, "", "step", 4),
    "gone": FollowUp(False, "", "step", 0),
    "not_integrated": FollowUp(False, "", "step", 1),
}
"""Mapping from the class of an attempt to its consequences. `run.max_attempts` limits the number of attempts."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30.0, 900.0
"""The first wait and the longest wait before a new attempt, in seconds.

An agent waits if it is rate limited, or if its model is overloaded.
"""
WAIT_SPREAD = 0.2
"""Maximum share by which a random number makes a wait longer or shorter.

So agents do not begin their next attempts at the same moment.
"""
MAX_WAITS_IN_A_ROW = 5
"""Number of waits in a row after which an agent starts no more steps of the run."""


def wait_seconds(earlier_waits: int, retry_after: float | None, random_share: float) -> float:
    """Return the number of seconds to wait before the next attempt.

    `earlier_waits` is the number of waits in a row before this wait. `retry_after` is the number of seconds that the
    agent was told to wait, None if it was not told. The result is never less than `retry_after`. `random_share` is a
    random number from 0 to 1.
    """
    backoff_seconds = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(earlier_waits, 10)) * (
        1 + WAIT_SPREAD * (2 * random_share - 1)
    )
    return max(min(backoff_seconds, LONGEST_WAIT_SECONDS), retry_after or 0.0)


class AttemptEnd(NamedTuple):
    """The end of an agent. `ended_by` is the reason, and `exit` the exit code, as in `AttemptResult`.

    `form` is the form of the agent's result. `report` is the agent's report. `words` are the last lines of the agent's
    output, in lower case.
    """

    ended_by: EndedBy
    exit: int | None
    form: ResultForm
    report: AgentReport
    words: str

    @property
    def has_failed(self) -> bool:
        """Whether the agent has failed, by its exit code or its report.

        The exit code does not count if the supervisor ended the agent after its result. For the form "none", only an
        end by a signal or a missing start counts.
        """
        if self.ended_by == "linger":
            return self.report.is_error
        if self.form == "none":
            return self.exit is None or self.exit > SIGNAL_EXIT_BASE
        return self.exit != 0 or self.report.is_error


SIGNAL_EXIT_BASE = 128
"""An exit code above this number means that a signal ended the process."""
AUTH_PATTERN = lazy_pattern(
    r"\bnot (?:logged|signed) in\b|\b(?:please|must|need to)\b.{0,20}(?:log|sign)[ -]?in\b|\brun .{0,30}\blogin\b"
    r"|\bunauthori[sz]ed\b"
    r"|\binvalid (?:x-)?api[ -]key\b|\bauthentication (?:failed|error|required|is required)\b|\bno api key\b"
)
OVERLOADED_PATTERN = lazy_pattern(r"\boverloaded|\bservice unavailable\b|\bat capacity\b")
RATE_LIMITED_PATTERN = lazy_pattern(
    r"\brate[ -_]limit|\btoo many requests\b|\b(?:usage|quota) (?:limit|exceeded)|\bquota\b.*\bexceeded\b"
)
TOO_LONG_PATTERN = lazy_pattern(
    r"\b(?:prompt|input|context)\b.{0,40}\btoo (?:long|large)\b|\bcontext[ _](?:length|window)[ _]?(?:is )?exceeded\b"
    r"|\bmaximum context length\b|\bexceeds the context\b"
)
DENIED_PATTERN = lazy_pattern(
    r"\brequires? (?:your )?approval\b|\bapproval (?:is )?required\b|\bpermission to use .{1,80} denied\b"
)


def _is_exit_of_gemini(end: AttemptEnd, exit_code: int) -> bool:
    """Tell whether the agent is the Gemini CLI, and ended with the exit code `exit_code`."""
    return end.form == "gemini-json" and end.exit == exit_code


def _words_match(end: AttemptEnd, pattern: re.Pattern[str]) -> bool:
    """Tell whether an agent has failed and its words match a pattern.

    The words are the error that the agent reports, or else the end of its output. If an agent has not failed, its words
    are about its work.
    """
    if not end.has_failed:
        return False
    return bool(pattern.search(end.report.says.lower() if end.report.is_error and end.report.says else end.words))


CLASS_RULES: tuple[tuple[AttemptClass, Callable[[AttemptEnd], bool]], ...] = (
    ("not_installed", lambda end: end.ended_by == "not_started"),
    ("too_long", lambda end: end.ended_by == "too_large"),
    ("stolen", lambda end: end.ended_by == "stolen"),
    ("cancelled", lambda end: end.ended_by == "cancelled"),
    ("timeout", lambda end: end.ended_by == "timeout"),
    ("idle", lambda end: end.ended_by == "idle"),
    ("denied", lambda end: bool(end.report.denied)),
    ("auth", lambda end: end.report.status in (401, 403)),
    ("rate_limited", lambda end: end.report.status == 429),
    ("overloaded", lambda end: end.report.status in (503, 529)),
    ("budget", lambda end: "max_budget" in end.report.reason),
    ("turns", lambda end: "max_turns" in end.report.reason or "turnlimit" in end.report.reason.lower()),
    ("auth", lambda end: _is_exit_of_gemini(end, 41)),
    ("turns", lambda end: _is_exit_of_gemini(end, 53)),
    ("denied", lambda end: _is_exit_of_gemini(end, 54)),
    ("overloaded", lambda end: _words_match(end, OVERLOADED_PATTERN)),
    ("rate_limited", lambda end: _words_match(end, RATE_LIMITED_PATTERN)),
    ("too_long", lambda end: _words_match(end, TOO_LONG_PATTERN)),
    ("auth", lambda end: _words_match(end, AUTH_PATTERN)),
    ("denied", lambda end: _words_match(end, DENIED_PATTERN)),
    ("crashed", lambda end: end.has_failed),
)
"""Pairs of a class and a condition. The first pair whose condition is true decides the class of an attempt.

If no condition is true, the class is "ok".
"""


def class_of(end: AttemptEnd) -> AttemptClass:
    """Return the class of an attempt by the end of its agent. The classes of `WorkClass` are decided later."""
    return next((kind for kind, applies in CLASS_RULES if applies(end)), "ok")


_UNIT = r"(?:ms|milli(?:second)?s?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])"
_DURATION = lazy_pattern(rf"(\d+(?:\.\d+)?) ?({_UNIT})", re.I)
_RETRY_AFTER = lazy_pattern(
    rf"(?:retry[- ]after|try again in|resets? in)\W{{0,3}}"
    rf"(?:(?P<duration>\d+(?:\.\d+)? ?{_UNIT}(?:,? ?(?:and )?\d+(?:\.\d+)? ?{_UNIT}){{0,4}})|(?P<seconds>\d+(?:\.\d+)?)(?![\da-z]|\.\d))",
    re.I,
)
"""Pattern for a time to wait: `1h30m`, `5 minutes and 20 seconds`, or a number of seconds without a unit."""
_SECONDS_BY_UNIT = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
"""Mapping from the first letter of a unit to its seconds. Milliseconds are not in it: see `_unit_seconds`."""
MAX_RETRY_AFTER_SECONDS = 86_400.0
"""Maximum result of `retry_after`, in seconds."""


def retry_after(words: str) -> float | None:
    """Return the seconds that an agent is told to wait, by the words of its output; None if the words name no time."""
    match = _RETRY_AFTER.search(words)
    if match is None:
        return None
    seconds = (
        sum(float(number) * _unit_seconds(unit) for number, unit in _DURATION.findall(match["duration"]))
        if match["duration"]
        else float(match["seconds"])
    )
    return min(MAX_RETRY_AFTER_SECONDS, seconds)


def _unit_seconds(unit: str) -> float:
    """Return the seconds of a unit such as `ms`, `min` or `hours`."""
    lower_unit = unit.lower()
    return 0.001 if lower_unit.startswith(("ms", "milli")) else _SECONDS_BY_UNIT[lower_unit[0]]
