"""The formats are pure, and their work grows in proportion to the text.

Work is counted in executed lines of the package, as in `work_growth.py`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import REPOSITORY
from planmark.formats.registered import FORMATS
from unit.formats.plan_files import plans
from work_growth import LIMIT, counted, growth

FOLDER = REPOSITORY / "server" / "planmark" / "formats"
PURE = ("checkbox", "openspec", "kiro", "speckit", "superpowers", "gsd", "featureplanner")
"""The folders of the reader and the checkbox formats."""
MAY_IMPORT = ("planmark.text", "planmark.markdown", "planmark.plans", "planmark.formats.checkbox", "msgspec")
WORLDLY = frozenset({"os", "io", "time", "datetime", "pathlib", "subprocess", "socket", "random", "tempfile"})
SIZES = (60, 120, 240)
OPENSPEC, KIRO, SPECKIT = "openspec/changes/x/tasks.md", ".kiro/specs/x/tasks.md", "specs/001-x/tasks.md"
SUPERPOWERS = "docs/superpowers/plans/2026-01-02-cart.md"


@pytest.mark.parametrize(
    "path",
    [path for name in PURE for path in sorted((FOLDER / name).rglob("*.py"))],
    ids=lambda path: path.relative_to(FOLDER).as_posix(),
)
def test_a_format_imports_only_the_core_and_itself(path: Path) -> None:
    own = f"planmark.formats.{path.relative_to(FOLDER).parts[0]}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
        for name in names:
            assert name.split(".")[0] not in WORLDLY, f"line {node.lineno}"  # type: ignore[attr-defined]
            if name.startswith("planmark"):
                assert name.startswith((own, *MAY_IMPORT)), f"line {node.lineno}"  # type: ignore[attr-defined]


def _waves(n: int) -> str:
    return "```json\n" + json.dumps({"waves": [[f"{at}.1"] for at in range(n)]}) + "\n```\n"


INPUTS: dict[str, Callable[[int], str]] = {
    "flat": lambda n: "".join(f"- [ ] {at}. A\n- [x] {at}.1 B\n" for at in range(n)),
    "without ids": lambda n: "- [ ] A\n" * n,
    "with one id": lambda n: "- [x] 1.1 A\n" * n,
    "nested": lambda n: "".join(f"- [x] {at}. A\n  - [ ] {at}.1 B\n    - _Requirements: 1.1_\n" for at in range(n)),
    "deep": lambda n: "".join(f"{' ' * (at % 40)}- [ ] A\n" for at in range(n)),
    "groups": lambda n: "".join(f"## {at}. A\n- [x] {at}.1 B\n### Phase {at}: C\n- [ ] {at}.2 D\n" for at in range(n)),
    "dependencies": lambda n: "".join(
        f"- [ ] {at}. A\n  - _Depends: {', '.join(map(str, range(9)))}_\n" for at in range(n)
    ),
    "a chain": lambda n: "".join(f"- [ ] {at + 1}. A\n  - _Depends: {at}_\n" for at in range(n)),
    "waves": lambda n: "".join(f"- [ ] {at}.1 A\n" for at in range(n)) + _waves(n),
    "unclosed fences": lambda n: "````\n- [ ] 1. A\n" + "```a\n- [ ] 2. B\n" * n,
    "markdown fences": lambda n: "```markdown\n```js\n```\n- [ ] 1. A\n" * n,
    "unclosed comments": lambda n: "- [ ] A <!-- b\n" * n,
    "comments": lambda n: "- [ ] A <!-- b\n-->\n" * n,
    "conflicts": lambda n: "<<<<<<< a\n- [ ] 1. A\n=======\n- [x] 1. A\n>>>>>>> b\n" * n,
    "files": lambda n: "".join(f"- [x] {at}. Create `a/b{at}.py` and `a/c{at}.py`\n" for at in range(n)),
    "boxes in one line": lambda n: "- [ ] " * n,
    "unboxed": lambda n: "- [ ] 1.1 A\n" + "".join(f"- 2.{at} B\n" for at in range(n)),
}


@pytest.mark.parametrize("path", [OPENSPEC, KIRO])
@pytest.mark.parametrize("kind", INPUTS)
def test_work_grows_with_the_text(kind: str, path: str) -> None:
    name = "openspec" if path == OPENSPEC else "kiro"
    plans(name, {path: INPUTS[kind](4)})
    small, double, large = (counted(lambda n=n: plans(name, {path: INPUTS[kind](n)})) for n in SIZES)  # type: ignore[misc]
    assert growth(small, double, large) <= LIMIT, (small, double, large)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "".join(f"### Task {at}: A\n\n- Create: `a/{at}.py`\n\n- [x] **Step 1: B**\n" for at in range(n)),
        lambda n: "### Task 1: A\n\n" + "- [ ] **Step 1: B**\n" * n,
        lambda n: "### Task 1: A\n\n" + "```markdown\n- [ ] B\n" * n,
        lambda n: "- [ ] A\n" * n,
        lambda n: "".join(f"## Phase {at}: A\n\n- [ ] B\n" for at in range(n)),
    ],
    ids=["tasks", "steps", "open fences", "boxes", "phases"],
)
def test_work_grows_with_a_plan_of_superpowers(make: Callable[[int], str]) -> None:
    def cost(n: int) -> int:
        text = make(n)
        return counted(lambda: plans("superpowers", {SUPERPOWERS: text}))

    cost(2)
    assert growth(*(cost(n) for n in (100, 200, 400))) <= LIMIT


HOSTILE = (
    *("- [" + " " * 50_000, "- [ ] " + "*" * 50_000, "- [ ] " + "1." * 25_000, "- [ ] " + "a/" * 25_000 + ".b"),
    *("- [ ] Create " + "`a/b.c` " * 5_000, "# " + " " * 50_000 + "x", "# " + "# " * 25_000, "- " * 25_000 + "```"),
    *("- [ ] Write " + "to " * 15_000, "- [ ] a (" * 5_000, "- [ ] " + "~" * 50_000, "- [ ] x " + "<!-- " * 10_000),
    *("- [ ] 1. a\n  - _Requirements: " + "1.1-" * 10_000, "- [ ] 1. a\n  - " + "a" * 50_000 + ":", "`" * 50_000),
    *("- [ ] 1. a\n  - _Depends: " + "(" * 25_000, "- [ ] " + "— " * 25_000, "- [ ] " + "(" * 25_000, "1" * 50_000),
    *(
        "- [ ] Create " + "a.b/" * 15_000,
        "- [ ] Create " + ("a" * 79 + "/") * 600,
        "- [ ] 1. " + "（" * 20_000,
        "<!--" * 9_000,
    ),
    "- [ ] T001 [P] " + "[US1] " * 8_000,
    *(
        "## " + "1." * 20_000,
        "- [ ] " + "（x，" * 15_000,
        "- [ ] " + "(optional - if " * 4_000,
        "- [ ] " + "(a - " * 9_000,
    ),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_long_line_is_read(text: str) -> None:
    for known, path in (("openspec", OPENSPEC), ("kiro", KIRO), ("speckit", SPECKIT)):
        assert known in {format_.name for format_ in FORMATS}
        plans(known, {path: text, path.replace("tasks.md", "requirements.md"): text})
