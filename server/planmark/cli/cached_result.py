"""The lookup of a cached result. It runs before all slow imports, so this module imports only small modules."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from planmark.cli.options import AGENT_VARIABLE, CACHED_COMMANDS, COMMANDS_WITH_ITEM, GLOBAL_OPTIONS
from planmark.storage.event_line import EventEnd, event_line
from planmark.storage.jsonl_log import append_lines
from planmark.storage.paths import WorkspaceError, current_folder, marked_root, refuse_forbidden
from planmark.storage.plain_json import PlainValue, append_member
from planmark.storage.result_cache import CachedResult, libraries_digest, open_result_cache

SINGLE_HIT_COUNTS: dict[str, PlainValue] = {"counts": {"size": 1, "maxSize": 0, "hits": 1, "misses": 0, "evictions": 0}}
"""The counts of the result cache in a process that found the result of its command in the cache."""


class CommandKey(NamedTuple):
    """A command whose result may be cached, with the key of the result.

    `text` is the key in the result cache of the workspace. `workspace` is the value of `--workspace`; None if the
    option is not given.
    """

    command: str
    workspace: str | None
    text: str


def command_key(arguments: Sequence[str]) -> CommandKey | None:
    """Return the cache key of the command that `arguments` call; None if the result of this call is never cached.

    Two calls with the same meaning have the same key.
    """
    command, feature, item = "", "", ""
    options: dict[str, str] = {}
    remaining_arguments = iter(arguments)
    for argument in remaining_arguments:
        allowed_options = {option.name: option for option in (*GLOBAL_OPTIONS, *CACHED_COMMANDS.get(command, ()))}
        option = allowed_options.get(argument)
        if option and option.is_cached and argument not in options:
            options[argument] = next(remaining_arguments, "-") if option.value_name else ""
            if options[argument].startswith("-"):
                return None
        elif not command and argument in CACHED_COMMANDS:
            command = argument
        elif command and not feature and _may_be_plan_name(argument):
            feature = argument.removeprefix("@")
        elif command in COMMANDS_WITH_ITEM and feature and not item and _may_be_item_name(argument):
            item = argument
        else:
            return None
    if item and options.setdefault("--achievement", item) != item:
        return None
    if not command or (command == "status" and "--json" not in options and sys.stdout.isatty()):
        return None
    width = os.environ.get("COLUMNS", "") if command == "status" and "--json" not in options else ""
    workspace = options.pop("--workspace", None)
    return CommandKey(command, workspace, repr((command, feature, sorted(options.items()), width, libraries_digest())))


def replay_cached(arguments: Sequence[str]) -> int | None:
    """Print the cached result of a command, and return the exit code. Return None if no valid result is cached."""
    started = time.perf_counter()
    key = command_key(arguments)
    if key is None:
        return None
    try:
        root = refuse_forbidden(Path(key.workspace)) if key.workspace else marked_root(current_folder())
    except (WorkspaceError, OSError):
        return None
    result = cached_result(root, key) if root else None
    if result is None:
        return None
    out = result.out
    if result.revision is not None:
        ms = round((time.perf_counter() - started) * 1000, 1)
        out = append_member(out, "run", {"revision": result.revision, "ms": ms, "cached": True})
    if sys.stdout.isatty():
        from planmark.text.visible import visible

        out = visible(out)
    sys.stdout.write(out)
    sys.stderr.write(result.err)
    record_cache_hit(key.command, result, time.perf_counter() - started)
    return result.code


def cached_result(root: Path, key: CommandKey) -> CachedResult | None:
    """Return the result that is cached under `key`; None if no result is cached, or if the result is not valid now."""
    cache = open_result_cache(root, make=False)
    result = cache.get(root, key.text) if cache else None
    if cache and result and result.prompt and not cache.renew_prompt(result.prompt, prompt_recipient(), time.time()):
        return None
    return result


def prompt_recipient() -> str:
    """Return the name of the agent that gets the prompts of this process; "" if the environment names no agent."""
    return os.environ.get(AGENT_VARIABLE, "")


def _may_be_plan_name(word: str) -> bool:
    """Tell whether a word may be the name of a plan: it is neither a path nor an option."""
    return word.strip(".") != "" and not (
        set("/\\") & set(word) or word.startswith("-") or word.endswith((".md", ".json"))
    )


def _may_be_item_name(word: str) -> bool:
    """Tell whether a word may be the id of an achievement, or the ref of an item. Ids and refs contain a digit."""
    return _may_be_plan_name(word) and any(letter.isdigit() for letter in word)


def record_cache_hit(command: str, result: CachedResult, seconds: float) -> None:
    """Write the records of a command whose cached result was printed. Without `metrics.file`, write nothing.

    `seconds` is the time that the command took. An error of writing does not make the command fail.
    """
    if not result.record_bytes:
        return
    hit_time = time.time()
    event_end = EventEnd(
        hit_time, datetime.fromtimestamp(hit_time, timezone.utc).isoformat(timespec="milliseconds"), os.getpid()
    )
    feature = result.feature or None
    lines = [
        event_line("command", command, feature, seconds, event_end),
        event_line("cache", "answers", None, 0.0, event_end, SINGLE_HIT_COUNTS),
    ]
    if result.step:
        prompt = {"tokens": result.tokens, "cacheHit": True}
        lines.insert(0, event_line("prompt", result.step, feature, seconds, event_end, prompt))
    try:
        append_lines("".join(lines).encode(), result.record_bytes)
    except (OSError, ValueError):
        return
