"""Workspaces of the servers for agents."""

from lsp_fixtures import example, pay

__all__ = ["example", "pay"]
