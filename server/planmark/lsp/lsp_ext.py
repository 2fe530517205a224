"""The notifications of the server that only Planmark defines, and the JSON of its results.

`docs/lsp-extensions.md` describes these notifications; a test compares the page with the table.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from planmark.text.as_json import json_bytes

METRICS_METHOD = "planmark/metrics"
STATE_CHANGED = "planmark/stateChanged"
SERVER_STATUS = "planmark/serverStatus"
PLANS_CHANGED = "planmark/plansChanged"
LEASES_CHANGED = "planmark/leasesChanged"

NOTIFICATIONS_TO_CLIENT: dict[str, str] = {
    METRICS_METHOD: "metrics of requests, index, caches, prompts and the process",
    STATE_CHANGED: "achievements have changed state",
    PLANS_CHANGED: "the answer of `planmark/status` has changed, to clients that ask for this notification",
    LEASES_CHANGED: "agents hold different steps, to clients that ask for this notification",
    SERVER_STATUS: "the health of the server, or whether it is idle, has changed",
}
"""Notification to the client → the event that causes the notification."""


class RawJson(NamedTuple):
    """A result as JSON without credentials.

    The engine's thread encodes the result, so that large results do not block the loop.
    """

    json: str


def to_raw_json(result: msgspec.Struct) -> RawJson:
    """Return a result as JSON without credentials. Runs on the engine's thread, because the result may be large."""
    return mask_json(json_bytes(result).decode())


def mask_json(text: str) -> RawJson:
    """Mask the credentials in JSON."""
    # Imported only here, because the answer to `initialize` needs no masks.
    from planmark.text.masking import masked_json

    return RawJson(masked_json(text))
