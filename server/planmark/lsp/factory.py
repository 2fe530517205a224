"""The factory of the server."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.lsp import commands, lifecycle
from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.handlers import registry
from planmark.lsp.server import Server


def new_server(connection: Connection, client: Client, roots: Sequence[str]) -> Server:
    """Return the server of a client, with all its handlers.

    `roots` are the URIs of the folders that the client opens with.
    """
    server = Server(connection, client, roots)
    lifecycle.register(server)
    registry.register(server)
    commands.register(server)
    return server
