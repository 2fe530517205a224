"""The prompts that a person chooses in a host of agents, and the completion of the arguments of these prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from planmark.mcp.reading import ToolError, next_output
from planmark.mcp.tool_table import similar_name_hint
from planmark.mcp.workspace import ServedWorkspace

if TYPE_CHECKING:
    from planmark.queries.workspace_view import AnyPlan, View

MAX_COMPLETIONS = 100
"""Maximum number of values that a client gets for the completion of an argument."""
DEFAULT_BATCH_STEPS = 3
"""Number of steps in the prompt `batch` if the argument `count` is missing."""
MAX_BATCH_STEPS = 6
"""Maximum number of steps in the prompt `batch`. The default is `DEFAULT_BATCH_STEPS`."""


class PromptArgument(NamedTuple):
    """An argument of a prompt."""

    name: str
    description: str
    required: bool = False


class ListedPrompt(NamedTuple):
    """A prompt that clients can list. `message` is a function that returns the text of the prompt.

    The function takes the workspace, and a mapping from the name of an argument to its value.
    """

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...]
    message: Callable[[ServedWorkspace, Mapping[str, str]], str]


def _next_message(workspace: ServedWorkspace, arguments: Mapping[str, str]) -> str:
    return next_output(workspace, arguments).text


def _review_message(workspace: ServedWorkspace, arguments: Mapping[str, str]) -> str:
    options = {"--achievement": arguments["achievement"], "--review": "auto"}
    return workspace.run("next", [arguments["feature"]], options).text


def _batch_message(workspace: ServedWorkspace, arguments: Mapping[str, str]) -> str:
    max_steps = _step_count(arguments.get("count", ""))
    from planmark.cli.workspace_access import find_plan
    from planmark.queries.next import prompt_of
    from planmark.queries.waves import waves_result

    view = workspace.view()
    plan = find_plan(view, arguments["feature"])
    if (shared_prompt := _prompt_for_one_agent(view, plan, max_steps)) is not None:
        return shared_prompt
    waves = waves_result(view, plan, max_steps).waves
    names = [member.achievement for member in (waves[0].members[:max_steps] if waves else ())]
    if len(names) < 2:
        # Without waves, for example because dependencies form a circle, the plan has one next step.
        return prompt_of(view, plan).prompt
    prompts = [prompt_of(view, plan, name).prompt for name in names]
    introduction = (
        f"{len(prompts)} steps of @{plan.feature} are ready. None waits for another, and no two change the same file that "
        "the documents name. Give each to an agent of its own."
    )
    headings = [f"──── {number} of {len(prompts)}: {name} ────" for number, name in enumerate(names, 1)]
    return "\n\n".join(
        [introduction, *(f"{heading}\n\n{prompt}" for heading, prompt in zip(headings, prompts, strict=True))]
    )


def _prompt_for_one_agent(view: View, plan: AnyPlan, max_steps: int) -> str | None:
    """Return one prompt with two to `max_steps` steps of one kind; None if no batch of at least two steps is possible."""
    from planmark.queries.batch import BatchLimits, batch_result
    from planmark.queries.lookup import NoAnswerError

    try:
        result = batch_result(view, plan, BatchLimits(max_steps))
    except NoAnswerError:
        return None
    return result.prompt if len(result.members) > 1 else None


def _step_count(text: str) -> int:
    """Return the number of steps in `text`, the value of the argument `count`. If it is empty, return the default.

    Raises ToolError if `text` is not a number from 1 to `MAX_BATCH_STEPS`.
    """
    if not text:
        return DEFAULT_BATCH_STEPS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_BATCH_STEPS):
        raise ToolError(f"`count` is a whole number from 1 to {MAX_BATCH_STEPS}")
    return int(text)


_FEATURE = PromptArgument("feature", "a plan: its name, a part of it, or a path")
_REQUIRED_FEATURE = _FEATURE._replace(required=True)
_ACHIEVEMENT = PromptArgument("achievement", "an id, such as 1.2")
PROMPTS: dict[str, ListedPrompt] = {
    prompt.name: prompt
    for prompt in (
        ListedPrompt(
            "next",
            "Next step",
            "The next step of a plan, or of the most urgent one",
            (_FEATURE, _ACHIEVEMENT),
            _next_message,
        ),
        ListedPrompt(
            "review",
            "Review",
            "The reviews that the change of an achievement needs",
            (_REQUIRED_FEATURE, _ACHIEVEMENT._replace(required=True)),
            _review_message,
        ),
        ListedPrompt(
            "batch",
            "Several steps",
            "Steps of one kind in one prompt, or steps that several agents can do at the same time",
            (
                _REQUIRED_FEATURE,
                PromptArgument("count", f"how many steps: 1 to {MAX_BATCH_STEPS}, else {DEFAULT_BATCH_STEPS}"),
            ),
            _batch_message,
        ),
    )
}
"""Mapping from the name of a prompt to the prompt, in the order of the list that clients get."""


def checked_prompt(name: str, arguments: Mapping[str, str]) -> tuple[ListedPrompt, dict[str, str]]:
    """Return a tuple: the prompt with the name `name`, and those of `arguments` that have a value.

    Raises ToolError if the prompt or an argument is unknown, or if an argument is missing.
    """
    prompt = PROMPTS.get(name)
    if prompt is None:
        raise ToolError(f"no prompt `{name[:80]}`{similar_name_hint(name, PROMPTS)}")
    names = [argument.name for argument in prompt.arguments]
    values = {key: value for key, value in arguments.items() if value}
    for key in values:
        if key not in names:
            raise ToolError(f"the prompt `{name}` has no argument `{key[:80]}`{similar_name_hint(key, names)}")
    for argument in prompt.arguments:
        if argument.required and argument.name not in values:
            raise ToolError(f"the prompt `{name}` needs `{argument.name}`")
    return prompt, values


def completions(workspace: ServedWorkspace, argument_name: str, typed_text: str, feature: str) -> list[str]:
    """Return the possible values of an argument that contain `typed_text`. Values that begin with this text are first.

    The values of the argument `feature` are the names of the plans. The values of the argument `achievement` are the
    ids of the achievements of the plan `feature`.
    """
    from planmark.cli.workspace_access import find_plan
    from planmark.queries.lookup import NoAnswerError

    if argument_name not in ("feature", "achievement"):
        return []
    view = workspace.view()
    if argument_name == "feature":
        return _names_containing(typed_text.removeprefix("@"), sorted({plan.feature for plan in view.plans}))
    if not feature:
        return []
    try:
        state = view.state(find_plan(view, feature).path)
    except NoAnswerError:
        return []
    return _names_containing(typed_text, [achievement.id or achievement.ref for achievement in state.achievements])


def _names_containing(typed_text: str, names: Iterable[str]) -> list[str]:
    """Return those of `names` that contain `typed_text`. Names that begin with this text are first.

    The comparison ignores case.
    """
    folded_text = typed_text.casefold()
    matching_names = [name for name in names if folded_text in name.casefold()]
    return sorted(matching_names, key=lambda name: not name.casefold().startswith(folded_text))
