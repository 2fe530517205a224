"""A decorator that caches what a function finds in a section.

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

    It runs once for each section and its other arguments, which are positional and hashable.

    The section holds its results, so they are freed together with it.
    """

    def found(section: Section, *about: object) -> Found:
        question = (find, *about) if about else find
        try:
            known: Found = section.memo[question]
        except KeyError:
            known = section.memo[question] = ask(section, *about)
        return known

    ask = cast(Callable[..., Found], find)
    return cast(Callable[Concatenate[Section, About], Found], functools.update_wrapper(found, find))
