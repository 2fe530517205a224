"""Path components for plans and items: the same text names a file, a ref of git and a branch."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import NamedTuple

MAX_BYTES = 100
"""Maximum length of a component. A longer component is cut, and a digest of the whole text is added."""
CUT_BYTES, DIGEST_DIGITS = 80, 16
ESCAPED_BYTES = re.compile(rb"[^A-Za-z0-9_.-]|(?<![A-Za-z0-9_-])\.|\.(?![A-Za-z0-9_-])")
LOCK_NAME_PATTERN = re.compile(rb"(?:(?<=\.)|^)l(?=ock$)", re.IGNORECASE)
"""The letter `l` of a text that is `lock` or ends with `.lock`: git refuses `.lock`; `lock` is the lock of leases."""
WHOLE_PLAN_COMPONENT = "%"
"""The component of an empty text: a step about a whole plan. Any other `%` in a component has two digits after it."""


class LeaseKey(NamedTuple):
    """The subject of a lease, as the path components of a plan and of an item."""

    plan: str
    item: str


def lease_key(plan: str, item: str) -> LeaseKey:
    """Return the key for a plan, by its path from the top of the work tree, and an item; "" for the whole plan."""
    return LeaseKey(path_component(plan), path_component(item))


@functools.lru_cache(maxsize=4096)
def path_component(text: str) -> str:
    """Return a text as one path component, which all file systems and git accept.

    Each byte other than `A-Za-z0-9_-`, and each `.` that does not stand between two of these, becomes `%XX`.
    """
    data = text.encode("utf-8", "surrogatepass")
    encoded_text = (
        LOCK_NAME_PATTERN.sub(_percent_encoded, ESCAPED_BYTES.sub(_percent_encoded, data))
        or WHOLE_PLAN_COMPONENT.encode()
    )
    if len(encoded_text) > MAX_BYTES:
        digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS].encode()
        encoded_text = encoded_text[:CUT_BYTES] + b"-" + digest
    return encoded_text.decode("ascii")


def _percent_encoded(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
