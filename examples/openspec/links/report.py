"""The results as an HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def page(broken: Iterable[str]) -> str:
    """Return a page with a row for each broken link."""
    rows = "".join(f"<tr><td>{escape(link)}</td></tr>" for link in broken)
    return f"<table>{rows}</table>"
