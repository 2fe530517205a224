"""The metrics of a server: the sizes of its folders, its caches, and the resources of its process."""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from planmark.lsp.folder_worker import FolderWorker
from planmark.metrics.cache_stats import CacheFigures
from planmark.metrics.report import ProcessReport, WorkspaceSizes
from planmark.queries.cache_registry import WorkspaceCaches, cache_figures


def sizes_of(folders: Sequence[FolderWorker]) -> WorkspaceSizes:
    """Return the sums of the sizes of the folders, as of their last views."""
    sizes = [folder.sizes for folder in folders]
    return WorkspaceSizes(*(sum(column) for column in zip(*sizes, strict=True))) if sizes else WorkspaceSizes()


def caches_of(folders: Sequence[FolderWorker]) -> list[CacheFigures]:
    """Return the figures of each cache, summed over the folders."""
    return cache_figures([WorkspaceCaches(folder.index, folder.prompt_cache) for folder in folders])


def process_report(process: psutil.Process) -> ProcessReport:
    """Return the memory that a process uses, and the processor time that it has used until now."""
    times = process.cpu_times()
    return ProcessReport(process.memory_info().rss, round(times.user + times.system, 3))
