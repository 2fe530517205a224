"""The scope of the work on the tasks of a list, from their lines."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from planmark.formats.checkbox.evaluate import refs
from planmark.formats.checkbox.tasks import Task
from planmark.plans.work_scope import WorkScope


def task_scopes(
    tasks: Sequence[Task],
    root: str,
    waves: Sequence[Sequence[int]] = (),
    track_of: Callable[[int], str] = lambda _at: "",
) -> Mapping[str, WorkScope]:
    """Return a mapping from the ref of each task to the scope of the work on the task.

    `waves` are the positions of the tasks of each wave. `track_of` returns the track of the task at a position. Paths
    that tasks name are relative to `root`.
    """
    wave_of = {index: number for number, wave in enumerate(waves, 1) for index in wave}
    return {
        ref: WorkScope(
            None,
            tuple(posixpath.normpath(posixpath.join(root, path)) for path in task.creates),
            wave_of.get(index, 0),
            track_of(index),
        )
        for index, (ref, task) in enumerate(zip(refs(tasks), tasks, strict=True))
    }
