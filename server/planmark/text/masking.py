"""The masking of credentials in texts, in values of any shape and in JSON.

Every output that shows text of documents uses these functions.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from planmark.text.credentials import mask_credentials
from planmark.text.lazy_pattern import lazy_pattern

UNMASKED_MEMBERS = (
    *("uri", "targetUri", "newUri", "oldUri", "target", "path", "plan", "root", "file", "newText", "insertText"),
    *("filterText", "sortText", "resultId", "prompt"),
)
"""Names of JSON members whose values are never masked, because programs need the exact text: paths, and text for a
file.

A prompt is already masked when it becomes such a value.
"""
_UNMASKED_MEMBER_OR_STRING = lazy_pattern(
    rf'''"(?:{"|".join(UNMASKED_MEMBERS)})"\s*:\s*"(?:[^"\\]|\\.)*"|"insertedContent"\s*:\s*\{{\s*"text"\s*:\s*"(?:[^"\\]|\\.)*"'''
    r"""|(?P<text>"(?:[^"\\]|\\.)*")"""
)
_MAY_HAVE_CREDENTIAL = lazy_pattern(
    r"[A-Za-z0-9_+=~-]{15}|(?i:pass|pwd|secret|token|key|auth|cookie|bearer|login|credential|sig=|redis|mysql|mariadb|docker"
    r"|--|-u|://)"
)
"""Pattern for a quick test. A text without a match has no credential, because it has neither a long word nor a word
that precedes credentials.
"""
MAX_CACHED_TEXTS, MAX_CACHED_CHARACTERS = 8192, 500
"""Maximum number of masked texts that are cached, and maximum length of each."""


def without_secrets(text: str) -> str:
    """Return `text` with a mask in place of each credential, so that every output may show the text.

    The results for short texts are cached.
    """
    if not _MAY_HAVE_CREDENTIAL.search(text):
        return text
    return _masked_text(text) if len(text) <= MAX_CACHED_CHARACTERS else mask_credentials(text).text


@functools.lru_cache(maxsize=MAX_CACHED_TEXTS)
def _masked_text(text: str) -> str:
    return mask_credentials(text).text


def masked_json(text: str) -> str:
    """Return the JSON `text` with masks in place of the credentials in its strings.

    The names of members and the values of UNMASKED_MEMBERS stay unchanged.
    """
    return _UNMASKED_MEMBER_OR_STRING.sub(_masked_string, text)


def _masked_string(match: re.Match[str]) -> str:
    string = match["text"]
    if string is None:
        return match[0]
    return _masked_short_json(string) if len(string) <= MAX_CACHED_CHARACTERS else _masked_json(string)


def _masked_json(string: str) -> str:
    if not _MAY_HAVE_CREDENTIAL.search(string):
        return string
    text = json.loads(string)
    masked_text = mask_credentials(text).text
    return string if masked_text == text else json.dumps(masked_text, ensure_ascii=False)


# A client gets the same messages again and again: with each change of a plan, all diagnostics of its PLAN.
_masked_short_json = functools.lru_cache(maxsize=MAX_CACHED_TEXTS)(_masked_json)


def mask_texts(value: Any) -> Any:
    """Return `value` with masks in place of the credentials in all its texts.

    Structs, tuples, lists, sets and mappings (keys and values) keep their types.

    Adjacent texts in a sequence are masked as the lines of one text, because a private key has many lines.
    """
    if isinstance(value, str):
        return mask_credentials(value).text
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        return msgspec.structs.replace(value, **{name: mask_texts(getattr(value, name)) for name in names})
    if isinstance(value, Mapping):
        return {mask_texts(key): mask_texts(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(mask_texts, value))
    if isinstance(value, (tuple, list)):
        return type(value)(_masked_lines(value) if _are_lines(value) else map(mask_texts, value))
    if isinstance(value, (set, frozenset)):
        return type(value)(map(mask_texts, value))
    return value


def _are_lines(value: Sequence[Any]) -> bool:
    return len(value) > 1 and all(isinstance(item, str) and "\n" not in item for item in value)


def _masked_lines(value: Sequence[str]) -> list[str]:
    return mask_credentials("\n".join(value)).text.split("\n")
