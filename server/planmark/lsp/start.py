"""Puts the server together."""

from __future__ import annotations

from planmark.lsp import commands, life
from planmark.lsp.features import table
from planmark.lsp.server import Server


def new_server() -> Server:
    """A server with everything that it can do, not yet connected."""
    server = Server(commands.COMMANDS)
    life.register(server)
    table.register(server)
    commands.register(server)
    return server
