"""The tools that read: `status`, `next`, `check` and `find`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from planmark.cli.errors import NOTHING_TO_DO, WAITING, CommandError, exit_code
from planmark.mcp.workspace import CommandOutput, ServedWorkspace

MAX_DIAGNOSTICS = 60
SEVERITIES = ("error", "warning", "information", "hint")
NOT_READY_REASONS = {
    NOTHING_TO_DO: ("complete", "ask again when the plan has changed"),
    WAITING: ("waiting", "ask again when a person has acted on it"),
}
"""Exit code of `planmark next` → why no step is ready, and when to ask again."""


class ToolError(Exception):
    """A tool has no answer. The message is one sentence, and says what to do."""


def status(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return the table of all plans or of one plan; with an achievement, the reasons for its state."""
    feature, achievement = arguments.get("feature"), arguments.get("achievement")
    if achievement:
        if not feature:
            raise ToolError("`achievement` needs `feature`: name its plan too")
        return workspace.run("why", [feature, achievement]).text
    output = workspace.run("status", _feature_arguments(arguments))
    return "\n".join(part for part in (output.text, output.notes, lease_table(workspace)) if part)


def next_prompt(workspace: ServedWorkspace, arguments: Mapping[str, Any], agent: Callable[[], str]) -> str:
    """Return two lines and the next prompt. The lines state its id, its lease and its tier, and how much of it is new.

    With `since`, the prompt lacks the sections that the agent has from an earlier prompt.

    If no step is ready, the first line says why, and when to ask again. `agent` returns the name of the agent.
    """
    lease_words: list[str] = []
    remarks: list[str] = []
    try:
        if arguments.get("take"):
            lease_options = {"--lease": "", "--agent": agent(), "--process": str(os.getpid())}
            output, lease_words, remarks = _read_json(
                workspace, arguments, {**lease_options, **_options(arguments, "role")}
            )
        elif "role" in arguments:
            output, lease_words, remarks = _read(workspace, {**arguments, **_first_step_of_role(workspace, arguments)})
        else:
            output, lease_words, remarks = _read(workspace, arguments)
    except Exception as error:
        code = exit_code(error)
        if code not in NOT_READY_REASONS:
            raise
        return _not_ready_text(str(error), *NOT_READY_REASONS[code])
    parts = [
        f"prompt {output.prompt}" if output.prompt else "prompt",
        *lease_words,
        *_tier_words(output),
        *_not_ready_words(output),
    ]
    return f"{' · '.join(parts)}\n{' · '.join(remarks)}\n{output.text}"


def _read(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> tuple[CommandOutput, list[str], list[str]]:
    """Return the output with the prompt, and no words about a lease. There are remarks only with `since`."""
    if "since" in arguments:
        return _read_json(workspace, arguments, {})
    return next_output(workspace, arguments), [], []


def _read_json(
    workspace: ServedWorkspace, arguments: Mapping[str, Any], further_options: Mapping[str, str]
) -> tuple[CommandOutput, list[str], list[str]]:
    """Return the output with the prompt, its lease in words, and remarks. `further_options` are further options."""
    options = {"--json": "", **further_options, **_options(arguments, "achievement", "budget", "since")}
    output = workspace.run("next", _feature_arguments(arguments), options)
    # The output ends before the last member of its object.
    result = json.loads(f"{output.text}\n}}")
    lease_words, remarks = [], []
    if result["lease"]:
        lease_words.append(f"lease {result['lease']['id']} until {result['lease']['until'][11:16]} UTC")
        # The notes with these words repeat the first line.
        repeated_words = (result["lease"]["id"], "--since ", f"prompt {output.prompt}")
        remarks = [
            note for note in output.notes.splitlines() if note and not any(part in note for part in repeated_words)
        ]
    if since := result["since"]:
        remarks.insert(0, _since_in_words(since, result["tokens"]["total"]))
    return output._replace(text=result["prompt"]), lease_words, remarks


def _since_in_words(since: Mapping[str, Any], tokens: int) -> str:
    if since["problem"]:
        return f"since {since['id']}: {since['problem']}; read all of it"
    return f"since {since['id']}: {tokens:,} of {since['whole']:,} tokens are new"


def _options(arguments: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return the options of the command for the arguments of the tool that have a value."""
    return {f"--{name}": str(arguments[name]) for name in names if arguments.get(name) is not None}


def _first_step_of_role(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the plan and the achievement of the first step for a role that no agent holds."""
    options = {"--list": "", "--json": "", "--role": arguments["role"]}
    steps = json.loads(workspace.run("next", _feature_arguments(arguments), options).text)["steps"]
    free_steps = [step for step in steps if not step["waits"] and not step["holder"]]
    if "achievement" in arguments:
        free_steps = [step for step in free_steps if arguments["achievement"] in (step["achievement"], step["ref"])]
    if not free_steps:
        raise CommandError(f"no step is ready for a {arguments['role']}", WAITING)
    item = free_steps[0]["achievement"] or free_steps[0]["ref"]
    return {"feature": free_steps[0]["plan"], **({"achievement": item} if item else {})}


def _feature_arguments(arguments: Mapping[str, Any]) -> list[str]:
    feature = arguments.get("feature")
    return [feature] if feature else []


def lease_table(workspace: ServedWorkspace) -> str:
    """Return the table of leases: who holds which step until when; "" if no step is leased."""
    from planmark.storage.lease_files import LeaseFolderError, lease_place, read_leases

    try:
        if not read_leases(lease_place(workspace.root()).folder, {}):
            return ""
    except LeaseFolderError as error:
        return f"leases: {error}\n"
    table = workspace.run("lease", ["list"]).text
    return "" if table.startswith("no lease is held") else table


def next_output(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> CommandOutput:
    """Return the output of `planmark next` for a plan, an achievement and a budget."""
    return workspace.run("next", _feature_arguments(arguments), _options(arguments, "achievement", "budget"))


def _not_ready_text(message: str, reason: str, when_to_ask: str) -> str:
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    hold_note = " · held" if "held by" in message else ""
    return f"{reason}{hold_note} · {when_to_ask}\n\n{visible(without_secrets(message))}\n"


def _tier_words(output: CommandOutput) -> list[str]:
    from planmark.plans.roles import STEP_ROLES

    return [f"tier {duty.tier}" for name, duty in STEP_ROLES.items() if name == output.step]


def _not_ready_words(output: CommandOutput) -> list[str]:
    return list(NOT_READY_REASONS.get(output.code, ()))


def check(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return the diagnostics, at most MAX_DIAGNOSTICS, the most severe first, each with its fixes in words."""
    names = []
    if feature := arguments.get("feature"):
        names.append(feature if _is_path(feature) else f"@{feature.removeprefix('@')}")
    if path := arguments.get("path"):
        names.append(path)
    result = json.loads(workspace.run("check", names, {"--format": "json"}).text)
    if result.get("error"):
        raise ToolError(result["error"]["message"])
    ordered_diagnostics = sorted(result["diagnostics"], key=lambda diagnostic: SEVERITIES.index(diagnostic["severity"]))
    lines = []
    for diagnostic in ordered_diagnostics[:MAX_DIAGNOSTICS]:
        place = f"{diagnostic['path']}:{diagnostic['range']['start']['line']}"
        lines.append(f"{place} {diagnostic['severity']} {diagnostic['code']}: {diagnostic['message']}")
        lines += [f"  fix: {fix['title']}" for fix in diagnostic["fixes"]]
    if more := len(ordered_diagnostics) - MAX_DIAGNOSTICS:
        lines += [f"and {more} more: name a plan or a path"] if more > 0 else []
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible_in_one_line

    # The titles of fixes are not masked in JSON, where they belong to edits.
    return "".join(f"{visible_in_one_line(without_secrets(line))}\n" for line in lines) or "no diagnostics\n"


def find(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return the matches of a query, as `planmark find` shows them, and the number of further matches."""
    output = workspace.run("find", [arguments["query"]], _options(arguments, "limit"))
    return "".join(part for part in (output.text, output.notes))


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".md", ".json"))
