"""A decorator that caches the result of a function for each section.

After an edit, the function runs again only for changed sections.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from planmark.markdown.sections import Section

About = ParamSpec("About")
Found = TypeVar("Found")


def memoize_per_section(
    find: Callable[Concatenate[Section, About], Found],
) -> Callable[Concatenate[Section, About], Found]:
    """Return `find` with a cache.

    `find` runs once for each section and tuple of other arguments, which are positional and hashable.

    The section holds the cached results, so the results are freed together with the section.
    """

    def wrapper(section: Section, *about: object) -> Found:
        question = (find, *about) if about else find
        try:
            value: Found = section.memo[question]
        except KeyError:
            value = section.memo[question] = ask(section, *about)
        return value

    ask = cast(Callable[..., Found], find)
    return cast(Callable[Concatenate[Section, About], Found], functools.update_wrapper(wrapper, find))
