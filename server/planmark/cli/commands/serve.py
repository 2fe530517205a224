"""`planmark serve`: the language server."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, UNREADABLE, CommandError
from planmark.cli.log_format import MaskingFormatter
from planmark.lsp.connection import Connection, ServerFactory
from planmark.lsp.transport import is_loopback, serve_stdio, serve_tcp

LOG_LEVELS = ("debug", "info", "warning", "error")


class Options(CommandOptions):
    """The options of the command."""

    stdio: bool
    tcp: str | None
    allow_remote: bool
    log: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    transport_options = parser.add_mutually_exclusive_group()
    transport_options.add_argument("--stdio", action="store_true", help="use standard input and output; the default")
    transport_options.add_argument(
        "--tcp", metavar="HOST:PORT", help="listen for one client over TCP; port 0 means a free port"
    )
    parser.add_argument("--allow-remote", action="store_true", help="let --tcp listen where other machines can connect")
    parser.add_argument(
        "--log", choices=LOG_LEVELS, default="warning", help="minimum level of the log on standard error"
    )
    # Editors add the process id of the client, which `initialize` also contains.
    parser.add_argument("--clientProcessId", type=int, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the server until the client disconnects."""
    options = context.options
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=options.log.upper(), handlers=[handler])
    logging.getLogger("pygls").setLevel(logging.WARNING)
    connection = Connection(import_factory)
    if not options.tcp:
        return _result_of_ended_server(connection, serve_stdio(connection))
    host, colon, port = options.tcp.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise CommandError(f"--tcp takes HOST:PORT, as in 127.0.0.1:7777, not {options.tcp}", BAD_USAGE)
    if not is_loopback(host) and not options.allow_remote:
        message = f"{host or 'every address'} is reachable from other machines: use 127.0.0.1, or add --allow-remote"
        raise CommandError(message, BAD_USAGE)
    try:
        return _result_of_ended_server(connection, serve_tcp(connection, host.strip("[]"), int(port), _print_address))
    except OSError as error:
        raise CommandError(f"cannot listen on {options.tcp}: {error.strerror or error}", UNREADABLE) from None


def import_factory() -> ServerFactory:
    """Import and return the function that makes the server. The import takes about half the time of the start."""
    from planmark.lsp.factory import new_server

    return new_server


def _result_of_ended_server(connection: Connection, code: int) -> CommandResult:
    """Return the result of a server that has ended with the exit code `code`.

    If the thread of a job is still running, end the process here, because Python would wait for this thread.
    """
    if connection.has_stuck_job:
        logging.shutdown()
        os._exit(code)
    return CommandResult(code)


def _print_address(host: str, port: int) -> None:
    print(f"planmark: listening on {host}:{port}", file=sys.stderr, flush=True)
