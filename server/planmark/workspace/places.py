"""Whether something is at the places that documents name, as it was seen last: the files that they deliver."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

from planmark.workspace.file_table import folders_of
from planmark.workspace.roots import existing

AT_ONCE = 1000
"""Places that are looked for on the disk before something else may be done."""


class Places:
    """Place → whether a file or folder is there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, bool] = {}
        self._told: set[str] = set()
        self._folders: set[str] | None = None
        """The folders of these places, since `tell` was asked."""

    @property
    def known(self) -> Mapping[str, bool]:
        """What was seen last."""
        return self._known

    def present(self, before: frozenset[str]) -> frozenset[str]:
        """The places where something is; the same object as `before` where it has the same."""
        present = frozenset(place for place, there in self._known.items() if there)
        return before if before == present else present

    def tell(self, paths: Iterable[str]) -> None:
        """Files or folders changed: they, the folders above and what lies below may be there or not."""
        if self._folders is None:
            self._folders = {folder for place in self._known for folder in folders_of(place)}
        for path in paths:
            self._told.update(place for place in (*folders_of(path), path) if place in self._known)
            if path in self._folders:
                self._told.update(place for place in self._known if place.startswith(f"{path}/"))

    def look_again(self) -> bool:
        """Looks for what was told of; whether anything came or went."""
        found = existing(self._root, self._told)
        self._told = set()
        is_other = any(self._known[place] != there for place, there in found.items())
        self._known |= found
        return is_other

    def look(self, named: Iterable[str]) -> dict[str, bool]:
        """Looks for those of the places that nobody has looked for yet, and returns these."""
        found = existing(self._root, {place for place in named if place not in self._known})
        if found:
            self._known |= found
            self._folders = None
        return found

    def look_at_all(self, named: Iterable[str]) -> Iterator[bool]:
        """Looks for every place, in steps; each says whether anything came or went. What it finds counts at once."""
        places = sorted(named)
        for first in range(0, len(places), AT_ONCE):
            found = existing(self._root, places[first : first + AT_ONCE])
            is_other = any(self._known.get(place) != there for place, there in found.items())
            self._known |= found
            self._folders = None
            yield is_other

    def forget_others(self, named: Container[str]) -> bool:
        """Forgets the places that nothing names any more; whether there were any."""
        count = len(self._known)
        self._known = {place: there for place, there in self._known.items() if place in named}
        self._told &= self._known.keys()
        self._folders = None
        return len(self._known) != count
