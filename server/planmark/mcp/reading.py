"""The tools that read: `status`, `next` and `check`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planmark.cli.errors import NOTHING_TO_DO, WAITING, exit_code
from planmark.mcp.prompt_heads import GivenPrompts
from planmark.mcp.workspace import CommandOutput, ServedWorkspace

if TYPE_CHECKING:
    from planmark.workspace.index import Progress

MAX_DIAGNOSTICS = 60
SEVERITIES = ("error", "warning", "information", "hint")
NOT_READY = {
    NOTHING_TO_DO: ("complete", "ask again when the plan has changed"),
    WAITING: ("waiting", "ask again when a person has acted on it"),
}
"""Exit code of `planmark next` → why no step is ready, and when to ask again."""


class ToolError(Exception):
    """A tool has no answer. The message is one sentence, and says what to do."""


def status(workspace: ServedWorkspace, given: Mapping[str, Any], progress: Progress | None = None) -> str:
    """Return the table of all plans, of one plan, or the reasons for the state of an achievement."""
    feature, achievement = given.get("feature"), given.get("achievement")
    if achievement:
        if not feature:
            raise ToolError("`achievement` needs `feature`: name its plan too")
        return workspace.run("why", [feature, achievement], progress=progress).text
    output = workspace.run("status", [feature] if feature else [], progress=progress)
    return f"{output.text}\n{output.notes}" if output.text and output.notes else output.text or output.notes


def next_prompt(
    workspace: ServedWorkspace, given: Mapping[str, Any], prompts: GivenPrompts, progress: Progress | None = None
) -> str:
    """Return the next prompt after two lines: its id and tier, and what is unchanged since an earlier prompt.

    If no step is ready, the first line says why, and when to ask again.
    """
    try:
        output = next_output(workspace, given, progress)
    except Exception as error:
        code = exit_code(error)
        if code not in NOT_READY:
            raise
        return _none_ready(str(error), *NOT_READY[code])
    name = prompts.give(output.text)
    parts = [f"prompt {name}", *_tier(output), *_not_ready(output)]
    since = prompts.since(given["since"], output.text) if "since" in given else ""
    return f"{' · '.join(parts)}\n{since}\n{output.text}"


def next_output(
    workspace: ServedWorkspace, given: Mapping[str, Any], progress: Progress | None = None
) -> CommandOutput:
    """Return the output of `planmark next` for a plan, an achievement and a budget."""
    options = {"--achievement": given.get("achievement"), "--budget": given.get("budget")}
    named = {option: str(value) for option, value in options.items() if value is not None}
    feature = given.get("feature")
    return workspace.run("next", [feature] if feature else [], named, progress=progress)


def _none_ready(message: str, why: str, when: str) -> str:
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    return f"{why} · {when}\n\n{visible(without_secrets(message))}\n"


def _tier(output: CommandOutput) -> list[str]:
    from planmark.plans.roles import STEP_ROLES

    return [f"tier {duty.tier}" for name, duty in STEP_ROLES.items() if name == output.step]


def _not_ready(output: CommandOutput) -> list[str]:
    return list(NOT_READY.get(output.code, ()))


def check(workspace: ServedWorkspace, given: Mapping[str, Any], progress: Progress | None = None) -> str:
    """Return the diagnostics, at most MAX_DIAGNOSTICS, the most severe first, each with its fixes in words."""
    names = []
    if feature := given.get("feature"):
        names.append(feature if _is_path(feature) else f"@{feature.removeprefix('@')}")
    if path := given.get("path"):
        names.append(path)
    result = json.loads(workspace.run("check", names, {"--format": "json"}, progress=progress).text)
    if result.get("error"):
        raise ToolError(result["error"]["message"])
    ordered = sorted(result["diagnostics"], key=lambda known: SEVERITIES.index(known["severity"]))
    lines = []
    for known in ordered[:MAX_DIAGNOSTICS]:
        place = f"{known['path']}:{known['range']['start']['line']}"
        lines.append(f"{place} {known['severity']} {known['code']}: {known['message']}")
        lines += [f"  fix: {fix['title']}" for fix in known["fixes"]]
    if more := len(ordered) - MAX_DIAGNOSTICS:
        lines += [f"and {more} more: name a plan or a path"] if more > 0 else []
    from planmark.text.visible import visible_in_one_line

    return "".join(f"{visible_in_one_line(line)}\n" for line in lines) or "no diagnostics\n"


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".md", ".json"))
