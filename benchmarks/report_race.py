"""Section of the page about the race: from its results to Markdown."""

from __future__ import annotations

from benchmarks.report_sections import shown_figure, shown_seconds, table
from benchmarks.targets import Results

NAMES = {
    "bare": "bare pygls",
    "planmark": "Planmark",
    "markdown": "Markdown server of VS Code",
    "oxide": "markdown-oxide",
}
FIGURES = {
    "initialize_s": "spawn → initialize",
    "ready_s": "ready",
    "edit_to_diagnostics": "edit → diagnostics",
    "hover_after_edit": "hover after an edit",
    "symbols_after_edit": "symbols after an edit",
    "references_first_s": "references, first",
    "references_again_s": "references, again",
    "storm_hover": "hover in a storm of edits",
    "memory_bytes": "memory",
}
OXIDE = (
    "markdown-oxide is a language server for knowledge bases of Markdown files. It runs only where its binary is on the path. It",
    "indexes all files before it answers `initialize`, and is ready when it finds headings. It publishes diagnostics after each edit,",
    "where the other servers answer a request for them. It takes the whole text with every edit, the others take the changed part. For",
    "all servers, a time after an edit begins before the client sends the edit.",
    "",
)
"""Lines about markdown-oxide, for results of a race that it entered."""


def race(results: Results) -> list[str]:
    """Return the section about the race: the speed of each server on the same files."""
    entered = {name for found in results["race"].values() for name in found}
    others = "other three" if "oxide" in entered else "other two"
    lines = [
        "## The race",
        "",
        "All servers do the same operations on the same workspace, for one client over raw JSON-RPC. Pairs are p50 / p99. The bare",
        "server is the floor. The Markdown server is the one inside VS Code (`vscode-markdown-languageserver`), behind a client that",
        "answers it as VS Code does. It does a different job over the same files: it checks links and headings. Planmark is ready when",
        "it has answered the state of every plan, the Markdown server when it has searched the headings of all files, and the bare",
        f"server when it is initialized. References are those of an achievement in Planmark, and of a heading in the {others}. The",
        "open document is a PLAN of 3,000 lines. In the storm, the client types 60 letters a second and asks for a hover at every",
        "sixth.",
        "",
        *(OXIDE if "oxide" in entered else ()),
    ]
    for size, found in sorted(results["race"].items(), key=lambda item: int(item[0])):
        floors = found["floors"]
        lines += [
            f"**{floors['files']:,} files, {floors['bytes'] / 1e6:,.0f} MB, {floors['plans']:,} plans** "
            f"(only walking and stat-ing them takes {shown_seconds(floors['walk_and_stat_s'])}, walking and reading {shown_seconds(floors['walk_and_read_s'])})",
            "",
        ]
        runners = [name for name in NAMES if name in found]
        rows = [(title, *(shown_figure(name, found[runner]) for runner in runners)) for name, title in FIGURES.items()]
        lines += table(("", *(NAMES[name] for name in runners)), rows)
        for name in runners:
            for word in ("gave_up", "absent"):
                if word in found[name]:
                    lines += [f"{NAMES[name]} at {int(size):,} files: {found[name][word]}.", ""]
    return [*lines, *_growth(results)]


def _growth(results: Results) -> list[str]:
    """Return how much slower each server is in the largest workspace than in the smallest."""
    sizes = sorted(results["race"], key=int)
    small, large = (results["race"][size] for size in (sizes[0], sizes[-1]))
    runners = [name for name in NAMES if name in small and name in large]
    names = ("edit_to_diagnostics", "hover_after_edit", "symbols_after_edit")
    rows = []
    for runner in runners:
        pairs = [(small[runner].get(name), large[runner].get(name)) for name in names]
        grown = (f"{after['p50_ms'] / before['p50_ms']:.1f} ×" if before and after else "–" for before, after in pairs)
        rows.append((NAMES[runner], *grown))
    return [
        f"Growth, {int(sizes[-1]):,} against {int(sizes[0]):,} files, p50:",
        "",
        *table(("", *(FIGURES[name] for name in names)), rows),
    ]
