"""The reductions that make a prompt fit its budget: they shorten or remove sources in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from planmark.formats.planmark.prompts import excerpts
from planmark.formats.planmark.prompts.context import Material
from planmark.prompts.budget import Excerpt

ExcerptSource = Callable[[Material], Iterator[Excerpt]]
"""A function that yields the excerpts of a prompt from one part of the documents; in short, a source."""


class Reduction(NamedTuple):
    """One reduction: a source, and the source that replaces it (None if the reduction removes it)."""

    source: ExcerptSource
    replacement: ExcerptSource | None


REDUCTIONS: tuple[Reduction, ...] = (
    Reduction(excerpts.plan_head, None),
    Reduction(excerpts.handoff, None),
    Reduction(excerpts.headers_to_change, None),
    Reduction(excerpts.done_tasks, excerpts.learnings),
    Reduction(excerpts.subplan, excerpts.design),
    Reduction(excerpts.design_for_executor, excerpts.design),
    Reduction(excerpts.learnings, excerpts.beginnings_of_learnings),
    Reduction(excerpts.first_open_task, excerpts.last_iteration),
    Reduction(excerpts.blocked_tasks, excerpts.last_iteration),
    Reduction(excerpts.plan, excerpts.plan_head),
    Reduction(excerpts.tests_without_commands, None),
    Reduction(excerpts.design, excerpts.objective),
    Reduction(excerpts.beginnings_of_learnings, None),
    Reduction(excerpts.checks, excerpts.success_criteria),
    Reduction(excerpts.body, excerpts.completion_criteria),
    Reduction(excerpts.fix, excerpts.fix_issues),
)
"""The reductions in the order of their use: the least important source comes first.

The objective, the success criteria, the paths to write and the issues to fix always remain.
"""


def sources_after(sources: Sequence[ExcerptSource], reduction: Reduction) -> list[ExcerptSource]:
    """Return the sources after `reduction`, which removes one of `sources` or replaces it with a shorter source."""
    new_sources = [reduction.replacement if source is reduction.source else source for source in sources]
    return list(dict.fromkeys(source for source in new_sources if source is not None))
