"""Results as JSON that every JSON parser accepts."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def json_bytes(value: Any) -> bytes:
    """Return `value` as JSON in UTF-8. A lone surrogate, which no encoding can write, becomes `?`."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode("utf-8", "replace")
