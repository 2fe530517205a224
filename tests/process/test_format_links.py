"""The work of links, details and prompts grows in proportion to the documents."""

from __future__ import annotations

import time

import pytest

from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import FOLDERS, SAMPLES
from work_growth import LIMIT, counted, growth


def grown(name: str, n: int) -> FormatWorkspace:
    """Return a plan with n tasks, each of which names things in other documents."""
    folder = FOLDERS[name]
    numbers = range(1, n + 1)
    files = {
        "openspec": {
            "tasks.md": "".join(f"- [ ] 1.{at} Do (D{at}) after task 1.{at - 1} in `x/y{at}.py`\n" for at in numbers),
            "design.md": "".join(f"### D{at}: Choose\n\n`x/y{at}.py`\n\n" for at in numbers),
            "specs/a/spec.md": "".join(f"### Requirement: Sell {at}\n\nThe till SHALL sell.\n\n" for at in numbers),
        },
        "kiro": {
            "tasks.md": "".join(
                f"- [ ] {at}. Do\n  - _Requirements: {at}.1_\n  - **Property {at}**\n" for at in numbers
            ),
            "requirements.md": "".join(f"### Requirement {at}: Sell\n\n1. The till SHALL sell.\n\n" for at in numbers),
            "design.md": "".join(f"### Property {at}: Sells\n\nAlways.\n\n" for at in numbers),
        },
        "speckit": {
            "tasks.md": "".join(f"- [ ] T{at:03} [US1] Do FR-{at:03} (depends on T{at - 1:03})\n" for at in numbers),
            "spec.md": "### User Story 1 - Sell\n\n" + "".join(f"- **FR-{at:03}**: MUST sell\n" for at in numbers),
        },
    }[name]
    return FormatWorkspace(format_named(name), {f"{folder}/{path}": text for path, text in files.items()})


@pytest.mark.parametrize("name", FOLDERS)
def test_work_grows_with_the_documents(name: str) -> None:
    def cost(n: int) -> int:
        workspace = grown(name, n)
        (feature,) = workspace.sites
        plan, state = workspace.input(feature), workspace.state(feature)
        item = state.achievements[n // 2]

        def work() -> None:
            workspace.format.prompt(plan, state, state.next)
            workspace.format.details(plan, state, item)
            workspace.format.explain(plan, state, item)
            for path in plan.documents:
                assert workspace.format.links(plan, path) is not None

        return counted(work)

    cost(2)
    assert growth(*(cost(n) for n in (50, 100, 200))) <= LIMIT


@pytest.mark.parametrize(
    "piece", ["a-", "a/", "aB", "`", '"', "1.", "1.1, ", "specs/a/", "D1 ", "T001", "US1,", "Requirement 1", "_", "- ["]
)
@pytest.mark.parametrize("name", FOLDERS)
def test_a_long_line_takes_no_long_time(name: str, piece: str) -> None:
    folder = FOLDERS[name]
    files = SAMPLES[name] | {f"{folder}/tasks.md": f"- [ ] 1. Go {piece * (40_000 // len(piece))}\n"}
    workspace = FormatWorkspace(format_named(name), files)
    feature = folder.rpartition("/")[2]
    plan, state = workspace.input(feature), workspace.state(feature)
    before = time.process_time()
    workspace.format.links(plan, f"{folder}/tasks.md")
    workspace.format.prompt(plan, state, state.next)
    assert time.process_time() - before < 1
