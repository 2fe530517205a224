"""A plan format as a value: the functions and tables through which the core works on any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from planmark.plans.diagnostic import Diagnostic
from planmark.plans.model import Lifecycle, PlanState


class FormatDocument(msgspec.Struct, frozen=True):
    """A file that a format reads, with what its parser found. `role` is the format's word for what the file is."""

    path: str
    format: str
    role: str
    facts: Any


class PlanSite(msgspec.Struct, frozen=True):
    """A plan, as the listing of files shows it.

    `path` identifies the plan: the document that lists its items, or its folder if there is none. `documents` are the
    paths of all files of the plan that the format reads, sorted. All paths are relative to the workspace, with `/`.
    """

    format: str
    path: str
    folder: str
    feature: str
    lifecycle: Lifecycle
    documents: tuple[str, ...]


class PlanInput(NamedTuple):
    """What the state of a plan is made from.

    `documents` are the documents of the site by path; one that cannot be read is missing. `exists` tells whether a file
    or folder exists. `ignored` tells whether git ignores a path, so that a missing file proves nothing. `elsewhere`
    returns the files of the workspace with a file name. `text` returns the text of a document.
    """

    site: PlanSite
    documents: Mapping[str, FormatDocument]
    exists: Callable[[str], bool]
    ignored: Callable[[str], bool]
    elsewhere: Callable[[str], Sequence[str]]
    text: Callable[[str], str]


class Format(NamedTuple):
    """One format.

    `role_of` returns the role of the file at a path, or None if the format does not read it. `parse` returns the facts
    of a text (path, role, text) and never raises. `facts` is the type of all facts, for storing them. `places` are the
    paths whose existence the facts depend on. `discover` returns the plans among the sorted paths of a workspace that
    have a role. `evaluate` returns the state of a plan, and `check` its diagnostics.
    """

    name: str
    title: str
    role_of: Callable[[str], str | None]
    parse: Callable[[str, str, str], msgspec.Struct]
    facts: Any
    places: Callable[[FormatDocument], Iterable[str]]
    discover: Callable[[Sequence[str]], Sequence[PlanSite]]
    evaluate: Callable[[PlanInput], PlanState]
    check: Callable[[PlanInput, PlanState], Iterable[Diagnostic]]
