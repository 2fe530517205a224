"""The notifications that only Planmark defines, and the conversion of the results of requests to JSON.

`docs/lsp-extensions.md` describes these notifications; a test compares this page with NOTIFICATIONS_TO_CLIENT.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from planmark.text.as_json import json_bytes

METRICS_METHOD = "planmark/metrics"
STATE_CHANGED_METHOD = "planmark/stateChanged"
SERVER_STATUS_METHOD = "planmark/serverStatus"
PLANS_CHANGED_METHOD = "planmark/plansChanged"
LEASES_CHANGED_METHOD = "planmark/leasesChanged"

NOTIFICATIONS_TO_CLIENT: dict[str, str] = {
    METRICS_METHOD: "metrics of requests, index, caches, prompts and the process",
    STATE_CHANGED_METHOD: "achievements have changed state",
    PLANS_CHANGED_METHOD: "the answer of `planmark/status` has changed, to clients that ask for this notification",
    LEASES_CHANGED_METHOD: "agents hold different steps, to clients that ask for this notification",
    SERVER_STATUS_METHOD: "the health of the server, or whether it is idle, has changed",
}
"""Mapping from a notification to the event that causes the notification."""


class RawJson(NamedTuple):
    """A result as JSON, in which credentials are masked.

    The engine's thread encodes the result, so that large results do not block the event loop.
    """

    json: str


def to_raw_json(result: msgspec.Struct) -> RawJson:
    """Return `result` as JSON with masked credentials. Runs on the engine's thread, because `result` may be large."""
    return mask_json(json_bytes(result).decode())


def mask_json(text: str) -> RawJson:
    """Return `text`, which is JSON, with masked credentials."""
    # Imported only here, because the answer to `initialize` needs no masks.
    from planmark.text.masking import masked_json

    return RawJson(masked_json(text))
