"""The delivered prompts: their ids and units, kept for a day, and the units that are new in a later prompt."""

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

MAX_REMEMBERED_PROMPTS = 200
"""Maximum number of prompts that a process without a result cache remembers. Above this number, the process forgets the
oldest prompts.
"""
MAX_SHOWN_ID_CHARACTERS = 40
"""Maximum number of characters of an unknown id that a message repeats."""
_ID_BYTES = 6


class DeliveredPrompts:
    """The prompts that one recipient has got. The result cache keeps the ids and units of the prompts for a day.

    `recipient` is the name of the recipient, "" if unknown. `cache` returns the result cache, None if there is no
    result cache. In this case, the object itself keeps the prompts if `remembers` is true. `clock` returns the seconds
    since the epoch.
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
        """Mapping from the id of a prompt to its units as JSON."""

    def deliver(self, view: View, prompt: Prompt) -> str:
        """Keep the units of a prompt. Return the id of the prompt; "" if the units cannot be kept.

        Prompts with equal texts have equal ids.
        """
        new_id = prompt_id(prompt.prompt)
        units_json = json.dumps([list(unit) for unit in units_of(pieces_of(prompt, view.text))])
        cache = self._cache()
        if cache is not None and cache.keep_prompt(new_id, self._recipient, units_json, self._clock()):
            return new_id
        if not self._remembers:
            return ""
        self._remembered[new_id] = units_json
        self._remembered.move_to_end(new_id)
        while len(self._remembered) > MAX_REMEMBERED_PROMPTS:
            self._remembered.popitem(last=False)
        return new_id

    def difference_since(self, view: View, earlier_id: str, prompt: Prompt, counter: Counter) -> Delta:
        """Return `prompt` without the units that the recipient has from the earlier prompt with the id `earlier_id`.

        If the earlier prompt is not kept, or if a different recipient got it, return the whole `prompt` with the
        reason.
        """
        kept_prompts = self._kept_prompts(earlier_id)
        units_of_recipient = [
            units_json
            for receiver, units_json in kept_prompts
            if not (receiver and self._recipient) or receiver == self._recipient
        ]
        total_tokens = prompt.tokens.total
        shown_id = visible_in_one_line(earlier_id)[:MAX_SHOWN_ID_CHARACTERS]
        if not kept_prompts:
            return Delta(
                prompt, Since(shown_id, "no prompt of the last day in this workspace has this id", total_tokens)
            )
        if not units_of_recipient:
            other_receivers = ", ".join(dict.fromkeys(receiver for receiver, _ in kept_prompts))
            return Delta(
                prompt, Since(shown_id, f"it was given to {other_receivers}, not to {self._recipient}", total_tokens)
            )
        units = _parsed_units(units_of_recipient[0])
        if not units:
            return Delta(prompt, Since(shown_id, "its units can no longer be read", total_tokens))
        is_masked = bool(view.snapshot.settings["prompts.maskSecrets"])
        return delta(prompt, earlier_id, units, view.text, counter, _without_credentials if is_masked else str)

    def _kept_prompts(self, earlier_id: str) -> list[tuple[str, str]]:
        """Return a pair for each delivery of the prompt `earlier_id`: the recipient, and the units as JSON."""
        if earlier_id in self._remembered:
            return [(self._recipient, self._remembered[earlier_id])]
        cache = self._cache()
        return cache.kept_prompts(earlier_id, self._clock()) if cache else []


def prompt_id(text: str) -> str:
    """Return the id of the prompt with this text. Equal texts have equal ids."""
    content = text.encode("utf-8", "surrogatepass")
    return f"p_{hashlib.blake2b(content, digest_size=_ID_BYTES).hexdigest()}"


def _without_credentials(text: str) -> str:
    return mask_credentials(text).text


def _parsed_units(units_json: str) -> Sequence[Unit]:
    """Return the units in the JSON text that `deliver` keeps; an empty sequence if the text is damaged."""
    try:
        rows: Any = json.loads(units_json)
        units = [Unit(*row) for row in rows]
    except (ValueError, TypeError):
        return ()
    types = (str, str, str, int, int)
    is_valid = all(all(map(isinstance, unit, types)) for unit in units)
    return units if is_valid else ()
