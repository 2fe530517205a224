"""What is found in a section is found once: the section is what an edit changes, and what is looked at again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from planmark.syntax.sections import Section

About = ParamSpec("About")
Found = TypeVar("Found")


def by_section(find: Callable[Concatenate[Section, About], Found]) -> Callable[Concatenate[Section, About], Found]:
    """`find`, which is asked once for each section and what else it is given by position, which must be hashable.

    What it finds stands with the section and goes with it: nothing is kept of documents that nobody holds.
    """

    def found(section: Section, *about: object) -> Found:
        question = (find, *about) if about else find
        try:
            known: Found = section.found[question]
        except KeyError:
            known = section.found[question] = ask(section, *about)
        return known

    ask = cast(Callable[..., Found], find)
    return cast(Callable[Concatenate[Section, About], Found], functools.update_wrapper(found, find))
