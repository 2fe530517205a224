"""Subscribed resources: which they are, and the notification after each change, in both eras of the protocol."""

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
"""The looks take at most one part in PAUSE_FACTOR of the time."""
MAX_SUBSCRIPTIONS = 1000
"""Maximum number of subscribed resources."""

logger = logging.getLogger(__name__)
Text = Callable[[str], Awaitable[str]]
"""A function that returns the text of a resource, or the text of the error without one."""


class Subscriptions:
    """The subscribed resources of one client, with the digest of the text that the client may have read."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._digests: dict[str, bytes] = {}
        self._legacy: dict[str, ServerSession] = {}
        self._listening: Counter[str] = Counter()
        self._bus = InMemorySubscriptionBus()
        self._listen = ListenHandler(self._bus)
        self._wanted = anyio.Event()

    async def subscribe(self, uri: str, session: ServerSession) -> None:
        """Subscribe to a resource, as before the revision 2026-07-28."""
        await self._look_first(uri)
        self._legacy[uri] = session

    def unsubscribe(self, uri: str) -> None:
        """End a subscription of `subscribe`."""
        self._legacy.pop(uri, None)
        self._forget(uri)

    async def listen(
        self, context: ServerRequestContext[Any, Any], params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Serve a subscription of the revision 2026-07-28 until the client ends it."""
        uris = list(dict.fromkeys(params.notifications.resource_subscriptions or ()))
        for uri in uris:
            await self._look_first(uri)
        self._listening.update(uris)
        try:
            return await self._listen(context, params)
        finally:
            self._listening.subtract(uris)
            for uri in uris:
                self._forget(uri)

    @property
    def is_full(self) -> bool:
        """Tell whether no further resource can be subscribed."""
        return len(self._digests) >= MAX_SUBSCRIPTIONS

    async def watch(self) -> None:
        """Look at the subscribed resources again and again, and notify the client of changes."""
        while True:
            await self._wanted.wait()
            started = time.monotonic()
            await self._look()
            await anyio.sleep(max(MIN_LOOK_SECONDS, PAUSE_FACTOR * (time.monotonic() - started)))

    async def _look(self) -> None:
        for uri in list(self._digests):
            digest = _digest(await self._text(uri))
            before = self._digests.get(uri)
            if before is None or digest == before:
                continue
            self._digests[uri] = digest
            if session := self._legacy.get(uri):
                await session.send_resource_updated(uri)
            await self._bus.publish(ResourceUpdated(uri))

    async def _look_first(self, uri: str) -> None:
        if uri not in self._digests:
            self._digests[uri] = _digest(await self._text(uri))
        self._wanted.set()

    def _forget(self, uri: str) -> None:
        if uri not in self._legacy and self._listening[uri] <= 0:
            self._digests.pop(uri, None)
            del self._listening[uri]
        if not self._digests and self._wanted.is_set():
            self._wanted = anyio.Event()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
