"""The page about performance and its plots, generated from results.

    python -m benchmarks.report [--check]

Reads `full.json`, `before.json` (the results of an earlier revision) and `gate.json` from `benchmarks/results`. Writes
`docs/performance.md` and the plots beside it. With `--check`, it writes nothing and reports files that do not match the
results.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.plots import Points, plot
from benchmarks.report_race import race
from benchmarks.report_sections import (
    commands,
    coordination,
    cycle,
    formats,
    git_load,
    loading,
    memory,
    runs,
    table,
    transitions,
    typing,
)
from benchmarks.run import RESULTS
from benchmarks.targets import GOALS, Judged, Results, is_met, judge

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "performance.md"


def pages(measured: dict[str, Any], before: dict[str, Any], proof: dict[str, Any]) -> dict[Path, str]:
    """Return path → text of every generated file."""
    results = measured["results"]
    return {
        PAGE: "\n".join(
            [
                *_introduction(measured),
                *_goals(results, before),
                *race(results),
                *typing(results),
                *loading(results),
                *coordination(results),
                *transitions(results),
                *git_load(results),
                *runs(results),
                *memory(results),
                *commands(results),
                *formats(results),
                *cycle(results),
                *_gate(proof),
                *_again(),
            ]
        )
        + "\n",
        DOCS / "performance-latency.svg": plot(
            "Latency after an edit", "files in the workspace", "milliseconds, p50", _latencies(results)
        ),
        DOCS / "performance-start.svg": plot(
            "Until the workspace is known", "files in the workspace", "seconds", _starts(results)
        ),
    }


def _introduction(measured: dict[str, Any]) -> list[str]:
    machine, noise = measured["machine"], measured["noise"]
    spreads = [one["spread"] for one in noise.values()]
    worst = max(noise.values(), key=lambda one: one["spread"])["bare_interpreter"]
    node = f", Node.js {machine['node']}" if machine["node"] else ""
    return [
        "# Performance",
        "",
        "This page is generated (`python -m benchmarks.report`) from `benchmarks/results/full.json`, which `make bench-full`",
        f"writes. It was measured at revision {_revisions(measured)}, on {machine['system']} {machine['architecture']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, Python {machine['python']}{node}.",
        "",
        "Machines are shared and noisy. So every goal is a ratio to a floor or a peer of the same run, a count, or a time that",
        "users notice. Absolute times hold for this run only.",
        "",
        "**Noise**: bare interpreters were started before and after every scenario. Half the range between the quartiles of their times",
        f"was {min(spreads):.0%} to {max(spreads):.0%} of the median (p50 {worst['p50_ms']:.0f} ms, p99 {worst['p99_ms']:.0f} ms in the worst scenario). "
        f"{_noisy(max(spreads))}",
        "",
        "![latency after an edit against the size of the workspace](performance-latency.svg)",
        "",
        "![cold and warm start against the size of the workspace](performance-start.svg)",
        "",
    ]


def _revisions(measured: dict[str, Any]) -> str:
    """Return the revision or, if scenarios were measured at different ones, each revision with its scenarios."""
    at: dict[str, list[str]] = {}
    for name, noise in measured["noise"].items():
        at.setdefault(noise.get("revision", measured["revision"]), []).append(name)
    if len(at) == 1:
        return next(iter(at))
    return ", ".join(f"{revision} ({', '.join(names)})" for revision, names in at.items())


def _noisy(spread: float) -> str:
    if spread < 0.1:
        return "That is a quiet machine, so a difference of a tenth is significant."
    return (
        "That is a machine with busy neighbours, and some scenarios ran at the same time (`--only`). Times that are not ratios "
        "are several times longer than on a quiet machine."
    )


def _goals(results: Results, before: dict[str, Any]) -> list[str]:
    rows = []
    for goal in GOALS:
        judged = judge(goal, results)
        earlier = [one.check.shown.format(one.value) for one in judge(goal, before["results"]) if one.value is not None]
        met = is_met(judged)
        word = "not measured" if met is None else "met" if met else f"**missed** by {_by_how_much(judged)}"
        rows.append((goal.what, goal.promise, ", ".join(earlier) or "–", ", ".join(map(_shown, judged)), word))
    verdicts = [is_met(judge(goal, results)) for goal in GOALS]
    kept, unknown = verdicts.count(True), verdicts.count(None)
    waiting = f", and {unknown} are not measured yet" if unknown else ""
    tried = [(goal.what, goal.tried) for goal in GOALS if goal.tried and not is_met(judge(goal, results))]
    return [
        "## Goals",
        "",
        f"{kept} of {len(GOALS)} goals are met{waiting}. A goal is missed if one of its measurements is; the last column shows the worst of them.",
        "“Bare” is an interpreter, or a pygls server, that does nothing, in the same run. Sizes are numbers of files:",
        f"{_sizes(results['race'])} in the race; {_sizes(results['commands'])} for the command line;",
        f"{_sizes(results['keystrokes']['files'])} for typing.",
        f"“Before” is revision {before['revision']}, before the index followed changes. It was measured with at most",
        f"{max(map(int, before['results']['keystrokes']['files'])):,} files for typing, and with busier neighbours.",
        "",
        *table(("what", "goal", "before", "measured", ""), rows),
        "### What was tried",
        "",
        *table(("missed", "what was tried"), tried),
    ]


def _sizes(found: Results) -> str:
    return ", ".join(f"{size:,}" for size in sorted(map(int, found)))


def _shown(one: Judged) -> str:
    if one.value is None:
        return f"{one.check.what}: –"
    text = one.check.shown.format(one.value)
    return f"**{text}**" if one.beyond is not None and one.beyond > 1 else text


def _by_how_much(judged: list[Judged]) -> str:
    worst = max(one.beyond or 0.0 for one in judged)
    if worst != float("inf"):
        return f"{worst:,.1f} ×" if worst >= 1.05 else f"{worst - 1:.1%}"
    finite = [one.beyond or 0.0 for one in judged if one.beyond != float("inf")]
    others = f", else {max(finite):,.1f} ×" if max(finite, default=0) > 1 else ""
    return f"a count that must be 0{others}"


def _gate(proof: dict[str, Any]) -> list[str]:
    def widest(name: str, work: str) -> str:
        runs = [run["ratios"][work] for run in proof[name]["runs"]]
        return f"{min(run[0] for run in runs):.2f} to {max(run[2] for run in runs):.2f}"

    planted = ("parse", "state", "prompt")
    rows = [
        (
            "nothing",
            f"passes {proof['unchanged']['right']} of {proof['times']}",
            ", ".join(f"{work} {widest('unchanged', work)}" for work in planted),
        ),
        *(
            (
                f"{proof['planted']:.0%} in {work}",
                f"caught {proof[work]['right']} of {proof['times']}",
                f"{work} {widest(work, work)}",
            )
            for work in planted
        ),
    ]
    return [
        "## The gate",
        "",
        "`python -m benchmarks.regression_gate`, a part of `.ci/run`, compares counts with `benchmarks/counts.json` exactly. It compares times with",
        f"the commit before, in one run: both sides in turns, {proof['pairs']} pairs, each the best of three, in processor time. It fails if",
        "the lower bound of the 95 % interval of the ratio is above 1.10. `python -m benchmarks.regression_gate --prove` tests the gate itself:",
        "it plants slowdowns in a copy of the code.",
        "",
        *table(("planted", "the gate", "intervals of the ratio, from the lowest to the highest bound"), rows),
    ]


def _again() -> list[str]:
    return [
        "## Measure it yourself",
        "",
        "```",
        "make bench           # a minute: every scenario, small",
        "make bench-full      # three quarters of an hour; writes benchmarks/results/full.json and this page",
        "python -m benchmarks.run --only race --profile full",
        "python -m benchmarks.workspaces.large FOLDER --files 10000",
        "```",
        "",
        "For the Markdown server of VS Code, run `npm ci` in `benchmarks/race` first; without it, the race reports that server as absent.",
    ]


def _latencies(results: Results) -> dict[str, Points]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for size, found in results["keystrokes"]["files"].items():
        for name, title in (("keystroke", "Planmark, keystroke → diagnostics"), ("hover", "Planmark, hover")):
            lines.setdefault(title, []).append((float(size), found[name]["p50_ms"]))
    for size, found in results["race"].items():
        for runner, name, title in (
            ("markdown", "edit_to_diagnostics", "Markdown server, edit → diagnostics"),
            ("markdown", "hover_after_edit", "Markdown server, hover"),
            ("bare", "hover_after_edit", "bare server, hover (floor)"),
            ("oxide", "edit_to_diagnostics", "markdown-oxide, edit → diagnostics"),
            ("oxide", "hover_after_edit", "markdown-oxide, hover"),
        ):
            if name in found.get(runner, {}):
                lines.setdefault(title, []).append((float(size), found[runner][name]["p50_ms"]))
    return {**lines}


def _starts(results: Results) -> dict[str, Points]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for size, found in results["race"].items():
        for runner, title in (
            ("planmark", "Planmark, cold, from spawn"),
            ("markdown", "Markdown server, ready"),
            ("oxide", "markdown-oxide, ready"),
        ):
            if found.get(runner, {}).get("ready_s"):
                lines.setdefault(title, []).append((float(size), found[runner]["ready_s"]))
        for floor, title in (("walk_and_read_s", "read all (floor)"), ("walk_and_stat_s", "walk and stat (floor)")):
            lines.setdefault(title, []).append((float(size), found["floors"][floor]))
    for size, found in results["keystrokes"]["files"].items():
        lines.setdefault("Planmark, again, from initialize", []).append(
            (float(size), found["start_after_initialize_s"])
        )
    return {**lines}


def results_of(name: str) -> dict[str, Any]:
    """Return the content of `NAME.json` in the folder of results."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def main(arguments: list[str]) -> int:
    """Write the page and the plots or, with `--check`, compare them; return 1 if they differ, else 0."""
    stale = []
    for path, text in pages(*map(results_of, ("full", "before", "gate"))).items():
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print(f"not what the figures give: {', '.join(stale)}; run python -m benchmarks.report", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
