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

MIN_LOOK_SECONDS = 2.0
"""Minimum seconds between two looks at the subscribed resources."""
PAUSE_FACTOR = 20
"""The pause after a look is at least PAUSE_FACTOR times as long as the look."""
MAX_SUBSCRIPTIONS = 1000
"""Maximum number of subscribed resources."""

logger = logging.getLogger(__name__)
ReadResourceText = Callable[[str], Awaitable[str]]
"""A function that returns the text of a resource, or the text of the error if the resource cannot be read."""


class Subscriptions:
    """The subscribed resources of one client, with the digest of the text that the client may have read."""

    def __init__(self, text: ReadResourceText) -> None:
        self._text = text
        self._digests: dict[str, bytes] = {}
        self._sessions_by_uri: dict[str, ServerSession] = {}
        self._listener_counts: Counter[str] = Counter()
        self._bus = InMemorySubscriptionBus()
        self._listen = ListenHandler(self._bus)
        self._has_subscriptions = anyio.Event()

    async def subscribe(self, uri: str, session: ServerSession) -> None:
        """Subscribe to a resource, as before the revision 2026-07-28."""
        await self._remember_digest(uri)
        self._sessions_by_uri[uri] = session

    def unsubscribe(self, uri: str) -> None:
        """End a subscription of `subscribe`."""
        self._sessions_by_uri.pop(uri, None)
        self._forget(uri)

    async def listen(
        self, context: ServerRequestContext[Any, Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve a subscription of the revision 2026-07-28 until the client ends it."""
        uris = list(dict.fromkeys(params.notifications.resource_subscriptions or ()))
        for uri in uris:
            await self._remember_digest(uri)
        self._listener_counts.update(uris)
        try:
            return await self._listen(context, params)
        finally:
            self._listener_counts.subtract(uris)
            for uri in uris:
                self._forget(uri)

    @property
    def is_full(self) -> bool:
        """Tell whether no further resource can be subscribed."""
        return len(self._digests) >= MAX_SUBSCRIPTIONS

    async def watch(self) -> None:
        """Look at the subscribed resources again and again, and notify the client of changes."""
        while True:
            await self._has_subscriptions.wait()
            started = time.monotonic()
            await self._notify_of_changes()
            await anyio.sleep(max(MIN_LOOK_SECONDS, PAUSE_FACTOR * (time.monotonic() - started)))

    async def _notify_of_changes(self) -> None:
        for uri in list(self._digests):
            digest = _digest(await self._text(uri))
            old_digest = self._digests.get(uri)
            if old_digest is None or digest == old_digest:
                continue
            self._digests[uri] = digest
            if session := self._sessions_by_uri.get(uri):
                await session.send_resource_updated(uri)
            await self._bus.publish(ResourceUpdated(uri))

    async def _remember_digest(self, uri: str) -> None:
        if uri not in self._digests:
            self._digests[uri] = _digest(await self._text(uri))
        self._has_subscriptions.set()

    def _forget(self, uri: str) -> None:
        if uri not in self._sessions_by_uri and self._listener_counts[uri] <= 0:
            self._digests.pop(uri, None)
            del self._listener_counts[uri]
        if not self._digests and self._has_subscriptions.is_set():
            self._has_subscriptions = anyio.Event()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
