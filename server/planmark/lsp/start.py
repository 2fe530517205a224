"""The factory of the server."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.lsp import commands, life
from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.handlers import table
from planmark.lsp.server import Server


def new_server(connection: Connection, client: Client, roots: Sequence[str]) -> Server:
    """Return the server of a client, with all its handlers.

    `roots` are the URIs of the folders that the client opens with.
    """
    server = Server(connection, client, roots)
    life.register(server)
    table.register(server)
    commands.register(server)
    return server
