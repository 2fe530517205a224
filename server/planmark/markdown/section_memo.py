"""A decorator that caches the result of a function for each section.

After an edit, the function runs again only for changed sections.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from planmark.markdown.sections import Section

Parameters = ParamSpec("Parameters")
ResultT = TypeVar("ResultT")


def memoize_per_section(
    find: Callable[Concatenate[Section, Parameters], ResultT],
) -> Callable[Concatenate[Section, Parameters], ResultT]:
    """Return `find` with a cache.

    `find` runs once for each combination of a section and the other arguments. These arguments must be positional and
    hashable.

    The section holds the cached results, so the results are freed together with the section.
    """

    def wrapper(section: Section, *arguments: object) -> ResultT:
        memo_key = (find, *arguments) if arguments else find
        try:
            cached_result: ResultT = section.memo[memo_key]
        except KeyError:
            cached_result = section.memo[memo_key] = find_any(section, *arguments)
        return cached_result

    find_any = cast(Callable[..., ResultT], find)
    return cast(Callable[Concatenate[Section, Parameters], ResultT], functools.update_wrapper(wrapper, find))
