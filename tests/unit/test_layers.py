"""The architecture: layers import in one direction, and only a few layers touch the world outside the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from conftest import REPOSITORY
from source_facts import SourceFacts, facts_of, source_facts

PACKAGE = REPOSITORY / "server" / "planmark"
LAYERS = (
    *(
        "storage",
        "metrics",
        "text",
        "markdown",
        "plans",
        "workspace",
        "coordination",
        "diagnostics",
        "prompts",
        "queries",
        "ide",
        "formats",
    ),
    *("lsp", "cli", "run", "mcp", "board"),
)
BESIDE = {("prompts", "diagnostics")}
"""Pairs of layers on one level that must not import each other."""
BY_NAME = "formats"
"""The layer that no other layer imports: `plans/registry.py` finds its modules by name."""
METHODOLOGY = "planmark.formats.planmark"
INSIDE = {
    "documents": "plans",
    "ownership": "workspace",
    "workflow": "workspace",
    "rules": "diagnostics",
    "prompts": "prompts",
    "commands": "queries",
    "editor": "ide",
}
"""The folders of `formats/planmark/`, from the lowest to the highest → the highest layer of the core that each may import."""
MODEL = "plans"
"""The highest layer of the core that other formats may import."""
FINDS_BY_NAME = frozenset({"plans/registry.py", "lsp/factory.py", "cli/dispatch.py"})
"""The modules that import others by name: formats, the handlers of the server, and the commands."""
REGISTRY = "planmark.lsp.handlers.registry"
"""The only module of `lsp/handlers/` that the rest of `lsp` may import."""
ONLY_IN = {
    "tree_sitter": ("markdown",),
    "tree_sitter_markdown": ("markdown",),
    "pygls": ("lsp",),
    "lsprotocol": ("lsp",),
    "rich": ("cli",),
    **dict.fromkeys(("mcp", "mcp_types", "anyio", "pydantic"), ("mcp",)),
    "prometheus_client": ("metrics", "lsp"),
}
TOUCHES_THE_WORLD = ("storage", "workspace", "lsp", "cli", "run", "mcp", "board")
WORLDLY_MODULES = frozenset({"os", "time", "datetime", "subprocess", "socket", "shutil", "tempfile"})
WORLDLY_CALLS = frozenset({"open", "print", "input", "read_text", "write_text", "read_bytes", "write_bytes"})
IMPORTING_CALLS = frozenset({"import_module", "__import__", "find_spec", "exec_module"})
ALLOWED = {("formats/planmark/documents/dates.py", "datetime"), ("text/day_ranges.py", "datetime")}
"""A module may use the calendar to check dates; it does not read the clock."""
MAX_LINES = 500


def inner_offences(path: str, imports: Iterable[str]) -> Iterator[str]:
    """Yield the imports of a module in `formats/planmark/` that run upwards, inside that folder or in the core."""
    folder = path.removeprefix("formats/planmark/").split("/")[0]
    if path.startswith("formats/") and not path.startswith("formats/planmark/"):
        above = LAYERS[LAYERS.index(MODEL) + 1 :]
        yield from (
            f"{path} imports {name}"
            for name in imports
            if name.startswith("planmark.") and name.split(".")[1] in set(above) - {BY_NAME}
        )
    if not path.startswith("formats/planmark/") or folder not in INSIDE:
        return
    inside = list(INSIDE)
    for name in imports:
        parts = name.removeprefix(f"{METHODOLOGY}.").split(".")
        if name.startswith(f"{METHODOLOGY}."):
            upwards = parts[0] in inside and inside.index(parts[0]) > inside.index(folder)
        else:
            layer = parts[1] if parts[0] == "planmark" and len(parts) > 1 else ""
            upwards = layer in LAYERS and LAYERS.index(layer) > LAYERS.index(INSIDE[folder])
        if upwards:
            yield f"formats/planmark/{folder} imports {name}"


def late_imports(path: str, facts: SourceFacts) -> Iterator[str]:
    """Yield what a module imports by name without being in `FINDS_BY_NAME`, and the names of formats outside `formats/`."""
    if not path.startswith("formats/") and path != "plans/registry.py":
        yield from (f"{path} names {text}" for text in facts.format_modules)
    if path not in FINDS_BY_NAME:
        yield from (f"{path} calls {called}" for called in sorted(facts.calls & IMPORTING_CALLS))


def offences(path: str, facts: SourceFacts) -> list[str]:
    """Return the rules of its layer that the module at `path` (relative to the package) breaks."""
    layer = path.split("/")[0] if "/" in path else ""
    found = [*inner_offences(path, facts.imports), *late_imports(path, facts)]
    for name in facts.imports:
        parts = name.split(".")
        if layer in LAYERS and parts[0] == "planmark" and len(parts) > 1 and parts[1] in LAYERS:
            upwards = LAYERS.index(parts[1]) > LAYERS.index(layer)
            by_name_only = parts[1] == BY_NAME and layer != BY_NAME
            if upwards or by_name_only or (layer, parts[1]) in BESIDE:
                found.append(f"{layer} imports {name}")
        in_core = path.startswith("lsp/") and not path.startswith("lsp/handlers/")
        if in_core and name.startswith("planmark.lsp.handlers") and name != REGISTRY:
            found.append(f"the core of lsp imports {name}")
        if parts[0] in ONLY_IN and layer not in ONLY_IN[parts[0]]:
            found.append(f"{name} is imported outside {' and '.join(ONLY_IN[parts[0]])}")
        worldly = parts[0] in WORLDLY_MODULES and (path, parts[0]) not in ALLOWED
        if layer in LAYERS and layer not in TOUCHES_THE_WORLD and worldly:
            found.append(f"{layer} imports {name}")
    if layer in LAYERS and layer not in TOUCHES_THE_WORLD:
        found += [f"{layer} calls {called}" for called in sorted(facts.calls & WORLDLY_CALLS)]
    if facts.lines > MAX_LINES:
        found.append(f"{facts.lines} lines")
    return found


@pytest.mark.parametrize("folder", ["", *LAYERS])
def test_the_modules_of_a_folder_keep_to_their_layer(folder: str) -> None:
    paths = (PACKAGE / folder).rglob("*.py") if folder else PACKAGE.glob("*.py")
    found = {path.relative_to(PACKAGE).as_posix(): facts_of(path) for path in sorted(paths)}
    assert found
    assert {path: offences(path, facts) for path, facts in found.items() if offences(path, facts)} == {}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("text/lines.py", "from planmark.markdown.sections import split"),
        ("markdown/sections.py", "from planmark.plans.model import Step"),
        ("formats/planmark/documents/plan.py", "import planmark.formats.planmark.workflow.plan_state"),
        ("prompts/prompt.py", "from planmark.diagnostics.engine import check"),
        ("formats/planmark/documents/plan.py", "from planmark.workspace.snapshot import Snapshot"),
        ("formats/planmark/workflow/plan_state.py", "from planmark.formats.planmark.rules import RULES"),
        ("formats/planmark/rules/state.py", "from planmark.prompts.prompt import next_prompt"),
        ("formats/kiro/rules.py", "from planmark.workspace.snapshot import Snapshot"),
        ("storage/paths.py", "from planmark.formats.planmark.documents.document import Document"),
        ("cli/main.py", "importlib.import_module(name)"),
        ("formats/kiro/rules.py", "import_module(name)"),
        ("queries/sarif.py", "NAME = 'planmark.formats.planmark.rules'"),
        ("queries/sarif.py", "def late():\n    from planmark.formats.kiro import FORMAT"),
        ("cli/main.py", "from planmark import formats"),
        ("formats/planmark/documents/plan.py", "import tree_sitter"),
        ("formats/planmark/workflow/plan_state.py", "import time"),
        ("diagnostics/engine.py", "print(1)"),
        ("prompts/render.py", "path.read_text()"),
        ("lsp/server.py", "from planmark.lsp.handlers.hover import handle"),
        ("lsp/server.py", "from planmark.lsp.handlers import hover"),
        ("cli/main.py", "import pygls"),
        ("cli/dispatch.py", "from mcp.server.lowlevel import Server"),
        ("queries/next.py", "import mcp_types as types"),
        ("cli/commands/serve.py", "from planmark.mcp.server import serve"),
        ("cli/main.py", "import prometheus_client"),
        ("metrics/recorder.py", "import time"),
        ("metrics/recorder.py", "from planmark.text.lines import Position"),
        ("cli/main.py", "x\n" * (MAX_LINES + 1)),
    ],
)
def test_the_check_can_fail(path: str, source: str) -> None:
    assert offences(path, source_facts(source))


def import_graph(modules: dict[str, SourceFacts]) -> dict[str, set[str]]:
    """Return module → modules that it imports, anywhere in its source. `modules` holds them by their dotted names."""
    # A package names itself to import its own modules.
    return {module: (facts.named & modules.keys()) - {module} for module, facts in modules.items()}


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of an import cycle, the first one again at the end; [] without a cycle."""
    finished: set[str] = set()

    def search(path: list[str]) -> list[str]:
        for module in sorted(graph[path[-1]] - finished):
            if module in path:
                return [*path[path.index(module) :], module]
            if found := search([*path, module]):
                return found
        finished.add(path[-1])
        return []

    return next((found for module in sorted(graph) if (found := search([module]))), [])


def test_the_imports_have_no_cycle() -> None:
    paths = {path.relative_to(PACKAGE.parent).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
    modules = {".".join(name.parts).removesuffix(".__init__"): facts_of(path) for name, path in paths.items()}
    assert " -> ".join(cycle(import_graph(modules))) == ""


@pytest.mark.parametrize(
    "late",
    [
        "from planmark.a import one",
        "from planmark import a",
        "import planmark.a",
        "def late():\n    from planmark.a import one",
        "if TYPE_CHECKING:\n    from planmark.a import one",
    ],
)
def test_a_cycle_is_found(late: str) -> None:
    sources = {"planmark.a": "from planmark.b import two", "planmark.b": "import planmark.c", "planmark.c": late}
    modules = {name: source_facts(source) for name, source in sources.items()}
    assert cycle(import_graph(modules)) == ["planmark.a", "planmark.b", "planmark.c", "planmark.a"]
    assert cycle(import_graph({**modules, "planmark.c": source_facts("import os")})) == []


def test_every_folder_is_a_layer() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(LAYERS)
