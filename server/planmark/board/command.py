"""`planmark board`: the plans of a workspace in a browser."""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
import threading
import webbrowser

from planmark.board.http_server import BoardOptions, BoardServer
from planmark.board.live_workspace import LiveWorkspace
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, CommandError
from planmark.cli.log_format import MaskingFormatter
from planmark.cli.workspace_access import root_of

MAX_PORT = 65_535
TOKEN_BYTES = 24
"""Number of random bytes in the token that the address of the page contains."""


class Options(CommandOptions):
    """The options of the command."""

    port: int
    open: bool
    allow_verdicts: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port on 127.0.0.1; default: a free one")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.add_argument(
        "--allow-verdicts", action="store_true", help="let the page approve; its address then has a token"
    )


def run(context: CommandContext[Options]) -> CommandResult:
    """Serve the page until the user interrupts the command. The address is printed on standard output."""
    options = context.options
    if not 0 <= options.port <= MAX_PORT:
        raise CommandError(f"--port takes a number from 0 to {MAX_PORT}, not {options.port}", BAD_USAGE)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level="WARNING", handlers=[handler])
    workspace = LiveWorkspace(root_of(options))
    token = secrets.token_urlsafe(TOKEN_BYTES) if options.allow_verdicts else ""
    try:
        server = BoardServer(workspace, BoardOptions(options.port, token))
    except OSError as error:
        hint = "choose another port with --port, or leave it out"
        raise CommandError(
            f"cannot listen on 127.0.0.1:{options.port}: {error.strerror or error}; {hint}", UNREADABLE
        ) from None
    threading.Thread(target=workspace.watch, name="planmark-watch", daemon=True).start()
    print(server.address, flush=True)
    if not options.quiet:
        mode_text = "the page can approve" if token else "read only"
        print(f"planmark: the board of {workspace.root}, {mode_text}; Ctrl-C ends it", file=sys.stderr, flush=True)
    if options.open and not webbrowser.open(server.address):
        print("planmark: no browser could be started: open the address above", file=sys.stderr, flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        workspace.close()
        server.server_close()
    return CommandResult(DONE)
