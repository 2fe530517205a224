"""The prompts that recipients have: their ids and units, kept for a day, and the difference of a later prompt."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from planmark.prompts.delta import Delta, Since, delta
from planmark.prompts.prompt import Counter, Prompt
from planmark.prompts.units import Unit, pieces_of, units_of
from planmark.queries.workspace_view import View
from planmark.storage.result_cache import ResultCache
from planmark.text.credentials import mask_credentials
from planmark.text.visible import visible_in_one_line

MAX_REMEMBERED = 200
"""Maximum number of prompts that a process remembers without a cache. The oldest are forgotten."""
MAX_NAME = 40
"""Maximum number of characters of an unknown id that a message repeats."""
_ID_BYTES = 6


class DeliveredPrompts:
    """The prompts that one recipient got, "" for an unknown one. The result cache keeps them for a day.

    Without a cache, only this object knows them, if it `remembers`. `clock` returns the seconds since the epoch.
    """

    def __init__(
        self,
        recipient: str,
        cache: Callable[[], ResultCache | None],
        clock: Callable[[], float],
        *,
        remembers: bool = True,
    ) -> None:
        self._recipient = recipient
        self._cache = cache
        self._clock = clock
        self._remembers = remembers
        self._remembered: OrderedDict[str, str] = OrderedDict()

    def deliver(self, view: View, prompt: Prompt) -> str:
        """Keep the units of a prompt, and return its id, or "" if they cannot be kept. The same text has the same id."""
        name = prompt_id(prompt.prompt)
        units = json.dumps([list(unit) for unit in units_of(pieces_of(prompt, view.text))])
        cache = self._cache()
        if cache is not None and cache.keep_prompt(name, self._recipient, units, self._clock()):
            return name
        if not self._remembers:
            return ""
        self._remembered[name] = units
        self._remembered.move_to_end(name)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return name

    def since(self, view: View, name: str, prompt: Prompt, counter: Counter) -> Delta:
        """Return a prompt without what the recipient has from the prompt `name`.

        If this prompt is not kept, or if a different recipient got it, the result is the whole prompt with the reason.
        """
        kept = self._kept(name)
        mine = [units for to, units in kept if not (to and self._recipient) or to == self._recipient]
        whole = prompt.tokens.total
        shown = visible_in_one_line(name)[:MAX_NAME]
        if not kept:
            return Delta(prompt, Since(shown, "no prompt of the last day in this workspace has this id", whole))
        if not mine:
            others = ", ".join(dict.fromkeys(to for to, _ in kept))
            return Delta(prompt, Since(shown, f"it was given to {others}, not to {self._recipient}", whole))
        units = _parsed_units(mine[0])
        if not units:
            return Delta(prompt, Since(shown, "what it held is not known any more", whole))
        masks = bool(view.snapshot.settings["prompts.maskSecrets"])
        return delta(prompt, name, units, view.text, counter, _masked if masks else str)

    def _kept(self, name: str) -> list[tuple[str, str]]:
        if name in self._remembered:
            return [(self._recipient, self._remembered[name])]
        cache = self._cache()
        return cache.kept_prompts(name, self._clock()) if cache else []


def prompt_id(text: str) -> str:
    """Return the id of a prompt, which depends only on its text."""
    content = text.encode("utf-8", "surrogatepass")
    return f"p_{hashlib.blake2b(content, digest_size=_ID_BYTES).hexdigest()}"


def _masked(text: str) -> str:
    return mask_credentials(text).text


def _parsed_units(text: str) -> Sequence[Unit]:
    """Return the units of a kept text; none if the text is damaged."""
    try:
        rows: Any = json.loads(text)
        units = [Unit(*row) for row in rows]
    except (ValueError, TypeError):
        return ()
    types = (str, str, str, int, int)
    is_valid = all(all(map(isinstance, unit, types)) for unit in units)
    return units if is_valid else ()
