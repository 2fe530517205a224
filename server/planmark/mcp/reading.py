"""The tools that read: `status`, `next`, `check` and `find`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from planmark.cli.errors import NOTHING_TO_DO, WAITING, CommandError, exit_code
from planmark.mcp.workspace import CommandOutput, ServedWorkspace

MAX_DIAGNOSTICS = 60
"""Maximum number of diagnostics in an answer."""
SEVERITIES = ("error", "warning", "information", "hint")
"""The severities of diagnostics, the most severe first."""
NOT_READY_REASONS = {
    NOTHING_TO_DO: ("complete", "ask again when the plan has changed"),
    WAITING: ("waiting", "ask again when a person has acted on it"),
}
"""Mapping from an exit code of `planmark next` to a tuple: why no step is ready, and when to ask again."""


class ToolError(Exception):
    """A tool has no answer. The message is one sentence, and says what to do."""


def status(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return the status of all plans, or of the plan that the arguments name.

    If the arguments name an achievement, return the reasons for the state of this achievement.
    """
    feature, achievement = arguments.get("feature"), arguments.get("achievement")
    if achievement:
        if not feature:
            raise ToolError("`achievement` needs `feature`: name its plan too")
        return workspace.run("why", [feature, achievement]).text
    output = workspace.run("status", _feature_arguments(arguments))
    return "\n".join(part for part in (output.text, output.notes, lease_table(workspace)) if part)


def next_prompt(workspace: ServedWorkspace, arguments: Mapping[str, Any], agent: Callable[[], str]) -> str:
    """Return the prompt of the next step, preceded by two lines about the prompt.

    The first line states the id, the lease and the tier of the prompt. The second line has remarks, such as how much of
    the prompt is new. If no step is ready, the first line says why, and when to ask again.

    With the argument `since`, the prompt lacks the sections that the agent already has from an earlier prompt. `agent`
    is a function that returns the name of the agent.
    """
    lease_words: list[str] = []
    remarks: list[str] = []
    try:
        if arguments.get("take"):
            lease_options = {"--lease": "", "--agent": agent(), "--process": str(os.getpid())}
            output, lease_words, remarks = _run_next_as_json(
                workspace, arguments, {**lease_options, **_command_options(arguments, "role")}
            )
        elif "role" in arguments:
            output, lease_words, remarks = _prompt_without_lease(
                workspace, {**arguments, **_arguments_for_first_step(workspace, arguments)}
            )
        else:
            output, lease_words, remarks = _prompt_without_lease(workspace, arguments)
    except Exception as error:
        code = exit_code(error)
        if code not in NOT_READY_REASONS:
            raise
        return _not_ready_text(str(error), *NOT_READY_REASONS[code])
    parts = [
        f"prompt {output.prompt_id}" if output.prompt_id else "prompt",
        *lease_words,
        *_tier_words(output),
        *_not_ready_words(output),
    ]
    return f"{' · '.join(parts)}\n{' · '.join(remarks)}\n{output.text}"


def _prompt_without_lease(
    workspace: ServedWorkspace, arguments: Mapping[str, Any]
) -> tuple[CommandOutput, list[str], list[str]]:
    """Return a tuple without a lease of the step: the output with the prompt, an empty list of words about the lease,
    and remarks. There are remarks only with the argument `since`.
    """
    if "since" in arguments:
        return _run_next_as_json(workspace, arguments, {})
    return next_output(workspace, arguments), [], []


def _run_next_as_json(
    workspace: ServedWorkspace, arguments: Mapping[str, Any], lease_options: Mapping[str, str]
) -> tuple[CommandOutput, list[str], list[str]]:
    """Run `planmark next --json`. Return a tuple: the output with the prompt, words about the lease, and remarks.

    `lease_options` are the options with which the command leases the step. They are empty if it leases no step.
    """
    options = {"--json": "", **lease_options, **_command_options(arguments, "achievement", "budget", "since")}
    output = workspace.run("next", _feature_arguments(arguments), options)
    # The output lacks the last member of the JSON object and the final brace (see `json_before_run`).
    next_json = json.loads(f"{output.text}\n}}")
    lease_words, remarks = [], []
    if next_json["lease"]:
        lease_words.append(f"lease {next_json['lease']['id']} until {next_json['lease']['until'][11:16]} UTC")
        # Notes that contain one of these words repeat the first line of the answer, so they are left out.
        repeated_words = (next_json["lease"]["id"], "--since ", f"prompt {output.prompt_id}")
        remarks = [
            note for note in output.notes.splitlines() if note and not any(part in note for part in repeated_words)
        ]
    if since := next_json["since"]:
        remarks.insert(0, _since_in_words(since, next_json["tokens"]["total"]))
    return output._replace(text=next_json["prompt"]), lease_words, remarks


def _since_in_words(since: Mapping[str, Any], new_tokens: int) -> str:
    """Return a text that says how much of a prompt is new since an earlier prompt.

    `since` is the member `since` of the JSON of `planmark next`. `new_tokens` is the number of tokens that are new.
    """
    if since["problem"]:
        return f"since {since['id']}: {since['problem']}; read all of it"
    return f"since {since['id']}: {new_tokens:,} of {since['whole']:,} tokens are new"


def _command_options(arguments: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return a mapping from an option of a command to its value, for each of `names` that `arguments` contain."""
    return {f"--{name}": str(arguments[name]) for name in names if arguments.get(name) is not None}


def _arguments_for_first_step(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments `feature` and `achievement` of the first free step for the role in `arguments`. A step is
    free if it is ready and no agent holds it.

    Raises CommandError if no step for this role is free.
    """
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
    """Return the table of leases, with the holder and the end of each lease; "" if no step is leased."""
    from planmark.storage.lease_files import LeaseFolderError, lease_place, read_leases

    try:
        if not read_leases(lease_place(workspace.root()).folder, {}):
            return ""
    except LeaseFolderError as error:
        return f"leases: {error}\n"
    table = workspace.run("lease", ["list"]).text
    return "" if table.startswith("no lease is held") else table


def next_output(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> CommandOutput:
    """Return the output of `planmark next` for the plan, the achievement and the budget in `arguments`."""
    return workspace.run("next", _feature_arguments(arguments), _command_options(arguments, "achievement", "budget"))


def _not_ready_text(message: str, reason: str, when_to_ask: str) -> str:
    """Return the answer for an agent if no step is ready.

    The first line has `reason` and `when_to_ask`. After an empty line, `message` follows.
    """
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    hold_note = " · held" if "held by" in message else ""
    return f"{reason}{hold_note} · {when_to_ask}\n\n{visible(without_secrets(message))}\n"


def _tier_words(output: CommandOutput) -> list[str]:
    """Return a list with the tier of the prompt's step, in words. If the step has no tier, the list is empty."""
    from planmark.plans.roles import STEP_ROLES

    return [f"tier {duty.tier}" for name, duty in STEP_ROLES.items() if name == output.step]


def _not_ready_words(output: CommandOutput) -> list[str]:
    """Return a list of two texts: why the step of the prompt is not ready, and when to ask again.

    If the step is ready, the list is empty.
    """
    return list(NOT_READY_REASONS.get(output.code, ()))


def check(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return at most `MAX_DIAGNOSTICS` diagnostics as text, the most severe first.

    The line of a diagnostic is followed by the titles of its fixes.
    """
    checked_names = []
    if feature := arguments.get("feature"):
        checked_names.append(feature if _is_path(feature) else f"@{feature.removeprefix('@')}")
    if path := arguments.get("path"):
        checked_names.append(path)
    check_json = json.loads(workspace.run("check", checked_names, {"--format": "json"}).text)
    if check_json.get("error"):
        raise ToolError(check_json["error"]["message"])
    ordered_diagnostics = sorted(
        check_json["diagnostics"], key=lambda diagnostic: SEVERITIES.index(diagnostic["severity"])
    )
    lines = []
    for diagnostic in ordered_diagnostics[:MAX_DIAGNOSTICS]:
        place_text = f"{diagnostic['path']}:{diagnostic['range']['start']['line']}"
        lines.append(f"{place_text} {diagnostic['severity']} {diagnostic['code']}: {diagnostic['message']}")
        lines += [f"  fix: {fix['title']}" for fix in diagnostic["fixes"]]
    if (more_count := len(ordered_diagnostics) - MAX_DIAGNOSTICS) > 0:
        lines.append(f"and {more_count} more: name a plan or a path")
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible_in_one_line

    # The command does not mask the titles of fixes in its JSON, because a title belongs to an edit. So mask them here.
    return "".join(f"{visible_in_one_line(without_secrets(line))}\n" for line in lines) or "no diagnostics\n"


def find(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> str:
    """Return the matches of a query as `planmark find` shows them, with the number of matches that are not shown."""
    output = workspace.run("find", [arguments["query"]], _command_options(arguments, "limit"))
    return "".join(part for part in (output.text, output.notes))


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or name.endswith((".md", ".json"))
