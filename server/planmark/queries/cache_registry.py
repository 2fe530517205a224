"""The table of caches: the CLI and the server show each cache that has a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planmark.markdown import blocks
from planmark.metrics.cache_stats import CacheCounts, CacheFigures
from planmark.metrics.stats import PLAN_CACHE_NAME
from planmark.prompts.cache import MAX_CACHED_PROMPTS, PromptCache
from planmark.workspace.index import Index


@dataclass(frozen=True)
class WorkspaceCaches:
    """The caches of one workspace in this process: its index, which caches documents, and its cache of prompts."""

    index: Index
    prompts: PromptCache


class CacheRow(NamedTuple):
    """A row of the table of caches, for one cache.

    `size` returns the number of entries of the cache of a workspace. `max_size` returns the maximum number of entries,
    0 for no limit. `counts` returns the numbers of hits, misses and evictions. `ttl_seconds` is the lifetime of an
    entry, None for no limit. If `is_shared`, all workspaces of a process use the same cache.
    """

    name: str
    size: Callable[[WorkspaceCaches], int]
    max_size: Callable[[WorkspaceCaches], int]
    counts: Callable[[WorkspaceCaches], CacheCounts]
    ttl_seconds: int | None = None
    is_shared: bool = False


def _counts_of_all_documents(caches: WorkspaceCaches) -> CacheCounts:
    counts_by_kind = caches.index.entries.counts.values()
    return CacheCounts(
        sum(cache_counts.hits for cache_counts in counts_by_kind),
        sum(cache_counts.misses for cache_counts in counts_by_kind),
    )


def _max_files(caches: WorkspaceCaches) -> int:
    """Return the maximum number of files of a workspace, by its settings."""
    limit: int = caches.index.settings["index.maxFiles"]
    return limit


CACHE_ROWS: tuple[CacheRow, ...] = (
    CacheRow(
        "blocks",
        lambda _: blocks.cache_size(),
        lambda _: blocks.MAX_CACHED_SECTIONS,
        lambda _: blocks.counts,
        is_shared=True,
    ),
    CacheRow(
        "documents",
        lambda caches: sum(caches.index.entries.counts_by_kind().values()),
        _max_files,
        _counts_of_all_documents,
    ),
    CacheRow(
        PLAN_CACHE_NAME,
        lambda caches: caches.index.entries.counts_by_kind()["plan"],
        _max_files,
        lambda caches: caches.index.entries.counts["plan"],
    ),
    CacheRow(
        "store",
        lambda caches: caches.index.entries.stored_count,
        _max_files,
        lambda caches: caches.index.entries.load_counts,
    ),
    CacheRow(
        "prompts",
        lambda caches: len(caches.prompts),
        lambda _: MAX_CACHED_PROMPTS,
        lambda caches: caches.prompts.counts,
    ),
)
"""The rows: parsed sections, documents, PLANs among the documents, documents loaded from the store, and prompts.

The result cache of the CLI has no row, because the CLI reads this cache before it builds an index; see
`RESULT_CACHE_NAME`.
"""
RESULT_CACHE_NAME = "answers"
"""The name of the result cache of the CLI in metrics. Each process that reads this cache records a hit or a miss."""


def cache_figures(workspaces: Sequence[WorkspaceCaches]) -> list[CacheFigures]:
    """Return the figures of every row in `CACHE_ROWS`, summed over `workspaces`; an empty list if `workspaces` is empty."""
    return [_figures(row, workspaces[:1] if row.is_shared else workspaces) for row in CACHE_ROWS if workspaces]


def _figures(row: CacheRow, workspaces: Sequence[WorkspaceCaches]) -> CacheFigures:
    """Return the figures of the cache of a row, summed over `workspaces`."""
    counts = [row.counts(caches) for caches in workspaces]
    return CacheFigures(
        row.name,
        sum(row.size(caches) for caches in workspaces),
        sum(row.max_size(caches) for caches in workspaces),
        row.ttl_seconds,
        sum(cache_counts.hits for cache_counts in counts),
        sum(cache_counts.misses for cache_counts in counts),
        sum(cache_counts.evictions for cache_counts in counts),
    )
