"""The texts of errors for an agent. A text says what is wrong, and what to do.

A text never contains a traceback, or a path outside the workspace.
"""

from __future__ import annotations

import logging

from planmark.cli.errors import exit_code
from planmark.cli.session_agent import AgentNameError
from planmark.mcp.reading import ToolError
from planmark.mcp.tool_table import ArgumentError
from planmark.mcp.workspace import NoWorkspaceError, path_for_message
from planmark.text.lazy_pattern import lazy_pattern

logger = logging.getLogger(__name__)
_HELP_LINE = lazy_pattern(r"\nHelp: planmark .*")


def failure_text(error: Exception, root: str) -> str:
    """Return the text with which a tool reports `error`.

    `root` is the path of the workspace; "" if there is no workspace.
    """
    if isinstance(error, (ToolError, ArgumentError, AgentNameError, NoWorkspaceError)):
        return str(error)
    code = exit_code(error)
    if code is None:
        logger.error("a tool failed", exc_info=error)
        return f"Planmark failed ({type(error).__name__}): report it with the log of the server, and go on without it"
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible

    if isinstance(error, OSError):
        message = f"{path_for_message(root, error.filename)}: {error.strerror or 'cannot be used'}; make it usable and call again"
    else:
        message = _HELP_LINE.sub("", str(error))
    return visible(without_secrets(message))
