"""The tool `verdict`: asks the person at the client for a decision, and writes it. An agent never decides."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from planmark.mcp.reading import ToolError
from planmark.mcp.workspace import ServedWorkspace

DECISIONS = ("approve", "fix", "later")
"""The decisions that a person can choose in the form."""
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "decision": {"type": "string", "title": "Decision", "enum": list(DECISIONS)},
        "reviewer": {"type": "string", "title": "Your name", "minLength": 1},
    },
    "required": ["decision", "reviewer"],
}
"""The form that a person fills in, as JSON Schema."""
MAX_OPEN_FORMS = 100
"""Maximum number of forms that wait for an answer. Above this number, the oldest form no longer accepts an answer."""


class Question(NamedTuple):
    """A question to a person about an achievement. `feature` is the name of the plan."""

    feature: str
    achievement: str
    message: str


class SentForms:
    """The forms that a server has sent, each with the arguments of its call. A form accepts only one answer."""

    def __init__(self) -> None:
        self._digests_by_state: OrderedDict[str, bytes] = OrderedDict()

    def ask(self, arguments: Mapping[str, Any]) -> str:
        """Remember the arguments of a call before the server sends its form. Return the state of this form, which is a
        random text. The client sends this state back with the answer.
        """
        state = secrets.token_urlsafe(16)
        self._digests_by_state[state] = _digest(arguments)
        while len(self._digests_by_state) > MAX_OPEN_FORMS:
            self._digests_by_state.popitem(last=False)
        return state

    def accept(self, state: str | None, arguments: Mapping[str, Any]) -> None:
        """Check that an answer belongs to an open form, and close this form. `state` is the state that the answer
        contains. Raises ToolError if no open form has this state, or if the form was sent for different arguments.
        """
        if self._digests_by_state.pop(state or "", b"") != _digest(arguments):
            raise ToolError("this form was not asked for, or is answered already: call `verdict` again")


def _digest(arguments: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).digest()


def verdict_question(workspace: ServedWorkspace, arguments: Mapping[str, Any]) -> Question:
    """Return the question whether the achievement that the arguments name is done.

    Raises NoAnswerError if the arguments name no achievement.
    """
    from planmark.cli.workspace_access import find_plan_and_document
    from planmark.plans.phrases import state_sentence
    from planmark.queries.meant import methodology_plan, needed_achievement
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible_in_one_line

    view = workspace.view()
    named_plan = find_plan_and_document(view, arguments["feature"])
    methodology_plan(named_plan.plan, "verdict")
    achievement = needed_achievement(view, named_plan, arguments["achievement"])
    subject = f"@{named_plan.plan.feature} {achievement.id}"
    state_text = state_sentence(achievement.id, achievement.state)
    note = f"\nThe agent says: > {arguments['note']}" if arguments.get("note") else ""
    message = f"Is {subject} done? {achievement.title}. {state_text}.{note}"
    shown_text = "\n".join(visible_in_one_line(line) for line in without_secrets(message).splitlines())
    return Question(named_plan.plan.feature, achievement.id, shown_text)


def text_without_decision(question: Question, reason: str) -> str:
    """Return the text for an agent if no person has decided. `reason` says why there is no decision."""
    return f"{reason}; ask a person to run: planmark verdict approve @{question.feature} {question.achievement} --reviewer NAME"


def write_verdict(
    workspace: ServedWorkspace, arguments: Mapping[str, Any], question: Question, form_values: Any
) -> str:
    """Write the decision of a person to a file, and return the path of this file.

    If the decision is `later`, write nothing, and return a text that tells the agent what to do. `form_values` maps the
    fields of the form to the values that the person filled in; None for an empty form.
    """
    decision, reviewer = (form_values or {}).get("decision"), (form_values or {}).get("reviewer")
    if decision not in DECISIONS or not isinstance(reviewer, str):
        raise ToolError("the form has no decision, or no name: nothing was written; call `verdict` again")
    if decision == "later":
        return text_without_decision(question, "nothing was written: the person decides later")
    options = {"--reviewer": reviewer}
    if arguments.get("note"):
        options["--note"] = arguments["note"]
    return workspace.run("verdict", [decision, arguments["feature"], arguments["achievement"]], options).text
