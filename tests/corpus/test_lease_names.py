"""The names of leases for every plan and item of real workspaces: git accepts them, and no two of a plan are equal."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from planmark.cli.workspace_access import fresh_view
from planmark.coordination.lease_names import path_component
from planmark.workspace.index import Index

AT_ONCE = 50


def workspaces(shared: Path) -> Iterator[Path]:
    yield shared / "context-manager"
    yield from sorted(path for path in (shared / "formats").glob("*/*") if path.is_dir())


def test_git_accepts_the_lease_of_every_item(shared: Path) -> None:
    parts: list[str] = []
    for workspace in workspaces(shared):
        view = fresh_view(Index(workspace))
        for plan in view.plans:
            items = {path_component(one.ref): one.ref for one in view.state(plan.path).achievements}
            assert len(items) == len({one.ref for one in view.state(plan.path).achievements}), plan.path
            parts += [path_component(plan.path), *items]
    assert len(parts) > 1000
    for some in [parts[at : at + AT_ONCE] for at in range(0, len(parts), AT_ONCE)]:
        ref = f"refs/planmark/leases/{'/'.join(some)}"
        assert subprocess.run(["git", "check-ref-format", ref], check=False).returncode == 0, ref
