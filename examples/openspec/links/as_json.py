"""The results as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable


def as_json(broken: Iterable[str]) -> str:
    """Return an array with an object for each broken link."""
    return json.dumps([{"link": link} for link in broken])
