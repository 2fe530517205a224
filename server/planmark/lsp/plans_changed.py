"""`planmark/plansChanged`: notifies the client when the answer to `planmark/status` has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MIN_NOTIFICATION_INTERVAL_SECONDS = 0.25
"""Minimum seconds between two notifications."""


class PlansChangedQueue:
    """The queue of the unsent notifications `planmark/plansChanged`. Only the event loop uses the queue.

    The queue sends at most one notification per MIN_NOTIFICATION_INTERVAL_SECONDS. Of several unsent notifications about a workspace, it
    sends the last one.
    """

    def __init__(self, send: Callable[[str, int], None]) -> None:
        """Create an empty queue. `send` receives a workspace (absolute path) and the revision of its snapshot."""
        self._send = send
        self._pending: dict[str, int] = {}
        """Mapping from a workspace to the revision that its next notification names."""
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, workspace: str, revision: int) -> None:
        """Send a notification about a workspace: now, or MIN_NOTIFICATION_INTERVAL_SECONDS after the last notification."""
        self._pending[workspace] = revision
        if self._timer is None:
            self._send_next()

    def close(self) -> None:
        """Discard all unsent notifications and send no more."""
        self._pending.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _send_next(self) -> None:
        self._timer = None
        if self._pending:
            workspace = next(iter(self._pending))
            self._send(workspace, self._pending.pop(workspace))
            self._timer = asyncio.get_running_loop().call_later(MIN_NOTIFICATION_INTERVAL_SECONDS, self._send_next)
