"""Path components for plans and items: the same text names a file, a ref of git and a branch."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import NamedTuple

MAX_BYTES = 100
"""Maximum length of a component. A longer one is cut, and ends with a digest of the whole text."""
CUT_BYTES, DIGEST_DIGITS = 80, 16
ESCAPED_BYTES = re.compile(rb"[^A-Za-z0-9_.-]|(?<![A-Za-z0-9_-])\.|\.(?![A-Za-z0-9_-])")
LOCK_NAME_PATTERN = re.compile(rb"(?:(?<=\.)|^)l(?=ock$)", re.IGNORECASE)
"""The first letter of a last part `lock`: git refuses a ref that ends so, and `lock` is a file of the folder of leases."""
WHOLE_PLAN = "%"
"""The component of an empty text: a step about a whole plan. No text has it, because `%` is followed by two digits."""


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
    plain = LOCK_NAME_PATTERN.sub(_percent_encoded, ESCAPED_BYTES.sub(_percent_encoded, data)) or WHOLE_PLAN.encode()
    if len(plain) > MAX_BYTES:
        digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS].encode()
        plain = plain[:CUT_BYTES] + b"-" + digest
    return plain.decode("ascii")


def _percent_encoded(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
