"""Sections of the page about performance, one for each scenario: from its results to Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.scenarios.formats import TASKS_OF_MANY
from benchmarks.targets import Results
from benchmarks.workspaces.formats import PLANS

COMPONENTS = {
    "parse_ms": "parse",
    "detect_ms": "detect",
    "context_and_prompt_ms": "context and prompt",
    "persist_ms": "persist",
    "overhead_ms": "all",
}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a Markdown table, and an empty line."""
    titles = list(head)
    return [_row(titles), _row("---" for _ in titles), *map(_row, rows), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown_seconds(value: float | None) -> str:
    """Return a time in a suitable unit, or a dash if it was not measured."""
    if value is None:
        return "–"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def shown_figure(name: str, found: dict[str, Any]) -> str:
    """Return a time, two percentiles of times or an amount of memory, or a dash if it was not measured."""
    value = found.get(name)
    if isinstance(value, dict):
        return f"{shown_seconds(value['p50_ms'] / 1000)} / {shown_seconds(value['p99_ms'] / 1000)}"
    if name == "memory_bytes":
        return f"{value / 1e6:,.0f} MB" if value else "–"
    return shown_seconds(value)


def typing(results: Results) -> list[str]:
    """Return the section about typing: the cost of a keystroke by the size of the workspace."""
    names = ("keystroke", "fence", "hover", "lenses", "actions", "symbols")
    rows = []
    for size, found in sorted(results["keystrokes"]["files"].items(), key=lambda item: int(item[0])):
        pairs = (f"{found[name]['p50_ms']:.1f} / {found[name]['p99_ms']:.1f}" for name in names)
        rows.append(
            (
                f"{int(size):,}",
                *pairs,
                f"{found['sections_per_keystroke']:.1f}",
                shown_seconds(found["first_findings_s"]),
            )
        )
    storm, burst = results["keystrokes"]["storm"], results["keystrokes"]["burst"]
    return [
        "## Typing",
        "",
        "The client types in a PLAN of 3,000 lines; the server's wait for a pause in typing is off. Times are milliseconds, p50 / p99,",
        "until diagnostics are published, and until the server answers a request that follows an edit at once.",
        "",
        *table(
            (
                "files",
                "keystroke",
                "a fence opens",
                "hover",
                "lenses",
                "actions",
                "symbols",
                "sections parsed",
                "first diagnostics",
            ),
            rows,
        ),
        f"60 edits a second for {storm['seconds']:.0f} s, with the wait on: hover p50 {storm['hover']['p50_ms']:.0f} ms, p99 "
        f"{storm['hover']['p99_ms']:.0f} ms; memory at the end × {storm['memory_last_over_first']:.3f}; {storm['cpu_percent']:.0f} % of a core.",
        "",
        f"A burst of {burst['events']:,} events in one message over {burst['files']:,} files: answered after {burst['seconds']:.1f} s, "
        f"longest turn of the event loop {burst['longest_turn_ms']:.0f} ms, {burst['wrong']} wrong states.",
        "",
    ]


def loading(results: Results) -> list[str]:
    """Return the section about BENCH-001."""
    found = results["loading"]
    rows = [
        (
            f"{int(tasks):,}",
            f"{one['load_s'] * 1000:,.0f}",
            f"{one['parse_s'] * 1000:,.0f}",
            f"{one['judge_s'] * 1000:,.1f}",
            f"{one['graph_s'] * 1000:,.1f}",
            f"{one['ms_per_task']:.1f}",
            f"{one['mb_per_task'] * 1000:,.0f}",
            f"{one['repeated_over_first']:.2f}",
            f"{one['server_first_next_step_s']:.2f}",
        )
        for tasks, one in sorted(found["tasks"].items(), key=lambda item: int(item[0]))
    ]
    mixed = ", ".join(f"{name} {one['load_s'] * 1000:,.0f} ms" for name, one in found["complexities"].items())
    return [
        "## BENCH-001: loading",
        "",
        "A task is an achievement or an EXECUTION_TASK. Each size runs in a process of its own. Time grows as the number of tasks to",
        f"the power of {found['slope']:.2f}. By complexity, at one size: {mixed}.",
        "",
        *table(
            (
                "tasks",
                "to the first next step, ms",
                "parse",
                "evaluate",
                "graph",
                "ms a task",
                "kB a task",
                "third load over first",
                "by the server, from spawn, s",
            ),
            rows,
        ),
    ]


def coordination(results: Results) -> list[str]:
    """Return the section about BENCH-002; [] for results before this scenario."""
    measured = results.get("coordination")
    if measured is None:
        return []
    agents = [
        (
            number,
            f"{one['items']}",
            f"{one['seconds']:.1f} s",
            f"{one['lease']['p50_ms']:,.0f} / {one['lease']['p99_ms']:,.0f}",
            f"{one['given_twice']} / {one['not_given']}",
            f"{one['imbalance']:.3f} / {one['imbalance_assigned']:.3f}",
        )
        for number, one in sorted(measured["agents"].items(), key=lambda item: int(item[0]))
    ]
    rates = [
        (
            rate,
            f"{one['changes']:,}",
            f"{one['p50_ms']:,.1f} / {one['p99_ms']:,.1f}",
            f"{one['errors']}",
            f"{one['wrong_at_the_end']}",
        )
        for rate, one in sorted(measured["rates"].items(), key=lambda item: int(item[0]))
    ]
    return [
        "## BENCH-002: agents at once",
        "",
        "Each agent is a process that takes a step with `planmark next --lease`, works for 0.2 s, writes a verdict, and goes on until the plan is",
        "done. Items of a higher priority wait for all of lower priority. Imbalance is the work of the busiest agent above the mean: of agents that",
        "take steps, and of `planmark lease assign`. Below, eight writers change leases at a rate.",
        "",
        *table(("agents", "items", "all", "lease, ms, p50 / p99", "twice / not given", "imbalance"), agents),
        *table(("a second", "changes", "ms, p50 / p99", "errors", "wrong at the end"), rates),
    ]


def transitions(results: Results) -> list[str]:
    """Return the section about BENCH-003."""
    found = results["transitions"]
    loads = sorted(found["rates"].items(), key=lambda item: int(item[0]))
    if "beside_busy" in found:
        loads.append(("200, beside a busy core", found["beside_busy"]))
    rows = [
        (
            rate,
            f"{one['p50_ms']:,.0f} / {one['p99_ms']:,.0f}",
            f"{one['within_goal']:.0%}",
            f"{one['errors']:.1%}",
            f"{one['late']} / {one['no_free_achievement']}",
            f"{one['wrong_at_the_end']}",
            f"{one['cpu_percent']:.0f} %",
        )
        for rate, one in loads
    ]
    inside = found["in_process"]
    return [
        "## BENCH-003: state transitions",
        "",
        f"Eight writers change the states of {found['tasks']:,} tasks. A time runs from before the file is written until the client",
        "receives the new state. An error is a state that does not arrive within five seconds (late), or a transition that cannot begin",
        "because all achievements still wait for their states (no room).",
        "Beside a busy core, another process takes all the time of one of the cores.",
        f"In process, one transition takes {inside['p50_ms']:.1f} / {inside['p99_ms']:.1f} ms.",
        "",
        *table(
            ("a second", "ms, p50 / p99", "within 100 ms", "errors", "late / no room", "wrong at the end", "CPU"), rows
        ),
    ]


def git_load(results: Results) -> list[str]:
    """Return the section about BENCH-004; [] for results before this scenario."""
    measured = results.get("git")
    if measured is None:
        return []
    rows = [
        (
            tasks,
            rate,
            f"{load['at_once']}",
            f"{load['begin']['p50_ms']:,.0f} / {load['begin']['p99_ms']:,.0f}",
            f"{load['commit']['p50_ms']:,.0f} / {load['commit']['p99_ms']:,.0f}",
            f"{load['not_integrated']}",
            f"{load['bytes_a_commit'] / 1024:,.0f} KiB",
        )
        for tasks, one in sorted(measured["tasks"].items(), key=lambda item: int(item[0]))
        for rate, load in one["loads"].items()
    ]
    others = [
        (
            tasks,
            f"{one['conflict']['p50_ms']:,.0f} / {one['conflict']['max_ms']:,.0f}",
            f"{one['switch']['git']['p50_ms']:,.0f} + {one['switch']['states']['p50_ms']:,.0f}",
            f"{one['damage']}",
            f"{one['growth']:.2f} ×",
        )
        for tasks, one in sorted(measured["tasks"].items(), key=lambda item: int(item[0]))
    ]
    return [
        "## BENCH-004: git under load",
        "",
        "Each step is `planmark work`, one new file with the tick of its box, and `planmark finish`, several at once. Both times include the start",
        "of a process. The rates of the commits are on a simulated clock, so that only their dates differ. A conflict is timed from the refusal",
        "of the second change of a line until it is rebased and integrated. A switch of branches is the time of git, and the time until the new",
        "states are known. `git fsck` finds the damage. Growth compares the bytes of a commit at the end with those near the begin.",
        "",
        *table(
            (
                "tasks",
                "commits a minute",
                "at once",
                "begin, ms, p50 / p99",
                "finish, ms",
                "not integrated",
                "a commit",
            ),
            rows,
        ),
        *table(("tasks", "conflict, ms, p50 / max", "switch, ms, git + states", "damage", "growth"), others),
    ]


def runs(results: Results) -> list[str]:
    """Return the section about runs of agents; [] for results before this scenario."""
    measured = results.get("runs")
    if measured is None:
        return []
    whole, starts, overhead = measured["throughput"], measured["starts"], measured["overhead"]
    changes, planned = measured["changes"], measured["planned"]
    rows = [
        (
            f"{whole['agents']} agents, {whole['tasks']} tasks of 0.1 s",
            f"{whole['seconds']:.1f} s",
            f"{whole['not_done']} not done, {whole['out_of_order']} too early, {whole['trees_left']} trees left",
        ),
        (
            f"{starts['agents']} agents start, {starts['files']:,} files each",
            f"{starts['seconds']:.1f} s",
            f"{starts['not_started']} not started",
        ),
        (
            "overhead of a step, p50 / p99",
            f"{overhead['p50_ms'] / 1000:.2f} / {overhead['p99_ms'] / 1000:.2f} s",
            f"{overhead['n']} steps",
        ),
        (f"{changes['changes']:,} changes of state", f"{changes['seconds']:.1f} s", f"{changes['wrong']} wrong"),
        (
            f"{planned['tasks']:,} tasks planned",
            f"{planned['seconds']:.1f} s",
            f"{planned['prompts']:,} prompts, {planned['waves']} waves",
        ),
    ]
    return [
        "## Runs of agents",
        "",
        "`planmark run` starts an agent without a model, so that all of the time is Planmark's and git's. Tasks are in groups of ten, and a group",
        "waits for the groups before it. The overhead of a step is the time from the end of the step before, without the time of its agent.",
        "",
        *table(("load", "time", "counts"), rows),
    ]


def memory(results: Results) -> list[str]:
    """Return the section about BENCH-005."""
    found = results["memory"]
    rows = [
        (
            name,
            f"{one['baseline_bytes'] / 1e6:.0f} MB",
            f"{one['peak_bytes'] / 1e6:.0f} MB",
            f"{one['last_over_warm']:.3f}",
            f"{one['gc_collections']:,}",
            f"{one['gc_longest_ms']:.0f} ms",
            f"{one['seconds']:.0f} s",
        )
        for name, one in (("the server", found["server"]), ("in process", found["in_process"]))
    ]
    caches = ", ".join(f"{cache['name']} {cache['hitRate']:.0%}" for cache in found["server"]["caches"])
    return [
        "## BENCH-005: memory",
        "",
        f"{found['operations']:,} operations on {found['tasks']:,} tasks run in groups of ten, each followed by a prompt. They run as fast as the",
        f"server answers, not spread over half an hour. Hit rates of the server's caches: {caches}.",
        "",
        *table(("", "at the start", "peak", "last fifth over the second", "collections", "longest", "took"), rows),
    ]


def commands(results: Results) -> list[str]:
    """Return the section about the command line against a bare interpreter."""
    rows = []
    for _, found in sorted(results["commands"].items(), key=lambda item: int(item[0])):
        for name, one in found.items():
            if isinstance(one, dict):
                times = (
                    f"{one[f'{when}_s']:.2f} s, {one[f'{when}_over_bare']:.1f} ×" if f"{when}_s" in one else "–"
                    for when in ("first", "again", "rendered")
                )
                rows.append((f"{found['files']:,}", f"{found['plans']:,}", f"`{name}`", *times, f"{one['runs']:.0f}"))
    return [
        "## The command line",
        "",
        "Every run is a new process; × is the multiple of a bare interpreter in the same minutes. First: nothing is cached.",
        "Rendered: nothing changed, but the budget did, so Planmark renders the prompt again.",
        "",
        *table(("files", "plans", "command", "first", "again, nothing changed", "rendered", "runs"), rows),
    ]


def formats(results: Results) -> list[str]:
    """Return the section about plans of other formats: one large plan, and many plans."""
    found = results["formats"]
    first = next(iter(found.values()))
    one_rows = [
        (
            f"`{name}`",
            shown_seconds(known["read_s"]),
            *(shown_seconds(known["one"][figure]) for figure in ("first_s", "again_s", "next_s")),
            shown_figure("typed", known),
        )
        for name, known in found.items()
    ]
    many_rows = [
        (
            f"`{name}`",
            f"{known['many']['files']:,}",
            *(shown_seconds(known["many"][figure]) for figure in ("first_s", "again_s", "next_s")),
        )
        for name, known in found.items()
    ]
    return [
        "## Plans of other formats",
        "",
        "Each command is a new process. First: nothing is cached. Again: nothing changed. The states of every plan are compared with",
        "those that were written. Hover: after each letter in the middle of the file, p50 / p99.",
        "",
        f"**One plan with {first['tasks']:,} tasks in a file**",
        "",
        *table(("", "read and evaluated, in process", "`status`, first", "again", "`next`", "hover"), one_rows),
        *(
            f"{PLANS[name].note} These are {known['one']['files']:,} files.\n"
            for name, known in found.items()
            if PLANS[name].note
        ),
        f"**{first['plans']:,} plans of {TASKS_OF_MANY} tasks**",
        "",
        *table(("", "files", "`status`, first", "again", "`next`"), many_rows),
    ]


def cycle(results: Results) -> list[str]:
    """Return the section about one task after the other, beside the times of an earlier system."""
    lines = [
        "## One task after the other",
        "",
        "This is the work around a task of an agent: read changes, detect the state, gather the context and render the prompt, and",
        "write the file that follows. Times are milliseconds a task: cold (nothing cached), warm (one process goes on), and unchanged",
        "(the same request again, with nothing changed).",
        "",
    ]
    rows = []
    for tasks, found in sorted(results["cycle"]["tasks"].items(), key=lambda item: int(item[0])):
        for name, title in COMPONENTS.items():
            kinds = (found[kind][name] for kind in ("cold", "warm", "unchanged"))
            rows.append((tasks, title, *(f"{value:,.2f}" for value in kinds)))
    lines += table(("tasks", "component", "cold", "warm", "unchanged"), rows)
    last = list(results["cycle"]["tasks"].values())[-1]
    faster = 1 - last["warm"]["overhead_ms"] / last["cold"]["overhead_ms"]
    counts = last["unchanged_counts"]
    lines += [
        f"Warm is {faster:.0%} faster than cold. Unchanged, {counts['files_read']} files are read, {counts['sections_parsed']} sections parsed, and "
        f"{last['unchanged_hit_rate']:.0%} of the prompts come from the cache.",
        "",
        "The next table compares an earlier agent workflow: its times for such steps, and those that its makers hoped for (seconds a task).",
        "",
    ]
    before = results["cycle"]["before"]
    warm = last["warm"]
    rows = [
        ("calls of language models", "3–5", "0.5–1", "not Planmark's: it makes none"),
        ("recovery from errors", "2–4 each", "0.1–0.5", "not Planmark's"),
        (
            "context",
            _range(before["context_and_prompt"][:2]),
            _range(before["context_and_prompt"][2:]),
            f"{warm['context_and_prompt_ms'] / 1000:.3f}, prompt included: {_met(warm['context_and_prompt_ms'] < 500)}",
        ),
        (
            "memory and state",
            _range(before["persist"][:2]),
            _range(before["persist"][2:]),
            f"{warm['persist_ms'] / 1000:.4f}: {_met(warm['persist_ms'] < 100)}; the writer waits for it",
        ),
        (
            "all overhead",
            _range(before["overhead"][:2]),
            _range(before["overhead"][2:]),
            f"{warm['overhead_ms'] / 1000:.3f}: {_met(warm['overhead_ms'] < 3000)}, but without the two rows that are not Planmark's",
        ),
    ]
    return [*lines, *table(("component", "before", "hoped for", "Planmark, warm"), rows)]


def _range(values: list[float]) -> str:
    low, high = values
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def _met(true: bool) -> str:
    return "met" if true else "missed"
