"""The tools that read: `status`, `next` and `check`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from planmark.cli.errors import NOTHING_TO_DO, WAITING, CommandError, exit_code
from planmark.mcp.prompt_heads import PromptHeads
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
    """Return the table of all plans, of one plan, or the reasons for the state of an achievement."""
    feature, achievement = arguments.get("feature"), arguments.get("achievement")
    if achievement:
        if not feature:
            raise ToolError("`achievement` needs `feature`: name its plan too")
        return workspace.run("why", [feature, achievement]).text
    output = workspace.run("status", _names(arguments))
    return "\n".join(part for part in (output.text, output.notes, lease_table(workspace)) if part)


def next_prompt(
    workspace: ServedWorkspace, arguments: Mapping[str, Any], prompts: PromptHeads, agent: Callable[[], str]
) -> str:
    """Return the next prompt after two lines: its id, lease and tier, and what is unchanged since an earlier prompt.

    If no step is ready, the first line says why, and when to ask again. `agent` returns the name of the agent.
    """
    lease: list[str] = []
    remarks: list[str] = []
    try:
        if arguments.get("take"):
            output, lease, remarks = _lease_and_read(workspace, arguments, agent())
        elif "role" in arguments:
            output = next_output(workspace, {**arguments, **_first_of_role(workspace, arguments)})
        else:
            output = next_output(workspace, arguments)
    except Exception as error:
        code = exit_code(error)
        if code not in NOT_READY_REASONS:
            raise
        return _none_ready(str(error), *NOT_READY_REASONS[code])
    name = prompts.remember(output.text)
    parts = [f"prompt {name}", *lease, *_tier(output), *_not_ready(output)]
    if "since" in arguments:
        remarks.insert(0, prompts.since(arguments["since"], output.text))
    return f"{' · '.join(parts)}\n{' · '.join(remarks)}\n{output.text}"


def _lease_and_read(
    workspace: ServedWorkspace, arguments: Mapping[str, Any], agent: str
) -> tuple[CommandOutput, list[str], list[str]]:
    """Return the output with the prompt of a step that is leased for the agent, the lease in words, and remarks."""
    options = {"--lease": "", "--json": "", "--agent": agent, "--process": str(os.getpid())}
    options |= {f"--{name}": str(arguments[name]) for name in ("achievement", "role", "budget") if name in arguments}
    output = workspace.run("next", _names(arguments), options)
    # The output ends before the last member of its object.
    result = json.loads(f"{output.text}\n}}")
    lease = f"lease {result['lease']['id']} until {result['lease']['until'][11:16]} UTC"
    # The first two notes say the same as the first line.
    remarks = [note for note in output.notes.splitlines() if note and result["lease"]["id"] not in note]
    return output._replace(text=result["prompt"]), [lease], remarks


def _first_of_role(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the plan and the achievement of the first step for a role that no agent holds."""
    options = {"--list": "", "--json": "", "--role": arguments["role"]}
    steps = json.loads(workspace.run("next", _names(arguments), options).text)["steps"]
    free_steps = [step for step in steps if not step["waits"] and not step["holder"]]
    if "achievement" in arguments:
        free_steps = [step for step in free_steps if arguments["achievement"] in (step["achievement"], step["ref"])]
    if not free_steps:
        raise CommandError(f"no step is ready for a {arguments['role']}", WAITING)
    item = free_steps[0]["achievement"] or free_steps[0]["ref"]
    return {"feature": free_steps[0]["plan"], **({"achievement": item} if item else {})}


def _names(arguments: Mapping[str, Any]) -> list[str]:
    feature = arguments.get("feature")
    return [feature] if feature else []


def lease_table(workspace: ServedWorkspace) -> str:
    """Return who holds what and until when; "" if no step is leased."""
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
    options = {"--achievement": arguments.get("achievement"), "--budget": arguments.get("budget")}
    options_by_name = {option: str(value) for option, value in options.items() if value is not None}
    return workspace.run("next", _names(arguments), options_by_name)


def _none_ready(message: str, why: str, when: str) -> str:
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    hold_note = " · held" if "held by" in message else ""
    return f"{why}{hold_note} · {when}\n\n{visible(without_secrets(message))}\n"


def _tier(output: CommandOutput) -> list[str]:
    from planmark.plans.roles import STEP_ROLES

    return [f"tier {duty.tier}" for name, duty in STEP_ROLES.items() if name == output.step]


def _not_ready(output: CommandOutput) -> list[str]:
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


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".md", ".json"))
