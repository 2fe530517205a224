"""The work of every analysis grows at most as n log n with the input, for every kind of input, doubled.

The test counts the executed lines of the package, not time. Linear work adds twice as much from 2n to 4n as from n to
2n; quadratic work adds four times as much.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from check_cases import PLAN, TWO
from fixture import write_files
from growing import INPUTS, Files
from planmark.coordination import file_overlap
from planmark.formats.planmark.commands.adopt import proposals
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.editor.call_hierarchy import dependencies, dependents
from planmark.formats.planmark.editor.code_lens import lenses
from planmark.formats.planmark.editor.commands import commands
from planmark.formats.planmark.editor.completion import complete
from planmark.formats.planmark.editor.hover import hover
from planmark.formats.planmark.editor.inlay_hints import hints
from planmark.formats.planmark.editor.navigation import links, references
from planmark.formats.planmark.editor.outline import outline
from planmark.formats.planmark.editor.references import target_defined_on
from planmark.formats.planmark.editor.rename import rename_achievement, rename_feature
from planmark.ide.code_actions import repairs
from planmark.ide.document import EditorDocument
from planmark.ide.features import RenameRefusedError
from planmark.ide.symbols import search
from planmark.markdown.parsed_source import clear_caches
from planmark.plans.model import STEPS_ON_DEMAND
from planmark.queries.api_types import diagnostic_result
from planmark.queries.explain import explain
from planmark.queries.graph import graph_result
from planmark.queries.graph_drawing import dot, mermaid
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.sarif import sarif_log
from planmark.queries.status_result import workspace_result
from planmark.queries.work_history import history_result
from planmark.queries.work_report import report_result
from planmark.queries.workspace_view import View, build_view
from planmark.text.pluralize import counted_noun as in_words
from planmark.workspace.index import Index
from work_growth import LIMIT, counted, growth

SIZES = (32, 64, 128)


def _prompts(view: View) -> Iterator[str]:
    for files in view.snapshot.plans[:2]:
        for step in (None, *STEPS_ON_DEMAND):
            try:
                yield prompt_of(view, files, None, step, token_budget=10**9).prompt
            except NoAnswerError:
                continue


def _why(view: View) -> list[object]:
    plans = [(plan, view.state(plan.path).achievements) for plan in view.snapshot.plans[:2]]
    return [explain(view, plan, achievements[0]) for plan, achievements in plans if achievements]


def _graphs(view: View) -> None:
    for files in view.snapshot.plans[:2]:
        graph = graph_result(view, files.path)
        mermaid(graph)
        dot(graph)


def _pages(view: View) -> Iterator[EditorDocument]:
    return (EditorDocument(view, path) for path in list(view.snapshot.documents)[:2])


def _first_line(page: EditorDocument) -> int:
    """Return the line that defines the first achievement of a page, or its first line."""
    return min(page.achievement_ids_by_line, default=0)


def _renames(view: View) -> None:
    for files in view.snapshot.plans[:1]:
        page = EditorDocument(view, files.path)
        target = target_defined_on(page, _first_line(page))
        try:
            if target is not None:
                rename_achievement(view, target, "98.98")
            rename_feature(view, files, "OTHER")
        except RenameRefusedError:
            continue


def _hierarchy(view: View) -> None:
    for page in _pages(view):
        target = target_defined_on(page, _first_line(page))
        if target is not None:
            dependencies(page, target)
            dependents(page, target)


def _of_pages(answer: Callable[[EditorDocument], object]) -> Callable[[View], object]:
    return lambda view: [answer(page) for page in _pages(view)]


ANALYSES: dict[str, Callable[[View], object]] = {
    "judge": lambda view: [view.evaluations[files.path] for files in view.snapshot.plans],
    "check": lambda view: view.diagnostics,
    "findings as JSON": lambda view: [diagnostic_result(view, found) for found in view.diagnostics],
    "SARIF": lambda view: sarif_log("/w", [diagnostic_result(view, found) for found in view.diagnostics]),
    "code actions": _of_pages(lambda page: (repairs(page, 0, 10**9), commands(page, _first_line(page), 4))),
    "status as JSON": lambda view: msgspec.json.encode(workspace_result(view)),
    "prompts": lambda view: list(_prompts(view)),
    "why": _why,
    "graph": _graphs,
    "history": lambda view: report_result(view, history_result(view, "2026-01-20"), "2026-01-01"),
    "adopt": lambda view: [proposals(view, files, None, "Ada", "2026-01-01") for files in view.snapshot.plans[:2]],
    "inlay hints": _of_pages(lambda page: hints(page, 0, 10**9)),
    "lenses": _of_pages(lenses),
    "symbols": _of_pages(lambda page: outline(page, includes_headings=True)),
    "workspace symbols": lambda view: search(view, "pay"),
    "links": _of_pages(links),
    "hover": _of_pages(lambda page: hover(page, _first_line(page), 4, lambda path, _: path, lambda *_: None)),
    "completion": _of_pages(lambda page: complete(page, _first_line(page), 4)),
    "references": _of_pages(lambda page: references(page, _first_line(page), 4, includes_definition=True)),
    "call hierarchy": _hierarchy,
    "rename": _renames,
}
"""Analysis → the function that runs it on an indexed workspace. Each, and reading, is at most n log n."""


def written(make: Callable[[int], Files], n: int, folder: Path) -> Files:
    """Write the files with `n` of an input into a folder, and return them."""
    # The caches of sections, titles, names and paths must not hold results of a different size.
    clear_caches()
    parse_name.cache_clear()
    file_overlap._keys_of_claim.cache_clear()
    file_overlap._keys_in_conflict.cache_clear()
    files = {path: text.replace("Thing", f"Thing of {n}") for path, text in make(n).items()}
    write_files(folder, files)
    return files


def costs(make: Callable[[int], Files], n: int, folder: Path) -> dict[str, int]:
    """Return the work of reading `n` of an input, and of every analysis of it."""
    files, index = written(make, n, folder), Index(folder, {"index.processes": 1})
    found = {"read": counted(index.refresh)}
    view = build_view(index.snapshot(), files.__getitem__, exists=index.exists)
    for name, analysis in ANALYSES.items():
        found[name] = counted(lambda analysis=analysis: analysis(view))  # type: ignore[misc]
    return found


FACTORS = {
    **dict.fromkeys(("a range in each", "a range that each blocks", "ranges in another plan", "suppressions"), 2),
    **dict.fromkeys(("marks of a merge", "statuses of an execution", "iterations of an execution"), 8),
}
"""Kind → the factor for its sizes, if few of it are treated differently: ranges below their bound, and documents that a
prompt quotes whole.
"""


@pytest.mark.parametrize("kind", INPUTS)
def test_work_grows_no_faster_than_n_log_n(kind: str, tmp_path: Path) -> None:
    costs(INPUTS[kind], 2, tmp_path / "warm")
    scale = FACTORS.get(kind, 1)
    small, double, large = (costs(INPUTS[kind], scale * n, tmp_path / str(n)) for n in SIZES)
    faster = {name: (small[name], double[name], large[name]) for name in small}
    assert {name: three for name, three in faster.items() if growth(*three) > LIMIT} == {}


def test_the_square_is_noticed() -> None:
    def square(n: int) -> int:
        return counted(lambda: [in_words(at, "line") for at in range(n * n)])

    def line(n: int) -> int:
        return counted(lambda: [in_words(at, "line") for at in range(n * 100)])

    assert growth(*map(square, SIZES)) > LIMIT >= growth(*map(line, SIZES))


def test_a_square_beside_much_that_is_linear_is_noticed() -> None:
    def both(n: int) -> int:
        return counted(lambda: [in_words(at, "line") for at in range(200 * n + n * n)])

    assert growth(*map(both, SIZES)) > LIMIT


MEMORY = 3
"""The same as `LIMIT`, for bytes; it is larger because tables grow in steps."""
HELD = ("ranges of claims", "a range in each", "mentions of ids", "a range that each blocks", "claims of a priority")


def held(make: Callable[[int], Files], n: int, folder: Path) -> int:
    """Return the peak memory of a workspace and its states, in bytes."""
    files, index = written(make, n, folder), Index(folder, {"index.processes": 1})
    tracemalloc.start()
    try:
        index.refresh()
        view = build_view(index.snapshot(), files.__getitem__, exists=index.exists)
        assert [view.evaluations[files.path] for files in view.snapshot.plans]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", HELD)
def test_memory_grows_no_faster_than_n_log_n(kind: str, tmp_path: Path) -> None:
    held(INPUTS[kind], 2, tmp_path / "warm")
    small, double, large = (held(INPUTS[kind], 4 * n, tmp_path / str(n)) for n in SIZES)
    assert (large - double) / (double - small) < MEMORY


def test_many_blanks_in_a_box_and_many_achievements_are_read(tmp_path: Path) -> None:
    """Check that the time does not grow faster than the input; a quadratic analysis would not finish."""
    achievements = "".join(f"\n**Achievement {n // 99}.{n % 99 + 1}**: A\n" for n in range(6000))
    write_files(tmp_path, {PLAN: f"{TWO}\n- [{' ' * 400_000}x\n{achievements}"})
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    assert len(view.snapshot.plans[0].facts.achievements) > 5900
