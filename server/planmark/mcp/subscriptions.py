"""The subscribed resources, and the notifications about their changes, in both eras of the protocol."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated

MIN_CHECK_INTERVAL_SECONDS = 2.0
"""Minimum seconds between two checks whether subscribed resources have changed."""
PAUSE_FACTOR = 20
"""The pause after a check for changes is at least PAUSE_FACTOR times as long as the check."""
MAX_SUBSCRIPTIONS = 1000
"""Maximum number of subscribed resources."""

logger = logging.getLogger(__name__)
ReadResourceText = Callable[[str], Awaitable[str]]
"""A function that returns the text of a resource, or the text of the error if the resource cannot be read."""


class Subscriptions:
    """The resources to which one client has subscribed, each with a digest of its last known text."""

    def __init__(self, read_text: ReadResourceText) -> None:
        self._read_text = read_text
        self._digests_by_uri: dict[str, bytes] = {}
        self._sessions_by_uri: dict[str, ServerSession] = {}
        self._listener_counts: Counter[str] = Counter()
        self._bus = InMemorySubscriptionBus()
        self._listen = ListenHandler(self._bus)
        self._has_subscriptions = anyio.Event()

    async def subscribe(self, uri: str, session: ServerSession) -> None:
        """Subscribe a session to a resource. Only revisions of the protocol before 2026-07-28 need this method."""
        await self._remember_digest(uri)
        self._sessions_by_uri[uri] = session

    def unsubscribe(self, uri: str) -> None:
        """End a subscription that `subscribe` has made."""
        self._sessions_by_uri.pop(uri, None)
        self._forget_if_unsubscribed(uri)

    async def listen(
        self, context: ServerRequestContext[Any, Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve a request that subscribes to resources, until the client ends the request.

        The protocol has this request from the revision 2026-07-28 on.
        """
        uris = list(dict.fromkeys(params.notifications.resource_subscriptions or ()))
        for uri in uris:
            await self._remember_digest(uri)
        self._listener_counts.update(uris)
        try:
            return await self._listen(context, params)
        finally:
            self._listener_counts.subtract(uris)
            for uri in uris:
                self._forget_if_unsubscribed(uri)

    @property
    def is_full(self) -> bool:
        """Tell whether the client has subscribed to the maximum number of resources."""
        return len(self._digests_by_uri) >= MAX_SUBSCRIPTIONS

    async def watch(self) -> None:
        """Check the subscribed resources periodically, and notify the client of changes, until the task is cancelled."""
        while True:
            await self._has_subscriptions.wait()
            started = time.monotonic()
            await self._notify_of_changes()
            await anyio.sleep(max(MIN_CHECK_INTERVAL_SECONDS, PAUSE_FACTOR * (time.monotonic() - started)))

    async def _notify_of_changes(self) -> None:
        """Notify the client of each subscribed resource whose text has changed since the last check."""
        for uri in list(self._digests_by_uri):
            digest = _digest(await self._read_text(uri))
            old_digest = self._digests_by_uri.get(uri)
            if old_digest is None or digest == old_digest:
                continue
            self._digests_by_uri[uri] = digest
            if session := self._sessions_by_uri.get(uri):
                await session.send_resource_updated(uri)
            await self._bus.publish(ResourceUpdated(uri))

    async def _remember_digest(self, uri: str) -> None:
        """Remember the digest of the current text of a resource, unless the resource is subscribed already."""
        if uri not in self._digests_by_uri:
            self._digests_by_uri[uri] = _digest(await self._read_text(uri))
        self._has_subscriptions.set()

    def _forget_if_unsubscribed(self, uri: str) -> None:
        """Remove the digest of a resource if the resource has no more subscriptions."""
        if uri not in self._sessions_by_uri and self._listener_counts[uri] <= 0:
            self._digests_by_uri.pop(uri, None)
            del self._listener_counts[uri]
        if not self._digests_by_uri and self._has_subscriptions.is_set():
            self._has_subscriptions = anyio.Event()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
