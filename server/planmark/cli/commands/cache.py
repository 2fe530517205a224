"""`planmark cache`: shows or removes the data that is cached for the next process."""

from __future__ import annotations

import argparse
import sqlite3
import time
from pathlib import Path
from typing import Literal

from planmark.cli.console import Cell, json_text, line, table
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import DONE, UNREADABLE
from planmark.cli.table import Column
from planmark.cli.workspace_access import root_of
from planmark.queries.api_types import CacheResult, StoreResult
from planmark.storage.cache_dir import cache_folder
from planmark.storage.paths import WorkspaceError
from planmark.storage.sqlite_file import (
    remove_stores,
    row_counts,
    store_files,
    store_name_prefix,
    store_paths,
    workspace_of_store,
)
from planmark.text.pluralize import counted_noun
from planmark.workspace.event_log import OLDER_RECORDS_FILE, RECORDS_FILE, records_folder

SIZE_UNITS = (("MB", 1_000_000), ("kB", 1_000))
"""Pairs of the name of a unit and its number of bytes, from the largest unit to the smallest."""
AGE_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))
"""Pairs of the name of a unit and its number of seconds, from the longest unit to the shortest."""
COLUMNS = (
    Column(""),
    Column("WORKSPACE", form="name", min_width=20),
    Column("SIZE"),
    Column("DOCUMENTS", 2),
    Column("ANSWERS", 3),
    Column("CHANGED", 1),
    Column("FILE", 4, "name", 16),
    Column("PROBLEM", form="prose", min_width=16),
)


class Options(CommandOptions):
    """The options of the command."""

    action: Literal["info", "clear"]
    only: str | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("action", choices=("info", "clear"), help="show the cache, or remove it except for the records")
    parser.add_argument(
        "only", nargs="?", choices=("here",), help="only the cache of this workspace, as with --workspace"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON (schema: planmark schema cache)")


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command."""
    options = context.options
    name_prefix = _own_store_prefix(options)
    is_only_here = bool(options.only or options.workspace)
    paths = [path for path in store_paths() if not is_only_here or path.name.startswith(name_prefix)]
    if options.action == "clear":
        return _clear_stores(paths)
    result = _cache_result(paths, name_prefix)
    return CommandResult(DONE, json_text(result) if options.json else _result_text(result))


def _own_store_prefix(options: Options) -> str:
    """Return the text with which the names of this workspace's stores begin.

    If there is no workspace, return a text with which no name of a store begins.
    """
    try:
        return store_name_prefix(root_of(options))
    except WorkspaceError:
        if options.only or options.workspace:
            raise
        return "/"


def _clear_stores(paths: list[Path]) -> CommandResult:
    code, removed_count, lines = DONE, 0, []
    for path in paths:
        store_bytes = _store_bytes(path)
        for _, problem in remove_stores([path]):
            if problem:
                code = UNREADABLE
                lines.append(line(f"not removed: {path}: {problem}"))
            else:
                removed_count += 1
                lines.append(line(f"removed: {path} ({_size_text(store_bytes)})"))
    return CommandResult(code, "".join(lines), notes=(f"{counted_noun(removed_count, 'store')} removed",))


def _cache_result(paths: list[Path], name_prefix: str) -> CacheResult:
    """Return the result for the stores at `paths`. The names of this workspace's stores begin with `name_prefix`."""
    records_bytes = sum(_file_bytes(records_folder() / name) for name in (RECORDS_FILE, OLDER_RECORDS_FILE))
    return CacheResult(
        folder=str(cache_folder()),
        stores=[_store_result(path, name_prefix) for path in paths],
        records_bytes=records_bytes,
    )


def _result_text(result: CacheResult) -> str:
    stores_text = (
        f"{counted_noun(len(result.stores), 'store')}, {_size_text(sum(store.bytes for store in result.stores))}"
    )
    summary = line(f"{result.folder}: {stores_text}; records: {_size_text(result.records_bytes)}")
    if not result.stores:
        return summary
    has_problem = any(store.problem for store in result.stores)
    return (
        summary
        + line()
        + table(COLUMNS if has_problem else COLUMNS[:-1], [_store_row(store) for store in result.stores])
    )


def _store_result(path: Path, name_prefix: str) -> StoreResult:
    """Return what the command shows about a store. The names of this workspace's stores begin with `name_prefix`."""
    try:
        counts_by_table, problem = row_counts(path, ("documents", "answers")), ""
    except sqlite3.Error as error:
        counts_by_table, problem = {}, str(error)
    return StoreResult(
        file=path.name,
        workspace=workspace_of_store(path),
        here=path.name.startswith(name_prefix),
        bytes=_store_bytes(path),
        documents=counts_by_table.get("documents", 0),
        answers=counts_by_table.get("answers", 0),
        age_seconds=max(0, round(time.time() - _last_change_seconds(path))),
        problem=problem,
    )


def _store_row(store: StoreResult) -> list[Cell]:
    return [
        ("→" if store.here else "", "bold"),
        (store.workspace, "bold" if store.here else ""),
        (_size_text(store.bytes), ""),
        (str(store.documents or ""), ""),
        (str(store.answers or ""), ""),
        (_age_text(store.age_seconds), "dim"),
        (store.file, "dim"),
        (store.problem, "red"),
    ]


def _store_bytes(path: Path) -> int:
    return sum(_file_bytes(part) for part in store_files(path))


def _file_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _last_change_seconds(path: Path) -> float:
    """Return the time of the last change of a store, in seconds since 1970; 0.0 if the store has no file."""
    return max((part.stat().st_mtime for part in store_files(path) if part.exists()), default=0.0)


def _size_text(byte_count: int) -> str:
    return next(
        (f"{byte_count / unit:.1f} {name}" for name, unit in SIZE_UNITS if byte_count >= unit), f"{byte_count} B"
    )


def _age_text(seconds: int) -> str:
    return next((f"{seconds // unit} {name} ago" for name, unit in AGE_UNITS if seconds >= 2 * unit), "just now")
