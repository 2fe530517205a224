"""The messages that only Planmark defines. `docs/lsp-extensions.md` describes them; a test compares both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from planmark.text.as_json import json_bytes

if TYPE_CHECKING:
    from planmark.lsp.to_lsp import Context
    from planmark.queries.state_changes import StateChange

Health = Literal["ok", "warning", "error"]

METRICS = "planmark/metrics"
STATE_CHANGED = "planmark/stateChanged"
SERVER_STATUS = "planmark/serverStatus"

TO_CLIENT: dict[str, str] = {
    METRICS: "metrics of requests, index, caches, prompts and the process",
    STATE_CHANGED: "achievements have changed state",
    SERVER_STATUS: "the health of the server, or whether it is idle, has changed",
}
"""Notification to the client → when the server sends it."""

FOCUS = "planmark/focus"

NOTIFICATIONS: dict[str, str] = {
    FOCUS: "the user has returned to the editor: the server scans the disk, at most once a second",
}
"""Notification to the server → its effect."""

TO_SERVER: dict[str, str] = {
    "planmark/status": "every plan, or one: as `planmark status --json`",
    "planmark/nextPrompt": "the next prompt: as `planmark next --json`",
    "planmark/why": "how a state was decided",
    "planmark/graph": "achievements and dependencies of a plan: as `planmark graph --format json`",
    "planmark/adopt": "the verdicts that the text of an old PLAN claims",
    "planmark/metrics/get": "what `planmark/metrics` would send now",
}
"""Request to the server → its result."""

COMMANDS: dict[str, str] = {
    "planmark.nextPrompt": "the next prompt; shown as a document unless the client delivers prompts itself",
    "planmark.createSubplan": "creates the SUBPLAN of an achievement, as an edit",
    "planmark.createExecution": "creates the next EXECUTION_TASK of an achievement, as an edit",
    "planmark.recordVerdict": "creates an APPROVED, a FIX or a RESOLUTION file, as an edit",
    "planmark.resolveFix": "creates the RESOLUTION of a FIX, with an entry for each issue, as an edit",
    "planmark.closePlan": "marks a complete plan as closed in its Status and handoff, as an edit",
    "planmark.archivePlan": "moves the folder of a closed plan to its archive, with every link to it, as an edit",
    "planmark.pausePlan": "marks a plan as paused in its Status, as an edit",
    "planmark.resumePlan": "makes a paused plan active again in its Status, as an edit",
    "planmark.dropAchievement": "marks an achievement in its PLAN as no longer wanted, as an edit",
    "planmark.status": "every plan, or one",
    "planmark.why": "how a state was decided",
    "planmark.reindex": "reads every workspace again",
    "planmark.open": "shows a document of a workspace",
}
"""Command of `workspace/executeCommand` → its effect."""


class Encoded(NamedTuple):
    """A result as JSON without credentials. The engine's thread makes it, so that large results do not block the loop."""

    json: str


class ServerStatus(NamedTuple):
    """The health of the server. `message` says what is wrong and what to do, or is ""."""

    health: Health
    quiescent: bool
    message: str


def state_changed(context: Context, changes: list[StateChange]) -> dict[str, Any]:
    """Return the parameters of `planmark/stateChanged`."""
    return {
        "workspace": context.view.snapshot.root,
        "revision": context.view.snapshot.revision,
        "changes": [
            {
                "plan": change.plan,
                "achievement": change.achievement,
                "from": change.before,
                "to": change.after,
                "cause": context.uri(change.cause),
            }
            for change in changes
        ],
    }


def plain(result: msgspec.Struct) -> Any:
    """Convert a result to plain JSON values."""
    return msgspec.to_builtins(result)


def encoded(result: msgspec.Struct) -> Encoded:
    """Return a result as JSON without credentials. Runs on the engine's thread, because the result may be large."""
    return without_credentials(json_bytes(result).decode())


def without_credentials(text: str) -> Encoded:
    """Mask the credentials in JSON."""
    # Imported only here, because the answer to `initialize` needs no masks.
    from planmark.text.masking import masked_json

    return Encoded(masked_json(text))
