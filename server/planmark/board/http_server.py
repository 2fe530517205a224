"""The HTTP server of the board, on 127.0.0.1. It sends the page, the answers for the page, and events about changes.

The server answers only its own page: a page of another site can neither read an answer nor send a verdict.
"""

from __future__ import annotations

import hmac
import json
import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

from planmark.board.answers import ANSWERS, about_answer, answer_text, http_problem, write_verdict
from planmark.board.live_workspace import LiveWorkspace, UnavailableError

LOOPBACK = "127.0.0.1"
PAGE_FOLDER = Path(__file__).parent / "page"
PAGE_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/board.js": ("board.js", "text/javascript; charset=utf-8"),
    "/board.css": ("board.css", "text/css; charset=utf-8"),
}
"""Mapping from the path of an address to a tuple: the name of a file in `PAGE_FOLDER`, and its media type."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of every answer. No browser caches an answer. No other site may load it, or show it in a frame."""
TOKEN_HEADER = "X-Planmark-Token"
"""The header in which the page sends its token with a verdict."""
MAX_BODY_BYTES = 65_536
"""Maximum number of bytes of a verdict that a page sends."""
MAX_OPEN_PAGES = 32
"""Maximum number of pages that can get events at the same time."""
KEEPALIVE_SECONDS = 15.0
"""Seconds without a change until the server sends a comment, which a page ignores. A failure means a closed page."""
SOCKET_TIMEOUT_SECONDS = 30.0
"""Seconds that a browser may take to send a request, or to accept a part of an answer."""

logger = logging.getLogger(__name__)


class BoardOptions(NamedTuple):
    """The options of a server. If `port` is 0, the system chooses a free port.

    `token` is the text that a page must send with a verdict; "" if the server allows no verdicts.
    """

    port: int = 0
    token: str = ""


class BoardServer(ThreadingHTTPServer):
    """The server of one workspace. Each request has a thread of its own."""

    daemon_threads = True
    block_on_close = False
    # Windows would let a second server take the same port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, workspace: LiveWorkspace, options: BoardOptions) -> None:
        """Listen on 127.0.0.1. Raises OSError if the port is not free."""
        self.workspace = workspace
        self.token = options.token
        self.page_slots = threading.BoundedSemaphore(MAX_OPEN_PAGES)
        super().__init__((LOOPBACK, options.port), _Handler)

    @property
    def address(self) -> str:
        """The address for a browser, with the token if the server allows verdicts."""
        query = f"?token={self.token}" if self.token else ""
        return f"http://{LOOPBACK}:{self.server_port}/{query}"

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # of the base class
        """Log an error that a request has raised.

        An OSError is not logged, because it only means that a browser has closed the connection.
        """
        if not isinstance(sys.exc_info()[1], OSError):
            logger.exception("a request to the board has failed")


class _Handler(BaseHTTPRequestHandler):
    """The handler of the requests of one connection."""

    server: BoardServer
    protocol_version = "HTTP/1.1"
    timeout = SOCKET_TIMEOUT_SECONDS

    def version_string(self) -> str:
        """Return the name of the server for the header `Server`."""
        return "planmark"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name of the base class
        """Log a request at the level `debug`, because the address may contain the token."""
        logger.debug(format, *arguments)

    def do_GET(self) -> None:
        """Answer a GET request with a file of the page, with data as JSON, or with events."""
        self._respond(self._get)

    def do_HEAD(self) -> None:
        """Answer a HEAD request with the headers of the answer to GET, without a body."""
        self._respond(self._get)

    def do_POST(self) -> None:
        """Answer a POST request: write a verdict if the server allows verdicts, and the request has the token."""
        self._respond(self._post)

    def _respond(self, send_answer: Callable[[SplitResult], None]) -> None:
        """Call `send_answer` with the address of the request. If this raises an error, send the error to the page.

        If the address is not valid, or the request comes from another site, send only an error.
        """
        try:
            url = urlsplit(self.path)
        except ValueError:
            self._send_problem(HTTPStatus.BAD_REQUEST, "the address cannot be read")
            return
        if (refusal := self._cross_site_refusal(url.path)) is not None:
            self._send_problem(HTTPStatus.FORBIDDEN, refusal)
            return
        try:
            send_answer(url)
        except UnavailableError as error:
            self._send_problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        except Exception as error:
            status_and_message = http_problem(error)
            if isinstance(error, OSError) and status_and_message is None:
                raise
            if status_and_message is None:
                logger.exception("the board could not answer %s", url.path)
                self._send_problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a defect of planmark; its log has the details")
            else:
                self._send_problem(HTTPStatus(status_and_message[0]), status_and_message[1])

    def _cross_site_refusal(self, path: str) -> str | None:
        """Return None for a request from the page of this server, or from the user; else the reason to refuse it.

        The header `Host` is checked, because the domain name of another site may lead to this machine.
        """
        own_hosts = {f"{name}:{self.server.server_port}" for name in (LOOPBACK, "localhost")}
        if self.headers.get("Host", "") not in own_hosts:
            return f"this server answers only as {LOOPBACK}:{self.server.server_port}"
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in own_hosts}:
            return "a page of another site must not use this server"
        if path.startswith("/api/") and self.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return "a page of another site must not use this server"
        return None

    def _get(self, url: SplitResult) -> None:
        """Send what the address `url` stands for: a file of the page, data as JSON, or events."""
        if url.path in PAGE_FILES:
            name, media_type = PAGE_FILES[url.path]
            self._send(HTTPStatus.OK, media_type, (PAGE_FOLDER / name).read_bytes())
        elif url.path == "/api/about":
            self._send_json(about_answer(allows_verdicts=bool(self.server.token)))
        elif url.path == "/api/events":
            self._send_events()
        elif url.path in ANSWERS:
            self._send_json(ANSWERS[url.path](self.server.workspace, dict(parse_qsl(url.query))))
        else:
            self._send_problem(HTTPStatus.NOT_FOUND, f"this server has no {url.path}")

    def _post(self, url: SplitResult) -> None:
        """Write the verdict in the body of the request, and send the path of the written file.

        If the request is not allowed or not valid, send the problem.
        """
        if url.path != "/api/verdict":
            self._send_problem(HTTPStatus.NOT_FOUND, "only a verdict can be sent")
            return
        if not self.server.token:
            problem = "this board is read only: start it with `planmark board --allow-verdicts`"
            self._send_problem(HTTPStatus.FORBIDDEN, problem)
            return
        sent_token = self.headers.get(TOKEN_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent_token, self.server.token.encode()):
            problem = "the address of this page has no valid token: open the address that `planmark board` printed"
            self._send_problem(HTTPStatus.FORBIDDEN, problem)
            return
        if self.headers.get_content_type() != "application/json":
            self._send_problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a verdict is sent as application/json")
            return
        length_text = self.headers.get("Content-Length", "")
        if not (length_text.isascii() and length_text.isdecimal()) or int(length_text) > MAX_BODY_BYTES:
            self._send_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a verdict has at most {MAX_BODY_BYTES} bytes")
            return
        self._send_json(write_verdict(self.server.workspace, self.rfile.read(int(length_text))))

    def _send_json(self, value: object) -> None:
        self._send(HTTPStatus.OK, "application/json", answer_text(value).encode())

    def _send_problem(self, status: HTTPStatus, problem: str) -> None:
        """Send an error with its message. Then close the connection, because the body of the request may be unread."""
        self.close_connection = True
        self._send(status, "application/json", answer_text({"problem": problem}).encode())

    def _send(self, status: HTTPStatus, media_type: str, body: bytes) -> None:
        self._send_headers(status, media_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_headers(self, status: HTTPStatus, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        for name, value in HEADERS.items():
            self.send_header(name, value)

    def _send_events(self) -> None:
        """Send the last change of the workspace at once, then each new change, until the page or the server closes."""
        if not self.server.page_slots.acquire(blocking=False):
            problem = f"{MAX_OPEN_PAGES} pages are open already: close one"
            self._send_problem(HTTPStatus.SERVICE_UNAVAILABLE, problem)
            return
        try:
            self.close_connection = True
            self._send_headers(HTTPStatus.OK, "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self._send_changes()
        finally:
            self.server.page_slots.release()

    def _send_changes(self) -> None:
        """Send each change as an event. If there is no change for `KEEPALIVE_SECONDS`, send a comment."""
        workspace = self.server.workspace
        known_number = -1
        with workspace.count_page_as_open() as wait_for_change:
            while not workspace.is_closed:
                change = wait_for_change(known_number, KEEPALIVE_SECONDS)
                if change is None:
                    self._send_event(": no change\n\n")
                    continue
                known_number = change.number
                if change.problem:
                    self._send_event(f"event: gone\ndata: {json.dumps({'problem': change.problem})}\n\n")
                else:
                    data = json.dumps({"revision": change.number, "said": change.changes_text})
                    self._send_event(f"event: changed\ndata: {data}\n\n")

    def _send_event(self, event_text: str) -> None:
        self.wfile.write(event_text.encode())
        self.wfile.flush()
