"""The options that every command has, and all options of the commands whose results are cached.

The parser and the lookup of a cached result read the same tables. This module imports no large modules.
"""

from __future__ import annotations

from typing import NamedTuple

AGENT_VARIABLE = "PLANMARK_AGENT"
"""The environment variable with the name of the agent. It is used if `--agent` is not given."""


class Option(NamedTuple):
    """An option of a command. `value_name` stands for the value of the option in the help, as in `DIR`; "" for a flag.

    `is_cached` tells whether results with the option are cached. With `is_repeated`, the option may be given several
    times, and its value is a list.
    """

    name: str
    help: str
    value_name: str = ""
    is_number: bool = False
    is_cached: bool = True
    is_repeated: bool = False


GLOBAL_OPTIONS = (
    Option("--workspace", "the workspace; default: found upwards from the current folder", "DIR"),
    Option("--quiet", "print only errors on standard error"),
)
"""The options that every command has. They may stand before or after the name of the command."""
PLAN_FORMAT_OPTION = Option("--plan-format", "only plans of this format, such as openspec", "NAME")
COMMANDS_WITH_ITEM = ("next",)
"""The commands whose second argument is an achievement. This argument means the same as the option `--achievement`."""
CACHED_COMMANDS: dict[str, tuple[Option, ...]] = {
    "next": (
        Option("--achievement", "the same as N.N after the plan", "N.N"),
        PLAN_FORMAT_OPTION,
        Option(
            "--step",
            "pause, resume, verify, parallel, research or finish_execution (PLANs) or reconcile (boxes) instead of the next step",
            "STEP",
        ),
        Option(
            "--review",
            "prompts of reviewers: security, quality, docs, or auto for those that the change needs",
            "LIST",
            is_cached=False,
        ),
        Option("--kind", "with --step research: local, web, or both", "LIST", is_cached=False),
        Option("--base", "for a review: the revision of git before the work", "REF", is_cached=False),
        Option("--dry-run", "with --review: only say which reviews are needed, and why", is_cached=False),
        Option("--lease", "take the step for an agent, so that no other agent gets it", is_cached=False),
        Option("--list", "every step that is ready now, over all plans, and who holds it", is_cached=False),
        Option("--agent", "with --lease: the agent; default: PLANMARK_AGENT", "NAME", is_cached=False),
        Option("--role", "with --lease or --list: only steps of this role", "ROLE", is_cached=False),
        Option(
            "--process",
            "with --lease: the agent's process; when it ends, the lease ends at once",
            "PID",
            is_number=True,
            is_cached=False,
        ),
        Option(
            "--through",
            "request_review: one prompt for all steps up to this step that one agent can do",
            "STEP",
        ),
        Option(
            "--batch",
            "up to K (1 to 6) steps of one kind in one prompt, for one agent",
            "K",
            is_number=True,
            is_cached=False,
        ),
        Option(
            "--since",
            "only what is new since the prompt with this id",
            "ID",
            is_cached=False,
        ),
        Option("--budget", "maximum tokens of the prompt and its reading list together", "N", is_number=True),
        Option("--exact-tokens", "count exactly (the extra planmark[tokens])"),
        Option("--copy", "also copy the prompt to the clipboard", is_cached=False),
        Option("--ignore-claims", "ignore what the text of the PLAN claims"),
        Option("--show-secrets", "do not mask what looks like a credential", is_cached=False),
        Option("--json", "the result as JSON (schema: planmark schema prompt)"),
        Option("--out", "write the prompt to FILE instead of standard output", "FILE", is_cached=False),
    ),
    "status": (
        Option("--json", "the result as JSON (schema: planmark schema status)"),
        PLAN_FORMAT_OPTION,
        Option("--all", "also show archived plans, orphans and files not read"),
        Option("--state", "only plans, or achievements of @FEATURE, in these states: A,B", "STATES", is_repeated=True),
        Option("--role", "only plans, or achievements, whose next step is for these roles", "ROLES", is_repeated=True),
        Option("--lifecycle", "only plans with these lifecycles, such as paused,archived", "NAMES", is_repeated=True),
        Option(
            "--sort",
            "urgency, name, progress, priority or updated; of achievements: document, urgency, name or priority",
            "ORDER",
        ),
        Option("--export", "csv: print a table for spreadsheets", "FORM", is_cached=False),
        Option("--watch", "show the result again after every change of a state or a lease", is_cached=False),
        Option(
            "--brief",
            "for the start of an agent's session: the steps that the agent holds, the next step, how to get its prompt",
            is_cached=False,
        ),
        Option(
            "--hook", "with --brief: the output in the form for the hook of a host: claude", "HOST", is_cached=False
        ),
    ),
}
"""Mapping from each command with cached results to its options. The command's parser is made from the options.

The results in this table are not cached:

| not cached | why |
| --- | --- |
| with `--copy`, `--out`, `--watch` | the command does more than print a result |
| with `--since` | the result depends on the prompts that were delivered before |
| with `--review` | the result depends on git and on the code |
| a plan given by its path | the meaning of a path depends on the current folder and its files |
| a table on a terminal | its layout depends on the terminal; in a pipe, only on COLUMNS, which is part of the key |
| an option that is abbreviated, repeated, or written as `--x=y` | this is rare, and only `argparse` knows its meaning |
| no result, for example if no plan matches | it is unknown which changes would produce a result |
| a document is a symbolic link | the target may change unnoticed |
| `cache.enable = false` | the user wants no cache |
| a file changed within the current tick of the clock | the file may change again with the same modification time |
"""
