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
from planmark.cli.console import Cell, print_table
from planmark.cli.errors import DONE, FOUND
from planmark.cli.table import Column
from planmark.cli.workspace_access import root_of
from planmark.queries.template_loader import SETTING, renderer_of
from planmark.storage.paths import WorkspaceError
from planmark.workspace.index import load
from planmark.workspace.settings import Settings
from planmark.workspace.template_files import read_templates

LIBRARIES = (
    *("tree-sitter", "tree-sitter-markdown", "msgspec", "Jinja2", "rich"),
    *("pygls", "lsprotocol", "psutil", "platformdirs", "prometheus-client"),
)
UNREAD_WORK = "work-out-of-sight"
SLOW_SECONDS = 5.0
COLUMNS = (
    Column(""),
    Column("CHECK", form="prose", least=16),
    Column("RESULT", form="prose", least=16),
    Column("ACTION", form="prose", least=20),
)


class Finding(msgspec.Struct, frozen=True):
    """A checked fact; `wrong` says what to do, or is "" if nothing is wrong."""

    name: str
    value: str
    wrong: str = ""


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(args: argparse.Namespace) -> int:
    """Run the command. The exit code is 1 if something is wrong."""
    findings = [*_installed(), *_found(args)]
    rows: list[list[Cell]] = [
        [("✗" if f.wrong else "✓", "red" if f.wrong else "green"), (f.name, ""), (f.value, ""), (f.wrong, "red")]
        for f in findings
    ]
    print_table(COLUMNS, rows)
    return FOUND if any(finding.wrong for finding in findings) else DONE


def _installed() -> Iterator[Finding]:
    yield Finding("planmark", __version__)
    yield Finding("python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("system", f"{platform.system()} {platform.machine()}")
    for library in LIBRARIES:
        try:
            yield Finding(library, metadata.version(library))
        except metadata.PackageNotFoundError:
            yield Finding(library, "missing", "reinstall planmark: python -m pip install --force-reinstall planmark")
    encoding = sys.stdout.encoding or "none"
    wrong = "" if encoding.lower().replace("-", "") == "utf8" else "set PYTHONUTF8=1"
    yield Finding("output encoding", encoding, wrong)


def _templates(root: Path, settings: Settings) -> Iterator[Finding]:
    """Yield the workspace's own templates, which replace Planmark's prompts."""
    if not settings[SETTING]:
        return
    broken = {found.path: found.message for found in renderer_of(root, settings)[1]}
    for template in read_templates(root, settings[SETTING]).values():
        yield Finding("workspace template", template.path, broken.get(template.path, ""))


def _found(args: argparse.Namespace) -> Iterator[Finding]:
    try:
        root = root_of(args)
    except WorkspaceError as error:
        yield Finding("workspace", args.workspace or os.curdir, str(error))
        return
    started = time.perf_counter()
    snapshot = load(root)
    seconds = time.perf_counter() - started
    yield Finding("workspace", str(root))
    yield Finding(
        "settings",
        snapshot.settings.source or "none (defaults)",
        "; ".join(w.message for w in snapshot.settings.warnings),
    )
    plans = len(snapshot.plans) + len(snapshot.sites)
    yield Finding("plans", str(plans), "" if plans else "create a PLAN_<FEATURE>.md")
    yield from _templates(root, snapshot.settings)
    misnamed, rejected = len(snapshot.misnamed), len(snapshot.not_plans)
    yield Finding("documents", str(len(snapshot.paths) - misnamed - rejected))
    rename = "planmark check --select document-name,plan-name" if misnamed else ""
    yield Finding("files not read", f"{misnamed} misnamed, {rejected} not plans", rename)
    yield Finding("folders excluded by .gitignore or files.exclude", str(snapshot.ignored_folders))
    blind = [f"@{files.feature}" for files in snapshot.plans if files.skipped]
    look = f"planmark check --select {UNREAD_WORK}" if blind else ""
    yield Finding("plans with work that may be in unread folders", ", ".join(blind[:5]) or "0", look)
    yield Finding("other checkouts, not read", ", ".join(snapshot.checkouts[:5]) or "0")
    slow = "exclude folders with `files.exclude` in planmark.toml" if seconds > SLOW_SECONDS else ""
    yield Finding("time to read the workspace", f"{seconds:.2f} s", slow)
    for problem in snapshot.problems:
        if problem.code != "configuration":
            yield Finding(problem.code, problem.path, problem.message)
