"""`planmark doctor`: the installation and the workspace, with their problems."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import msgspec

from planmark import __version__
from planmark.cli.console import Cell, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE, PROBLEMS_FOUND
from planmark.cli.table import Column
from planmark.cli.workspace_access import root_of
from planmark.coordination.lease_rules import UNREADABLE_HOLD_SECONDS
from planmark.coordination.lease_store import LeaseStore
from planmark.queries.template_loader import TEMPLATES_SETTING, renderer_of
from planmark.storage.lease_files import LeaseFolderError
from planmark.storage.paths import WorkspaceError
from planmark.storage.timestamps import utc_text
from planmark.workspace.index import load_snapshot
from planmark.workspace.settings import Settings
from planmark.workspace.template_files import read_templates

LIBRARIES = (
    *("tree-sitter", "tree-sitter-markdown", "msgspec", "Jinja2", "rich"),
    *("pygls", "lsprotocol", "psutil", "platformdirs", "prometheus-client"),
)
UNREAD_WORK_CODE = "work-out-of-sight"
"""The code of the diagnostic for a plan with work that may be in unread folders."""
SLOW_READ_SECONDS = 5.0
"""If reading the workspace takes more seconds than this, the command proposes to exclude folders."""
COLUMNS = (
    Column(""),
    Column("CHECK", form="prose", min_width=16),
    Column("RESULT", form="prose", min_width=16),
    Column("ACTION", form="prose", min_width=20),
)


class DoctorResult(msgspec.Struct, frozen=True):
    """The result of one check. `wrong` says what to do about a problem; "" if there is no problem."""

    name: str
    value: str
    wrong: str = ""


Options = CommandOptions


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add no arguments, because the command has none."""


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The exit code is 1 if a check finds a problem."""
    results = [*_check_installation(), *_check_workspace(context.options)]
    rows: list[list[Cell]] = [
        [
            ("✗" if result.wrong else "✓", "red" if result.wrong else "green"),
            *((result.name, ""), (result.value, ""), (result.wrong, "red")),
        ]
        for result in results
    ]
    return CommandResult(PROBLEMS_FOUND if any(result.wrong for result in results) else DONE, table(COLUMNS, rows))


def _check_installation() -> Iterator[DoctorResult]:
    yield DoctorResult("planmark", __version__)
    yield DoctorResult("python", f"{platform.python_version()} ({sys.executable})")
    yield DoctorResult("system", f"{platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        try:
            yield DoctorResult(library, metadata.version(library))
        except metadata.PackageNotFoundError:
            yield DoctorResult(
                library, "missing", "reinstall planmark: python -m pip install --force-reinstall planmark"
            )
    encoding = sys.stdout.encoding or "none"
    remedy = "" if encoding.lower().replace("-", "") == "utf8" else "set PYTHONUTF8=1"
    yield DoctorResult("output encoding", encoding, remedy)


def _check_templates(root: Path, settings: Settings) -> Iterator[DoctorResult]:
    """Yield a result for each template that the workspace has in place of a template of Planmark."""
    if not settings[TEMPLATES_SETTING]:
        return
    messages_by_path = {diagnostic.path: diagnostic.message for diagnostic in renderer_of(root, settings)[1]}
    for template in read_templates(root, settings[TEMPLATES_SETTING]).values():
        yield DoctorResult("workspace template", template.path, messages_by_path.get(template.path, ""))


def _check_leases(root: Path) -> Iterator[DoctorResult]:
    """Yield a result for the folder of leases, and a result for each file of the folder that is no readable lease."""
    store = LeaseStore(root)
    try:
        lease_look = store.look()
    except LeaseFolderError as error:
        yield DoctorResult("leases", str(store.place.folder), str(error))
        return
    counts_text = f"{sum(map(len, lease_look.by_plan.values()))} not ended"
    if lease_look.unreadable_leases:
        counts_text += f", {len(lease_look.unreadable_leases)} cannot be read"
    yield DoctorResult("leases", f"{counts_text}, in {store.place.folder}")
    for stored_lease in lease_look.unreadable_leases:
        held_until = stored_lease.write_time + UNREADABLE_HOLD_SECONDS
        hold_note = f"; it counts as held until {utc_text(held_until)}" if lease_look.now <= held_until else ""
        yield DoctorResult(
            "lease", str(store.path_of(stored_lease.key)), f"it cannot be read: {stored_lease.problem}{hold_note}"
        )


def _check_workspace(options: CommandOptions) -> Iterator[DoctorResult]:
    try:
        root = root_of(options)
    except WorkspaceError as error:
        yield DoctorResult("workspace", options.workspace or os.curdir, str(error))
        return
    started = time.perf_counter()
    snapshot = load_snapshot(root)
    seconds = time.perf_counter() - started
    yield DoctorResult("workspace", str(root))
    yield DoctorResult(
        "settings",
        snapshot.settings.source or "none (defaults)",
        "; ".join(warning.message for warning in snapshot.settings.warnings),
    )
    plan_count = len(snapshot.plans) + len(snapshot.sites)
    yield DoctorResult("plans", str(plan_count), "" if plan_count else "create a PLAN_<FEATURE>.md")
    yield from _check_templates(root, snapshot.settings)
    misnamed_count, rejected_count = len(snapshot.misnamed), len(snapshot.not_plans)
    yield DoctorResult("documents", str(len(snapshot.paths) - misnamed_count - rejected_count))
    rename_command = "planmark check --select document-name,plan-name" if misnamed_count else ""
    yield DoctorResult("files not read", f"{misnamed_count} misnamed, {rejected_count} not plans", rename_command)
    yield DoctorResult("folders excluded by .gitignore or files.exclude", str(snapshot.ignored_folders))
    plans_with_unread_work = [f"@{plan.feature}" for plan in snapshot.plans if plan.skipped]
    check_command = f"planmark check --select {UNREAD_WORK_CODE}" if plans_with_unread_work else ""
    yield DoctorResult(
        "plans with work that may be in unread folders", ", ".join(plans_with_unread_work[:5]) or "0", check_command
    )
    yield DoctorResult("other checkouts, not read", ", ".join(snapshot.checkouts[:5]) or "0")
    remedy = "exclude folders with `files.exclude` in planmark.toml" if seconds > SLOW_READ_SECONDS else ""
    yield DoctorResult("time to read the workspace", f"{seconds:.2f} s", remedy)
    yield from _check_leases(root)
    for problem in snapshot.problems:
        if problem.code != "configuration":
            yield DoctorResult(problem.code, problem.path, problem.message)
