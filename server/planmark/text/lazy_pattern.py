"""Regular expressions that are compiled at their first use.

Planmark has about 700 patterns, but one command uses only a part of the patterns. The compilation of all patterns would
take a third of the CPU time of a short command.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


class _LazyPattern:
    """A stand-in for a compiled pattern. The first use of a method compiles `pattern`, and stores the methods of the
    compiled pattern in this object.
    """

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Return a method of the compiled pattern. Python calls this only for an attribute that is not stored yet."""
        if name not in _METHODS:
            raise AttributeError(name)
        compiled_pattern = re.compile(self.pattern, self._flags)
        vars(self).update({method: getattr(compiled_pattern, method) for method in _METHODS})
        return getattr(compiled_pattern, name)


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern for a constant of a module, with the methods of `re.Pattern` and its attribute `pattern`.

    Call this function only for constants of modules. An invalid pattern raises `re.error` at its first use.
    """
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))
