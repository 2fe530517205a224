"""`planmark cache`: the data cached for the next process, and its removal."""

from __future__ import annotations

import argparse
import sqlite3
import time
from pathlib import Path

from planmark.cli.console import Cell, print_json, print_line, print_table, say
from planmark.cli.errors import DONE, UNREADABLE
from planmark.cli.table import Column
from planmark.cli.workspace_access import root_of
from planmark.queries.api_types import CacheResult, StoreResult
from planmark.storage.cache_dir import cache_folder
from planmark.storage.paths import WorkspaceError
from planmark.storage.sqlite_file import base_of, clear, parts_of, rows_of, stores, workspace_of
from planmark.text.pluralize import counted
from planmark.workspace.event_log import NAME, OLDER, records_folder

UNITS = (("MB", 1_000_000), ("kB", 1_000))
AGES = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
COLUMNS = (
    Column(""),
    Column("WORKSPACE", form="name", least=20),
    Column("SIZE"),
    Column("DOCUMENTS", 2),
    Column("ANSWERS", 3),
    Column("CHANGED", 1),
    Column("FILE", 4, "name", 16),
    Column("PROBLEM", form="prose", least=16),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("action", choices=("info", "clear"), help="show the cache, or remove it except for the records")
    parser.add_argument(
        "only", nargs="?", choices=("here",), help="only the cache of this workspace, as with --workspace"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema cache)")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    base = _base(args)
    only = bool(args.only or args.workspace)
    wanted = [path for path in stores() if not only or path.name.startswith(base)]
    return _clear(args, wanted) if args.action == "clear" else _info(args, wanted, base)


def _base(args: argparse.Namespace) -> str:
    """Return the prefix of the names of this workspace's stores.

    Without a workspace, return a prefix that no name has.
    """
    try:
        return base_of(root_of(args))
    except WorkspaceError:
        if args.only or args.workspace:
            raise
        return "/"


def _clear(args: argparse.Namespace, wanted: list[Path]) -> int:
    code, removed = DONE, 0
    for path in wanted:
        size = _size(path)
        for _, why in clear([path]):
            if why:
                code = UNREADABLE
                print_line(f"not removed: {path}: {why}")
            else:
                removed += 1
                print_line(f"removed: {path} ({_bytes(size)})")
    say(f"{counted(removed, 'store')} removed", quiet=args.quiet)
    return code


def _info(args: argparse.Namespace, wanted: list[Path], base: str) -> int:
    found = [_store(path, base) for path in wanted]
    records = sum(_exact(records_folder() / name) for name in (NAME, OLDER))
    if args.json:
        print_json(CacheResult(folder=str(cache_folder()), stores=found, records_bytes=records))
        return DONE
    kept = f"{counted(len(found), 'store')}, {_bytes(sum(store.bytes for store in found))}"
    print_line(f"{cache_folder()}: {kept}; records: {_bytes(records)}")
    rows = [_row(store) for store in found]
    if rows:
        print_line()
        print_table(COLUMNS if any(store.problem for store in found) else COLUMNS[:-1], rows)
    return DONE


def _store(path: Path, base: str) -> StoreResult:
    try:
        rows, problem = rows_of(path, ("documents", "answers")), ""
    except sqlite3.Error as error:
        rows, problem = {}, str(error)
    return StoreResult(
        file=path.name,
        workspace=workspace_of(path),
        here=path.name.startswith(base),
        bytes=_size(path),
        documents=rows.get("documents", 0),
        answers=rows.get("answers", 0),
        age_seconds=max(0, round(time.time() - _changed(path))),
        problem=problem,
    )


def _row(store: StoreResult) -> list[Cell]:
    return [
        ("→" if store.here else "", "bold"),
        (store.workspace, "bold" if store.here else ""),
        (_bytes(store.bytes), ""),
        (str(store.documents or ""), ""),
        (str(store.answers or ""), ""),
        (_age(store.age_seconds), "dim"),
        (store.file, "dim"),
        (store.problem, "red"),
    ]


def _size(path: Path) -> int:
    return sum(_exact(part) for part in parts_of(path))


def _exact(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _changed(path: Path) -> float:
    """Return the last change of a store, in seconds since 1970."""
    return max((part.stat().st_mtime for part in parts_of(path) if part.exists()), default=0.0)


def _bytes(number: int) -> str:
    return next((f"{number / unit:.1f} {name}" for name, unit in UNITS if number >= unit), f"{number} B")


def _age(seconds: int) -> str:
    return next((f"{seconds // unit} {name} ago" for name, unit in AGES if seconds >= 2 * unit), "just now")
