"""Table of performance goals: each promise with the measurements that decide whether it is met.

A measurement is a ratio to a floor or a peer of the same run, a count, or a time that users notice.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.workspaces.formats import PLANS

Results = Mapping[str, Any]
ASKED = ("hover", "lenses", "actions", "symbols")
SCENARIOS = frozenset(
    {
        *("counts", "loading", "coordination", "transitions", "git", "runs", "memory"),
        *("cycle", "commands", "formats", "agents", "keystrokes", "race"),
    }
)
"""The scenarios that goals read. A run with `--only` has some of them."""
MAY_LACK = SCENARIOS | {
    # A contestant of the race that is absent, or that gave up.
    "initialize_s",
    "ready_s",
    "references_first_s",
    # Figures that the results before the last large change do not have.
    "again_over_bare",
    "rendered_over_bare",
    "typing",
    "beside_busy",
}
"""The keys that results may lack. Every other missing key is misspelt in the table of goals."""


class Check(NamedTuple):
    """One measurement: its name, its format, its limit, and the function that finds its value in the results.

    `limit` is the maximum or, with `least`, the minimum. If a run has not measured it, `value` raises IndexError for a
    size, or KeyError for a key of `MAY_LACK`.
    """

    what: str
    shown: str
    limit: float
    value: Callable[[Results], float]
    least: bool = False


class Goal(NamedTuple):
    """A promise with the measurements that decide it. `tried` says what has been done so far about a missed goal."""

    what: str
    promise: str
    checks: tuple[Check, ...]
    tried: str = ""


class UnknownKeyError(Exception):
    """A goal reads a key that no run writes."""


class Judged(NamedTuple):
    """A measurement of a run: its value, and how far the value is beyond its limit.

    `beyond` is the value as a multiple of the limit, or the reverse for a minimum; above 1, the limit is missed. If the
    limit is 0, `beyond` is 1 or infinite. Both are None if the run has not measured the value.
    """

    check: Check
    value: float | None
    beyond: float | None


def judge(goal: Goal, results: Results) -> list[Judged]:
    """Evaluate every measurement of a goal. Raises UnknownKeyError for a misspelt key."""
    return [_judged(check, results) for check in goal.checks]


def is_met(judged: list[Judged]) -> bool | None:
    """Tell whether all measurements keep their limits, or return None if one of them is missing."""
    if any(one.value is None for one in judged):
        return None
    return all(one.beyond is not None and one.beyond <= 1.0 for one in judged)


def verdict(goal: Goal, results: Results) -> str:
    """Return one line about a goal: whether it is met, and its values."""
    judged = judge(goal, results)
    words = {True: "met", False: "MISSED", None: "not measured"}[is_met(judged)]
    values = ", ".join(one.check.shown.format(one.value) for one in judged if one.value is not None)
    return f"{words:<12} {values}"


def _judged(check: Check, results: Results) -> Judged:
    try:
        value = check.value(results)
    except KeyError as error:
        if error.args[0] not in MAY_LACK:
            raise UnknownKeyError(f"{check.what}: no run has {error}") from error
        return Judged(check, None, None)
    except IndexError:
        return Judged(check, None, None)
    if check.limit == 0:
        return Judged(check, value, 1.0 if value == 0 else float("inf"))
    if check.least:
        return Judged(check, value, check.limit / value if value else float("inf"))
    return Judged(check, value, value / check.limit)


def _sizes(results: Results, scenario: str, inside: str = "") -> list[str]:
    found = results[scenario][inside] if inside else results[scenario]
    return sorted(found, key=int)


def typed(results: Results, which: int) -> dict[str, Any]:
    """Return the results of typing in the smallest (0), … or largest (-1) workspace."""
    sizes = _sizes(results, "keystrokes", "files")
    found: dict[str, Any] = results["keystrokes"]["files"][sizes[which]]
    return found


def raced(results: Results, which: int) -> dict[str, Any]:
    """Return the results of the race in the smallest (0), … or largest (-1) workspace."""
    found: dict[str, Any] = results["race"][_sizes(results, "race")[which]]
    return found


def _command(results: Results, which: int, name: str, figure: str) -> float:
    return float(results["commands"][_sizes(results, "commands")[which]][name][figure])


def _largest_of_formats(results: Results, part: str, figure: str) -> float:
    """Return the largest figure among the formats, of one large plan (`one`) or of many plans (`many`)."""
    return float(max(found[part][figure] for found in results["formats"].values()))


def _largest_of_one_file(results: Results, value: Callable[[Any], float]) -> float:
    """Return the largest value among the formats whose tasks are all in one file."""
    return max(value(found) for name, found in results["formats"].items() if not PLANS[name].note)


def _first_findings(results: Results) -> float:
    floor = results["keystrokes"]["starts"]["bare_initialize"]["p50_ms"] / 1000
    found = [results["keystrokes"]["files"][size]["first_findings_s"] for size in results["keystrokes"]["files"]]
    return float(max(found) / floor)


def _warm(results: Results, which: int) -> float:
    found = typed(results, which)
    return float(found["start_after_initialize_s"] / found["floors"]["walk_and_stat_s"])


def _growth(results: Results, name: str) -> float:
    return float(typed(results, -1)[name]["p50_ms"] / typed(results, 0)[name]["p50_ms"])


def _after_edit(results: Results, percentile: str) -> float:
    return max(float(typed(results, 0)[name][percentile]) for name in ASKED)


def _hit_rate(results: Results) -> float:
    counts: dict[str, int] = results["counts"]["counts"]["generated"]
    cached, rendered = counts["prompts: from the cache"], counts["prompts: rendered"]
    return 100 * cached / (cached + rendered)


def _cold(results: Results) -> float:
    found = raced(results, 1)
    return float(
        (found["planmark"]["ready_s"] - found["planmark"]["initialize_s"]) / found["floors"]["walk_and_read_s"]
    )


def _checked(results: Results) -> float:
    found = results["commands"][_sizes(results, "commands")[1 if len(results["commands"]) > 1 else 0]]
    return float(found["files"] / found["check"]["first_s"])


def _per_document(results: Results) -> float:
    found = typed(results, 1)
    return float((found["memory_bytes"] - results["keystrokes"]["empty_bytes"]) / found["floors"]["files"] / 1024)


def _rate(results: Results, figure: str) -> float:
    return float(results["transitions"]["rates"]["200"][figure])


def _beside_busy(results: Results, figure: str) -> float:
    return float(results["transitions"]["beside_busy"][figure])


def _agents_at_once(results: Results, figure: str) -> float:
    """Return the worst figure over all numbers of agents."""
    measured = results["coordination"]["agents"].values()
    return max(float(one["lease"]["p99_ms"] / 1000 if figure == "lease" else one[figure]) for one in measured)


def _leases(results: Results, rate: str, figure: str) -> float:
    return float(results["coordination"]["rates"][rate][figure])


def _git(results: Results, figure: Callable[[Any], float]) -> float:
    return max(map(figure, results["git"]["tasks"].values()))


def _loads(results: Results, figure: str) -> float:
    return max(float(found[figure]) for tasks, found in results["loading"]["tasks"].items() if int(tasks) >= 50)


def _repeated(results: Results) -> float:
    return float(statistics.median(found["repeated_over_first"] for found in results["loading"]["tasks"].values()))


STORED = (
    "The store keeps facts between processes, and a start takes from it the facts of all unchanged files. One walk lists "
    "the files, in slices. Names are parsed, and decisions made, once. Diagnostics are kept as bytes and unpacked on "
    "request. The remaining time goes into building the values of every document again, although most of them are not used."
)
ANSWERED = (
    "The result cache keeps the output of a command with everything that it depends on, and prints it again before "
    "anything large is imported. Folders are not walked; only their modification times are read. All stamps are compared "
    "as one row of bytes."
)
RENDERED = (
    "Facts come from the store. Modules that a prompt does not need (checks, editor, protocol) are not imported. Templates "
    "are compiled once per process, and patterns at their first use. Most of the remaining time goes into importing libraries and the modules of the facts."
)
COLD = (
    "Several processes read. Texts are cut into sections without a look at every line. A section is parsed only if one of "
    "its lines may hold a fact. Facts go between processes as bytes."
)
WHOLE = (
    "After a change, the index publishes one new document, evaluates one plan, and checks only objects that are new. It "
    "cuts and parses one section. A name under the cursor is searched in its passage only. The disk is not read. Budgets "
    "of prompts are checked after changes have stopped. The remaining time goes into evaluating the plan, "
    "running its rules, and converting diagnostics to the types of the protocol."
)

GOALS: tuple[Goal, ...] = (
    Goal(
        "spawn → initialize",
        "≤ 1.15 × a bare pygls server",
        (
            Check(
                "initialize over bare",
                "{:.2f} ×",
                1.15,
                lambda r: (
                    r["keystrokes"]["starts"]["initialize"]["p50_ms"]
                    / r["keystrokes"]["starts"]["bare_initialize"]["p50_ms"]
                ),
            ),
        ),
        "Modules that the answer does not need are imported after it. Python's garbage collector does not run meanwhile. The event loop only moves messages.",
    ),
    Goal(
        "spawn → first diagnostics of the open file",
        "≤ 1.3 × the bare server's initialize, whatever the size of the workspace",
        (Check("at the size where it is worst", "{:.1f} ×", 1.3, _first_findings),),
        "The server publishes the diagnostics of the open document alone before it reads the others. Modules that `initialize` does not need are imported after it. Patterns are compiled at their first use. Python's garbage collector does not run meanwhile. Most of the remaining time goes into importing the parsers and the checks.",
    ),
    Goal(
        "cold: every plan's state answered, middle size",
        "≤ 1/20 of the VS Code server's time to ready",
        (
            Check(
                "of its time",
                "{:.3f}",
                0.05,
                lambda r: raced(r, 1)["planmark"]["ready_s"] / raced(r, 1)["markdown"]["ready_s"],
            ),
        ),
        COLD,
    ),
    Goal(
        "cold: all state facts, middle size",
        "≤ 25 × walking and reading the same files",
        (Check("over walking and reading", "{:.0f} ×", 25, _cold),),
        COLD,
    ),
    Goal(
        "cold: `check` over everything",
        "≥ 500 files/s",
        (Check("files a second", "{:.0f}/s", 500, _checked, least=True),),
        COLD,
    ),
    Goal(
        "warm start after initialize",
        "≤ 2.5 × walking and stat-ing the same files; no unchanged document read",
        (
            Check("middle size, over walking", "{:.0f} ×", 2.5, lambda r: _warm(r, 1)),
            Check("largest size, over walking", "{:.0f} ×", 2.5, lambda r: _warm(r, -1)),
            Check("documents read", "{:.0f} read", 0, lambda r: float(typed(r, 1)["documents_read"])),
        ),
        STORED,
    ),
    Goal(
        "keystroke → diagnostics, 3,000-line PLAN, no delay, smallest size",
        "p50 ≤ 5 ms, p99 ≤ 15 ms; one section parsed; opening a fence p99 ≤ 25 ms",
        (
            Check("p50", "p50 {:.1f} ms", 5, lambda r: typed(r, 0)["keystroke"]["p50_ms"]),
            Check("p99", "p99 {:.1f} ms", 15, lambda r: typed(r, 0)["keystroke"]["p99_ms"]),
            Check("sections parsed", "{:.1f} sections", 1, lambda r: typed(r, 0)["sections_per_keystroke"]),
            Check("a fence, p99", "fence p99 {:.1f} ms", 25, lambda r: typed(r, 0)["fence"]["p99_ms"]),
        ),
        WHOLE,
    ),
    Goal(
        "hover, lenses, actions, symbols after an edit, smallest size",
        "p50 ≤ 2 ms, p99 ≤ 10 ms; symbols of the workspace capped",
        (
            Check("the slowest, p50", "p50 {:.1f} ms", 2, lambda r: _after_edit(r, "p50_ms")),
            Check("the slowest, p99", "p99 {:.1f} ms", 10, lambda r: _after_edit(r, "p99_ms")),
            Check(
                "symbols found",
                "{:.0f} symbols",
                200,
                lambda r: max(found["workspace_symbols"]["found"] for found in r["keystrokes"]["files"].values()),
            ),
        ),
        WHOLE,
    ),
    Goal(
        "references, first, middle size",
        "≤ 50 ms",
        (Check("the first time", "{:.0f} ms", 50, lambda r: raced(r, 1)["planmark"]["references_first_s"] * 1000),),
        "The index records, when it reads a text, by which words the text names things; a search reads only the texts with the word. An id is searched without the names of documents, and only in the passages that contain it. Codecs count the columns. The remaining time goes into finding the places in a PLAN of 3,000 lines, and converting 753 of them to the types of the protocol.",
    ),
    Goal(
        "growth, largest against smallest size",
        "keystroke and hover p50 within 1.2 ×",
        (
            Check("keystroke", "keystroke {:.1f} ×", 1.2, lambda r: _growth(r, "keystroke")),
            Check("hover", "hover {:.1f} ×", 1.2, lambda r: _growth(r, "hover")),
        ),
        WHOLE,
    ),
    Goal(
        "memory, middle size",
        "≤ 4 KiB per closed document over the empty server; ≤ 120 MB in all",
        (
            Check("per document", "{:.1f} KiB", 4, _per_document),
            Check("in all", "{:.0f} MB", 120, lambda r: typed(r, 1)["memory_bytes"] / 1e6),
        ),
        "Texts and sections are kept for open documents only; of verdicts, only the words that may be features. Texts that were loaded to show diagnostics are released. Words, names and stamps that many documents share are one object. The remaining memory holds the facts and diagnostics of each document.",
    ),
    Goal(
        "`planmark next @X`, a cold process, nothing changed since the last call",
        "≤ 6 × a bare interpreter at 740 files, ≤ 8 × at 50,000",
        (
            Check("smallest size", "{:.0f} ×", 6, lambda r: _command(r, 0, "next", "again_over_bare")),
            Check("largest size", "{:.0f} ×", 8, lambda r: _command(r, -1, "next", "again_over_bare")),
        ),
        ANSWERED,
    ),
    Goal(
        "`planmark next @X`, a cold process that must render the prompt",
        "≤ 10 × a bare interpreter",
        (Check("smallest size", "{:.0f} ×", 10, lambda r: _command(r, 0, "next", "rendered_over_bare")),),
        RENDERED,
    ),
    Goal(
        "`planmark status`, all plans, nothing changed, largest size",
        "≤ 60 × a bare interpreter",
        (Check("over bare", "{:.0f} ×", 60, lambda r: _command(r, -1, "status", "again_over_bare")),),
        ANSWERED,
    ),
    Goal(
        "second run of anything on unchanged files",
        "0 documents read, 0 sections parsed, 0 templates rendered; over ten generations ≥ 80 % from the cache",
        (
            Check(
                "read again in one process",
                "{:.0f} read",
                0,
                lambda r: r["counts"]["counts"]["generated"]["second look: files read"],
            ),
            Check(
                "parsed again in one process",
                "{:.0f} parsed",
                0,
                lambda r: r["counts"]["counts"]["generated"]["second look: sections parsed"],
            ),
            Check(
                "read by the next process",
                "{:.0f} read by the next process",
                0,
                lambda r: float(typed(r, 0)["documents_read"]),
            ),
            Check("from the cache", "{:.0f} % from the cache", 80, _hit_rate, least=True),
        ),
        STORED,
    ),
    Goal(
        "metrics counted against not counted, the slowest request",
        "≤ 5 %",
        (Check("ratio", "{:.3f} ×", 1.05, lambda r: typed(r, 0)["counting"]["ratio"][1]),),
        "Buckets are fixed, and counts are plain integers. A separate thread writes records. The text for Prometheus is made only on request.",
    ),
    Goal(
        "a burst of events about every file (a branch switch)",
        "no turn of the event loop over 50 ms; correct at the end",
        (
            Check("longest turn", "{:.0f} ms", 50, lambda r: r["keystrokes"]["burst"]["longest_turn_ms"]),
            Check("wrong states", "{:.0f} wrong", 0, lambda r: r["keystrokes"]["burst"]["wrong"]),
        ),
        "Events are decoded into a cheap type. The engine's thread locates and applies all events that have arrived, in one step.",
    ),
    Goal(
        "60 edits a second for a minute",
        "hover p99 ≤ 20 ms; memory flat (within 5 %)",
        (
            Check("hover, p99", "p99 {:.0f} ms", 20, lambda r: r["keystrokes"]["storm"]["hover"]["p99_ms"]),
            Check("memory", "memory × {:.3f}", 1.05, lambda r: r["keystrokes"]["storm"]["memory_last_over_first"]),
        ),
        WHOLE,
    ),
    Goal(
        "BENCH-001: projects of 10 to 2,000 tasks",
        "linear (slope ≤ 1.15), ≤ 30 ms and ≤ 1 MB a task, repeated loads not slower",
        (
            Check("slope", "slope {:.2f}", 1.15, lambda r: r["loading"]["slope"]),
            Check("time", "{:.1f} ms", 30, lambda r: _loads(r, "ms_per_task")),
            Check("memory", "{:.3f} MB", 1, lambda r: _loads(r, "mb_per_task")),
            Check("repeated, in the median size", "repeated × {:.2f}", 1.1, _repeated),
        ),
    ),
    Goal(
        "BENCH-002: agents on one plan at once, each a process",
        "a lease < 2 s at every number of agents; no step given twice; work assigned evenly",
        (
            Check("p99 of a lease", "p99 {:.2f} s", 2, lambda r: _agents_at_once(r, "lease")),
            Check("steps given twice", "{:.0f} twice", 0, lambda r: _agents_at_once(r, "given_twice")),
            Check("steps not given", "{:.0f} not given", 0, lambda r: _agents_at_once(r, "not_given")),
            Check("imbalance", "imbalance {:.3f}", 0.15, lambda r: _agents_at_once(r, "imbalance_assigned")),
        ),
        "Leases are files under one lock, held for one decision. Files that did not change are not read again. The time of a lease goes into the scan of the workspace.",
    ),
    Goal(
        "leases from eight writers",
        "each ≤ 100 ms and no error at 200 a second; nothing wrong at 500; the next ≤ 100 ms after a kill",
        (
            Check("p99 at 200/s", "p99 {:.0f} ms", 100, lambda r: _leases(r, "200", "p99_ms")),
            Check("errors at 200/s", "{:.0f} errors", 0, lambda r: _leases(r, "200", "errors")),
            Check("wrong at 500/s", "{:.0f} wrong", 0, lambda r: _leases(r, "500", "wrong_at_the_end")),
            Check(
                "after a kill",
                "{:.0f} ms after a kill",
                100,
                lambda r: float(r["coordination"]["after_kill"]["max_ms"]),
            ),
        ),
        "The lock is held for one decision. A journal names the files that changed since the last change of a process, so that it reads only these, most of them before it waits for the lock.",
    ),
    Goal(
        "BENCH-003: state transitions from eight writers",
        "each ≤ 100 ms and < 1 % errors at 200 a second, also beside a process that keeps one core busy; none wrong at any rate",
        (
            Check("p99 at 200/s", "p99 {:.0f} ms", 100, lambda r: _rate(r, "p99_ms")),
            Check("errors at 200/s", "{:.2f} % errors", 1, lambda r: 100 * _rate(r, "errors")),
            Check("p99 beside a busy core", "p99 {:.0f} ms beside", 100, lambda r: _beside_busy(r, "p99_ms")),
            Check("errors beside a busy core", "{:.2f} % errors beside", 1, lambda r: 100 * _beside_busy(r, "errors")),
            Check(
                "wrong states",
                "{:.0f} wrong",
                0,
                lambda r: (
                    sum(found["wrong_at_the_end"] for found in r["transitions"]["rates"].values())
                    + _beside_busy(r, "wrong_at_the_end")
                ),
            ),
        ),
        "States are published before the documents are checked. The check runs in slices, and then rests. Budgets wait for a pause. Ignore files are read once for all changed files. Diagnostics that were sent before are not masked again. Decisions about achievements whose documents did not change are kept. The text of a changed file is read once. The remaining time goes into reading and parsing the files, and evaluating their plans.",
    ),
    Goal(
        "BENCH-004: work trees and commits, 1 to 12 agents at once, 100 to 1,000 tasks",
        "each commit < 5 s; a conflict resolved in < 10 s; no damage, all integrated; a commit grows the repository no more at the end (within 20 %)",
        (
            Check(
                "p99 of a commit",
                "p99 {:.2f} s",
                5,
                lambda r: _git(r, lambda one: max(load["commit"]["p99_ms"] for load in one["loads"].values()) / 1000),
            ),
            Check(
                "longest conflict",
                "conflict {:.1f} s",
                10,
                lambda r: _git(r, lambda one: float(one["conflict"]["max_ms"]) / 1000),
            ),
            Check("damage", "{:.0f} damaged", 0, lambda r: _git(r, lambda one: float(one["damage"]))),
            Check(
                "steps not integrated",
                "{:.0f} not integrated",
                0,
                lambda r: _git(r, lambda one: sum(load["not_integrated"] for load in one["loads"].values())),
            ),
            Check("growth", "growth × {:.2f}", 1.2, lambda r: _git(r, lambda one: float(one["growth"]))),
        ),
        "One agent alone commits in less than half a second, eight in less than 4 s; twelve processes share two cores. A step starts git 30 times (90 before): several objects in one call, and one status for a pass. Each `finish` is a process that reads the workspace; a `planmark run` reads it once.",
    ),
    Goal(
        "a run: 10 agents, 200 tasks of 0.1 s in their order",
        "≤ 120 s; every task done, none before those that it waits for",
        (
            Check("seconds", "{:.0f} s", 120, lambda r: float(r["runs"]["throughput"]["seconds"])),
            Check("tasks not done", "{:.0f} not done", 0, lambda r: float(r["runs"]["throughput"]["not_done"])),
            Check("out of order", "{:.0f} too early", 0, lambda r: float(r["runs"]["throughput"]["out_of_order"])),
        ),
    ),
    Goal(
        "a run: 20 agents start in trees of 1,000 files; the overhead of a step",
        "all work in < 30 s; a step of an agent that takes no time: median ≤ 1 s",
        (
            Check("seconds of the starts", "{:.1f} s", 30, lambda r: float(r["runs"]["starts"]["seconds"])),
            Check("not started", "{:.0f} not started", 0, lambda r: float(r["runs"]["starts"]["not_started"])),
            Check("overhead", "step {:.2f} s", 1, lambda r: float(r["runs"]["overhead"]["p50_ms"]) / 1000),
        ),
    ),
    Goal(
        "1,000 changes of state, each known before the next; 500 tasks planned",
        "changes < 120 s, none wrong; waves and all prompts < 300 s",
        (
            Check("seconds of the changes", "{:.0f} s", 120, lambda r: float(r["runs"]["changes"]["seconds"])),
            Check("wrong states", "{:.0f} wrong", 0, lambda r: float(r["runs"]["changes"]["wrong"])),
            Check("seconds of the plans", "planned in {:.0f} s", 300, lambda r: float(r["runs"]["planned"]["seconds"])),
        ),
    ),
    Goal(
        "BENCH-005: 9,000 operations on 1,000 tasks",
        "no growth after the warm-up (within 5 %), peak < 2 × the baseline, garbage collection < 100 ms",
        (
            Check("last over warm", "× {:.3f}", 1.05, lambda r: r["memory"]["server"]["last_over_warm"]),
            Check("peak", "peak × {:.2f}", 2, lambda r: r["memory"]["server"]["peak_over_baseline"]),
            Check("longest pause", "{:.0f} ms", 100, lambda r: r["memory"]["server"]["gc_longest_ms"]),
        ),
        "The garbage collector runs between two jobs, over new objects only; the objects that survive are exempt from then on. After a collection, the C library returns freed memory to the system. Caches are bounded.",
    ),
    Goal(
        "an hour of typing, 18,000 letters, each parsed, evaluated and checked",
        "memory flat (within 5 %)",
        (Check("last over warm", "× {:.3f}", 1.05, lambda r: r["memory"]["typing"]["last_over_warm"]),),
    ),
    Goal(
        "formats: 5,000 tasks in one file",
        "read and evaluated in ≤ 300 ms; `status` and `next` < 1 s, also with nothing cached; hover after a letter p99 ≤ 100 ms; no wrong count",
        (
            Check("read and evaluated", "{:.2f} s", 0.3, lambda r: _largest_of_one_file(r, lambda one: one["read_s"])),
            Check(
                "`status`, cold",
                "{:.2f} s cold",
                1.0,
                lambda r: _largest_of_one_file(r, lambda one: one["one"]["first_s"]),
            ),
            Check("`status`, unchanged", "{:.2f} s again", 1.0, lambda r: _largest_of_formats(r, "one", "again_s")),
            Check("`next`, unchanged", "`next` {:.2f} s", 1.0, lambda r: _largest_of_formats(r, "one", "next_s")),
            Check(
                "hover after a letter, p99",
                "hover p99 {:.0f} ms",
                100.0,
                lambda r: max(one["typed"]["p99_ms"] for one in r["formats"].values()),
            ),
            Check("wrong plans", "{:.0f} wrong", 0.0, lambda r: _largest_of_formats(r, "one", "wrong")),
        ),
        "Tasks are evaluated in one pass, and a task that waits for nothing costs no search. Results are kept, so a command on unchanged files parses none of them. Imports are a part of each cold command. A hover searches the names of its own line only. After a letter, the whole file is parsed, evaluated and checked again. The largest file of a real repository has 195 tasks.",
    ),
    Goal(
        "formats: 1,000 plans of 20 tasks",
        "cold `status` ≥ 200 files/s; unchanged `status` and `next` ≤ 2 s; no wrong count",
        (
            Check(
                "cold",
                "{:,.0f} files/s",
                200.0,
                lambda r: min(one["many"]["files"] / one["many"]["first_s"] for one in r["formats"].values()),
                least=True,
            ),
            Check("`status`, unchanged", "{:.2f} s again", 2.0, lambda r: _largest_of_formats(r, "many", "again_s")),
            Check("`next`, unchanged", "`next` {:.2f} s", 2.0, lambda r: _largest_of_formats(r, "many", "next_s")),
            Check("wrong plans", "{:.0f} wrong", 0.0, lambda r: _largest_of_formats(r, "many", "wrong")),
        ),
        "Several processes read. One walk lists the files, and the path alone says which format reads a file. An unchanged file is not read again. The remaining time goes into parsing and evaluating each plan once.",
    ),
    Goal(
        "a task of an agent, warm: find its state, gather its context, render its prompt",
        "< 3 s overhead, < 0.5 s for the context (50 tasks)",
        (
            Check(
                "overhead",
                "{:.3f} s",
                3,
                lambda r: list(r["cycle"]["tasks"].values())[-1]["warm"]["overhead_ms"] / 1000,
            ),
            Check(
                "context and prompt",
                "{:.3f} s",
                0.5,
                lambda r: list(r["cycle"]["tasks"].values())[-1]["warm"]["context_and_prompt_ms"] / 1000,
            ),
        ),
    ),
    Goal(
        "tools for agents: spawn → first answer, and the first `next`",
        "≤ 1.15 × a bare server on the SDK; `next` on unchanged files ≤ bare + 50 ms; memory ≤ bare + 25 MB",
        (
            Check(
                "first answer over bare",
                "{:.2f} ×",
                1.15,
                lambda r: r["agents"]["ours"]["first_answer"]["p50_ms"] / r["agents"]["bare"]["first_answer"]["p50_ms"],
            ),
            Check(
                "next beyond bare",
                "{:.0f} ms",
                50,
                lambda r: r["agents"]["ours"]["next"]["p50_ms"] - r["agents"]["bare"]["next"]["p50_ms"],
            ),
            Check(
                "memory beyond bare",
                "{:.0f} MB",
                25,
                lambda r: r["agents"]["ours"]["memory_mb"] - r["agents"]["bare"]["memory_mb"],
            ),
        ),
        "A process answers `next` from the cached results of an earlier one, and imports the core only for other answers.",
    ),
    Goal(
        "tools for agents: twenty servers at once, warm",
        "p95 of `next` ≤ 15 × one alone (10 × is perfect on two cores)",
        (
            Check(
                "p95 over one alone",
                "{:.1f} ×",
                15,
                lambda r: r["agents"]["servers"]["together"]["p95_ms"] / r["agents"]["servers"]["alone"]["p50_ms"],
            ),
        ),
    ),
)
