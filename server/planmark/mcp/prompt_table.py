"""The prompts that a person chooses in a host, and the completion of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from planmark.mcp.reading import ToolError, next_output
from planmark.mcp.tool_table import similar_name_hint
from planmark.mcp.workspace import ServedWorkspace

if TYPE_CHECKING:
    from planmark.queries.workspace_view import AnyPlan, View

MAX_COMPLETIONS = 100
MAX_AGENT_PROMPTS = 3
MAX_BATCH_STEPS = 6
"""Usual and maximum number of steps in the prompt `batch`."""


class PromptArgument(NamedTuple):
    """An argument of a prompt."""

    name: str
    description: str
    required: bool = False


class ListedPrompt(NamedTuple):
    """A prompt, with the function that returns its message."""

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
    count = _step_count(arguments.get("count", ""))
    from planmark.cli.workspace_access import find_plan
    from planmark.queries.next import prompt_of
    from planmark.queries.waves import waves_result

    view = workspace.view()
    plan = find_plan(view, arguments["feature"])
    if (shared_prompt := _prompt_for_one_agent(view, plan, count)) is not None:
        return shared_prompt
    waves = waves_result(view, plan, count).waves
    names = [member.achievement for member in (waves[0].members[:count] if waves else ())]
    if len(names) < 2:
        # Without waves, for example because dependencies form a circle, the plan has one next step.
        return prompt_of(view, plan).prompt
    texts = [prompt_of(view, plan, name).prompt for name in names]
    introduction = (
        f"{len(texts)} steps of @{plan.feature} are ready. None waits for another, and no two change the same file that "
        "the documents name. Give each to an agent of its own."
    )
    headings = [f"──── {number} of {len(texts)}: {name} ────" for number, name in enumerate(names, 1)]
    return "\n\n".join([introduction, *(f"{head}\n\n{text}" for head, text in zip(headings, texts, strict=True))])


def _prompt_for_one_agent(view: View, plan: AnyPlan, count: int) -> str | None:
    """Return one prompt for one agent with several steps of one kind; None if the plan has no two such steps."""
    from planmark.queries.batch import BatchTerms, batch_result
    from planmark.queries.lookup import NoAnswerError

    try:
        result = batch_result(view, plan, BatchTerms(count))
    except NoAnswerError:
        return None
    return result.prompt if len(result.members) > 1 else None


def _step_count(text: str) -> int:
    if not text:
        return MAX_AGENT_PROMPTS
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
                PromptArgument("count", f"how many steps: 1 to {MAX_BATCH_STEPS}, else {MAX_AGENT_PROMPTS}"),
            ),
            _batch_message,
        ),
    )
}
"""Name → prompt, in the order of the list that clients get."""


def checked_prompt(name: str, arguments: Mapping[str, str]) -> tuple[ListedPrompt, dict[str, str]]:
    """Return a prompt and its arguments with a value. Raises ToolError."""
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


def completions(workspace: ServedWorkspace, argument: str, typed_text: str, feature: str) -> list[str]:
    """Return the values of an argument that contain the typed text: features, or ids of the plan `feature`.

    Values that begin with the typed text come first.
    """
    from planmark.cli.workspace_access import find_plan
    from planmark.queries.lookup import NoAnswerError

    if argument not in ("feature", "achievement"):
        return []
    view = workspace.view()
    if argument == "feature":
        return _names_containing(typed_text.removeprefix("@"), sorted({plan.feature for plan in view.plans}))
    if not feature:
        return []
    try:
        state = view.state(find_plan(view, feature).path)
    except NoAnswerError:
        return []
    return _names_containing(typed_text, [achievement.id or achievement.ref for achievement in state.achievements])


def _names_containing(typed_text: str, names: Iterable[str]) -> list[str]:
    folded_text = typed_text.casefold()
    matching = [name for name in names if folded_text in name.casefold()]
    return sorted(matching, key=lambda name: not name.casefold().startswith(folded_text))
