"""The output of a failed command: a message on standard error, and JSON if the arguments ask for JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from planmark.text.visible import visible

JSON_FORMATS = ("json", "sarif")


def requested_format(arguments: Sequence[str]) -> str:
    """Return `json` or `sarif` if the arguments ask for this format; else return "".

    The arguments may be invalid. As in `argparse`, an option may be abbreviated.
    """
    options = list(arguments)
    options = options[: options.index("--")] if "--" in options else options
    for position, argument in enumerate(options):
        option, _, value = argument.partition("=")
        if _abbreviates(option, "--json"):
            return "json"
        if _abbreviates(option, "--format"):
            value = value or "".join(options[position + 1 : position + 2])
            if value in JSON_FORMATS:
                return value
    return ""


def print_failure(arguments: Sequence[str], message: str, code: int) -> None:
    """Print `message` on standard error. If the arguments ask for JSON, also print JSON with `message` and `code`."""
    # Imported only here, because most commands do not fail.
    from planmark.text.masking import without_secrets

    message = without_secrets(message)
    json_format = requested_format(arguments)
    if json_format:
        from planmark.cli.console import json_text
        from planmark.queries.api_types import ErrorResult, Failure
        from planmark.queries.sarif import failed_log

        failure = Failure(visible(message), code)
        sys.stdout.write(json_text(failed_log(failure) if json_format == "sarif" else ErrorResult(error=failure)))
        sys.stdout.flush()
    print(visible(f"planmark: {message}"), file=sys.stderr)


def _abbreviates(option: str, name: str) -> bool:
    return len(option) > len("--") and name.startswith(option)
