"""Clients of the server."""

from lsp_fixtures import example, local, pay, process

__all__ = ["example", "local", "pay", "process"]
