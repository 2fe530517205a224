"""The two lines before the prompt in an answer of `next`, and what an agent that has an earlier prompt need not read."""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from planmark.storage.result_cache import ResultCache

MAX_REMEMBERED_PROMPTS = 200
"""Maximum number of prompts that a server remembers by their ids. The oldest are forgotten."""
_ID_BYTES = 6


class PromptHeads:
    """The digests of the sections of prompts, by the id of the prompt.

    The result cache keeps those of the last day for other servers of the workspace. Without a cache, only this server
    has them.
    """

    def __init__(self, cache: Callable[[], ResultCache | None]) -> None:
        self._cache = cache
        self._sections: OrderedDict[str, dict[str, bytes]] = OrderedDict()

    def remember(self, text: str) -> str:
        """Remember a prompt, and return its id. The same text has the same id."""
        name = prompt_id(text)
        self._sections[name] = sections(text)
        self._sections.move_to_end(name)
        while len(self._sections) > MAX_REMEMBERED_PROMPTS:
            self._sections.popitem(last=False)
        if cache := self._cache():
            cache.keep_prompt(name, _as_text(self._sections[name]), time.time())
        return name

    def since(self, name: str, text: str) -> str:
        """Return one line about what is the same in a prompt as in the prompt with the id `name`."""
        before = self._sections.get(name) or self._load_heads(name)
        if not before:
            return f"since {name[:40]}: no such prompt was given in the last day; read all of it"
        now = sections(text)
        same = [title for title, digest in now.items() if before.get(title) == digest]
        removed_titles = [title for title in before if title not in now]
        if len(same) == len(now) and not removed_titles:
            return f"since {name}: nothing changed"
        parts = [("unchanged", same), ("gone", removed_titles)]
        list_text = "; ".join(f"{what}: {', '.join(titles)}" for what, titles in parts if titles)
        return f"since {name}: {list_text or 'everything changed'}"

    def _load_heads(self, name: str) -> Mapping[str, bytes]:
        cache = self._cache()
        return _parse_heads(cache.kept_prompt(name, time.time())) if cache else {}


def _as_text(sections: Mapping[str, bytes]) -> str:
    return json.dumps({title: digest.hex() for title, digest in sections.items()})


def _parse_heads(text: str) -> dict[str, bytes]:
    """Return the sections of a text; none if the text is damaged."""
    try:
        return {title: bytes.fromhex(digest) for title, digest in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def prompt_id(text: str) -> str:
    """Return the id of a prompt, which depends only on its text."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES)
    return f"p_{digest.hexdigest()}"


def sections(text: str) -> dict[str, bytes]:
    """Return heading → digest of the section, for the headings of a prompt itself, not those that it quotes."""
    titles: dict[str, list[str]] = {}
    title = "the beginning"
    for line in text.splitlines():
        if line.startswith("## "):
            title = line[3:].strip()
            while title in titles:
                title += "'"
        titles.setdefault(title, []).append(line)
    return {
        title: hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for title, lines in titles.items()
    }
