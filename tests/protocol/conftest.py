"""Clients of the server."""

from lsp_fixtures import example, held, local, pay, process

__all__ = ["example", "held", "local", "pay", "process"]
