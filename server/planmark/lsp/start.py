"""Puts the server together."""

from __future__ import annotations

from collections.abc import Sequence

from planmark.lsp import commands, life
from planmark.lsp.client import Client
from planmark.lsp.connection import Connection
from planmark.lsp.features import table
from planmark.lsp.server import Server


def new_server(connection: Connection, client: Client, roots: Sequence[str]) -> Server:
    """The server of a client, with everything that it can do; `roots` are the URIs of the folders that it opens with."""
    server = Server(connection, client, roots)
    life.register(server)
    table.register(server)
    commands.register(server)
    return server
