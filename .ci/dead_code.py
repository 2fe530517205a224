"""Finds names that the product defines and nothing uses: `python .ci/dead_code.py`, from the root of the repository.

Tests are not looked at, so code that only they use is dead too. Exit code 1, with a line for each unused name, else 0.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from vulture import Vulture

PATHS = ("server/planmark", "benchmarks", "client-vscode/scripts", ".ci")
USED: dict[str, tuple[str, ...]] = {
    "a library calls or reads it": (
        "_check_value",
        "_print_message",
        "allow_reuse_address",
        "block_on_close",
        "client_capabilities",
        "connection_lost",
        "connection_made",
        "daemon_threads",
        "data_received",
        "do_GET",
        "do_HEAD",
        "do_POST",
        "format_usage",
        "formatter_class",
        "get_result_type",
        "handle_error",
        "log_message",
        "lsp_initialize",
        "report_server_error",
        "timeout",
        "version_string",
        "workspace_symbol",
    ),
    "a field that is written to JSON as part of its object": (
        "adoptable",
        "approved_at",
        "bottleneck",
        "checkpoint",
        "do_not_read",
        "docs",
        "health",
        "inclusion",
        "last_update_ms",
        "left_out_dates",
        "needs_note",
        "p50_ms",
        "p99_ms",
        "sections_reused",
        "step_label",
        "time_from",
        "tokens_p50",
        "uptime_seconds",
        "verification",
    ),
    "a field that a template of a prompt reads": ("questions",),
    "a field that only equality reads": ("inode", "note_kind", "start_line"),
    "the documentation of the protocol, which tests compare with its page and with the extension": (
        "NOTIFICATIONS_TO_CLIENT",
        "effect",
    ),
    "an option that clients pass and that changes nothing": ("stdio",),
    "a generator for tests": ("gathered",),
}
REGISTRY = Path("server/planmark/lsp/handlers/registry.py")
PARTS = Path("server/planmark/formats/registered.py")


def handlers() -> set[str]:
    """Return the functions that the registry of the server names as text, `module.function`."""
    return set(re.findall(r'"\w+\.(\w+)"', REGISTRY.read_text(encoding="utf-8")))


def parts() -> set[str]:
    """Return the values that the table of formats names as text, `package.module:value`."""
    return set(re.findall(r'"[\w.]+:(\w+)"', PARTS.read_text(encoding="utf-8")))


def main() -> int:
    """Print each unused name with its place. Return 1 if there is any."""
    used = handlers().union(parts(), *USED.values())
    vulture = Vulture()
    vulture.scavenge(PATHS)
    found = [item for item in vulture.get_unused_code(min_confidence=60) if item.name not in used]
    for item in found:
        print(f"{item.filename}:{item.first_lineno}: unused {item.typ} {item.name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
