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
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "decision": {"type": "string", "title": "Decision", "enum": list(DECISIONS)},
        "reviewer": {"type": "string", "title": "Your name", "minLength": 1},
    },
    "required": ["decision", "reviewer"],
}
"""The form that a person fills in."""
MAX_ASKED = 100
"""Maximum number of forms whose answers a server still accepts."""


class Question(NamedTuple):
    """A question to a person about an achievement."""

    feature: str
    achievement: str
    message: str


class SentForms:
    """The forms that a server has sent, each with the arguments of its call. An answer is accepted once."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, bytes] = OrderedDict()

    def ask(self, given: Mapping[str, Any]) -> str:
        """Remember the arguments of a call, and return the state that its answer must have."""
        state = secrets.token_urlsafe(16)
        self._asked[state] = _digest(given)
        while len(self._asked) > MAX_ASKED:
            self._asked.popitem(last=False)
        return state

    def accept(self, state: str | None, given: Mapping[str, Any]) -> None:
        """Raise ToolError unless the form with this state was sent for the same arguments, and has no answer yet."""
        if self._asked.pop(state or "", b"") != _digest(given):
            raise ToolError("this form was not asked for, or is answered already: call `verdict` again")


def _digest(given: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()


def question(workspace: ServedWorkspace, given: Mapping[str, Any]) -> Question:
    """Return the question about an achievement that may get a verdict. Raises NoAnswerError without one."""
    from planmark.cli.workspace_access import find_named
    from planmark.plans.phrases import in_state
    from planmark.queries.meant import achievement_needed, of_methodology
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible_in_one_line

    view = workspace.view()
    named = find_named(view, given["feature"])
    of_methodology(named.plan, "verdict")
    achievement = achievement_needed(view, named, given["achievement"])
    about = f"@{named.plan.feature} {achievement.id}"
    says = in_state(achievement.id, achievement.state)
    note = f"\nThe agent says: > {given['note']}" if given.get("note") else ""
    message = f"Is {about} done? {achievement.title}. {says}.{note}"
    shown = "\n".join(visible_in_one_line(line) for line in without_secrets(message).splitlines())
    return Question(named.plan.feature, achievement.id, shown)


def text_without_decision(asked: Question, why: str) -> str:
    """Return the text for an agent whose client asked no person, or whose person decided nothing."""
    return f"{why}; ask a person to run: planmark verdict approve @{asked.feature} {asked.achievement} --reviewer NAME"


def write_verdict(workspace: ServedWorkspace, given: Mapping[str, Any], asked: Question, content: Any) -> str:
    """Write the decision of a person, and return the path of its file; for `later`, what to do."""
    decision, reviewer = (content or {}).get("decision"), (content or {}).get("reviewer")
    if decision not in DECISIONS or not isinstance(reviewer, str):
        raise ToolError("the form has no decision, or no name: nothing was written; call `verdict` again")
    if decision == "later":
        return text_without_decision(asked, "nothing was written: the person decides later")
    options = {"--reviewer": reviewer}
    if given.get("note"):
        options["--note"] = given["note"]
    return workspace.run("verdict", [decision, given["feature"], given["achievement"]], options).text
