"""Path components for plans and items. The same text is a part of the name of a file, of a ref of git, and of a branch."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import NamedTuple

MAX_COMPONENT_BYTES = 100
"""Maximum number of bytes of a component. A longer component is cut, and the digest of the text is added."""
KEPT_BYTES, DIGEST_DIGITS = 80, 16
"""For a component that is cut: the number of bytes that are kept, and the number of digits of the digest."""
ESCAPED_PATTERN = re.compile(rb"[^A-Za-z0-9_.-]|(?<![A-Za-z0-9_-])\.|\.(?![A-Za-z0-9_-])")
"""Pattern for a byte that becomes `%XX`: every byte but `A-Za-z0-9_-`, and but a `.` between two of these."""
LOCK_NAME_PATTERN = re.compile(rb"(?:(?<=\.)|^)l(?=ock$)", re.IGNORECASE)
"""Pattern for the letter `l` of a text that is `lock` or ends with `.lock`.

Git refuses names that end with `.lock`. `lock` is the name of the file that locks the leases.
"""
WHOLE_PLAN_COMPONENT = "%"
"""The component for an empty text, which stands for a step about the whole plan.

In all other components, two digits follow each `%`.
"""


class LeaseKey(NamedTuple):
    """The key of a lease: the path component of the plan, and the path component of the item."""

    plan: str
    item: str


def lease_key(plan: str, item: str) -> LeaseKey:
    """Return the key of a lease. `plan` is the path of the plan from the top of the work tree.

    `item` is the name of the item; "" for the whole plan.
    """
    return LeaseKey(path_component(plan), path_component(item))


@functools.lru_cache(maxsize=4096)
def path_component(text: str) -> str:
    """Return a text as one path component that git and all file systems accept.

    The characters `A-Za-z0-9_-` stay, and so does a `.` between two of them. All other bytes become `%XX`.
    """
    data = text.encode("utf-8", "surrogatepass")
    encoded_text = (
        LOCK_NAME_PATTERN.sub(_percent_encoded, ESCAPED_PATTERN.sub(_percent_encoded, data))
        or WHOLE_PLAN_COMPONENT.encode()
    )
    if len(encoded_text) > MAX_COMPONENT_BYTES:
        digest = hashlib.sha256(data).hexdigest()[:DIGEST_DIGITS].encode()
        encoded_text = encoded_text[:KEPT_BYTES] + b"-" + digest
    return encoded_text.decode("ascii")


def _percent_encoded(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
