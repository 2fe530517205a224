"""The lookup of a cached result, before the expensive imports. This module imports nothing large."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from planmark.storage.jsonl_log import append_lines
from planmark.storage.paths import WorkspaceError, current_folder, marked_root, refuse_forbidden
from planmark.storage.result_cache import CachedResult, libraries, open_result_cache

ANYWHERE = {"--quiet": False, "--workspace": True}
KEPT = {
    "next": {
        "--json": False,
        "--ignore-claims": False,
        "--exact-tokens": False,
        "--achievement": True,
        "--step": True,
        "--budget": True,
    },
    "status": {"--json": False, "--all": False},
}
"""Command → the options with which its result is cached → whether a value follows.

| not cached | why |
| --- | --- |
| with `--copy`, `--out`, `--watch` | they do more than print a result |
| a plan given by its path | the meaning of a path depends on the current folder and its files |
| a table on a terminal | its layout depends on the terminal; in a pipe, only on COLUMNS, which is part of the key |
| an option abbreviated, repeated, or as `--x=y` | it is rare, and only `argparse` knows its meaning |
| no result, for example if no plan matches | it is unknown which changes would produce one |
| a document that is a link; `cache.enable = false` | the target may change unnoticed; the user wants no cache |
| a file changed within the tick of the clock | it may change again with the same time |
"""


class Asked(NamedTuple):
    """A request for a result: the command, the folder of `--workspace`, and the key of the result."""

    command: str
    workspace: str | None
    key: str


def asked(arguments: Sequence[str]) -> Asked | None:
    """Return the cache key of arguments; None if their result is never cached.

    All arguments with the same meaning have the same key.
    """
    command, feature = "", ""
    options: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        known = {**ANYWHERE, **KEPT.get(command, {})}
        if argument in known and argument not in options:
            options[argument] = next(rest, "-") if known[argument] else ""
            if options[argument].startswith("-"):
                return None
        elif not command and argument in KEPT:
            command = argument
        elif command and not feature and _is_name(argument):
            feature = argument.removeprefix("@")
        else:
            return None
    if not command or (command == "status" and "--json" not in options and sys.stdout.isatty()):
        return None
    width = os.environ.get("COLUMNS", "") if command == "status" and "--json" not in options else ""
    workspace = options.pop("--workspace", None)
    return Asked(command, workspace, repr((command, feature, sorted(options.items()), width, libraries())))


def answered(arguments: Sequence[str]) -> int | None:
    """Print the cached result and return its exit code; None if there is no valid one."""
    started = time.perf_counter()
    wanted = asked(arguments)
    if wanted is None:
        return None
    try:
        root = refuse_forbidden(Path(wanted.workspace)) if wanted.workspace else marked_root(current_folder())
    except (WorkspaceError, OSError):
        return None
    kept = open_result_cache(root, make=False) if root else None
    answer = kept.get(root, wanted.key) if kept and root else None
    if answer is None:
        return None
    ms = round((time.perf_counter() - started) * 1000, 1) if answer.after else ""
    out = f"{answer.out}{ms}{answer.after}"
    if sys.stdout.isatty():
        from planmark.text.visible import visible

        out = visible(out)
    sys.stdout.write(out)
    sys.stderr.write(answer.err)
    if answer.record_bytes:
        _record(wanted.command, answer, time.perf_counter() - started)
    return answer.code


def _is_name(word: str) -> bool:
    """Tell whether a word is the name of a plan, neither a path nor an option."""
    return word.strip(".") != "" and not (
        set("/\\") & set(word) or word.startswith("-") or word.endswith((".md", ".json"))
    )


def _record(command: str, answer: CachedResult, seconds: float) -> None:
    """Write the records of the command, in the format of `planmark.metrics.events`. Errors never fail the command."""
    end = time.time()
    utc = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(end))}.{int(end % 1 * 1000):03}+00:00"
    about = f'"{answer.feature}"' if answer.feature else "null"

    def line(kind: str, name: str, feature: str, took: float, more: str) -> str:
        return (
            f'{{"kind":"{kind}","name":"{name}","feature":{feature},"duration":{took:.6f},"timestamp":"{utc}",'
            f'"start":{end - took:.6f},"end":{end:.6f},"success":true,"outcome":"done","pid":{os.getpid()}{more}}}\n'
        )

    lines = [
        line("command", command, about, seconds, ""),
        line("cache", "answers", "null", 0.0, ',"counts":{"size":1,"maxSize":0,"hits":1,"misses":0,"evictions":0}'),
    ]
    if answer.step:
        lines.insert(0, line("prompt", answer.step, about, seconds, f',"tokens":{answer.tokens},"cacheHit":true'))
    try:
        append_lines("".join(lines).encode(), answer.record_bytes)
    except (OSError, ValueError):
        return
