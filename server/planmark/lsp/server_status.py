"""`planmark/serverStatus`: the health of the server, in words for the user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from planmark.lsp.engine import OverdueJob
from planmark.lsp.folder_session import FolderSession
from planmark.text.visible import visible_in_one_line
from planmark.workspace.snapshot import Snapshot

Health = Literal["ok", "warning", "error"]
"""The health of the server. It is `error` if a folder cannot be served or read."""

OVERDUE_JOB_SECONDS = 10.0
"""Seconds after which a running job is named in the status and in the log."""
MAX_NAMED_FEATURES = 5
"""Maximum number of features that one message names."""


class ServerStatus(NamedTuple):
    """The health of the server.

    `message` describes the problems with their remedies, and the progress of scans; "" without these. `quiescent` tells
    whether every folder was scanned and no scan is under way.
    """

    health: Health
    quiescent: bool
    message: str


def current_status(
    folders: Sequence[FolderSession], refusal_reasons: Iterable[str], overdue_job: OverdueJob | None
) -> ServerStatus:
    """Return the health of a server with the sessions `folders`.

    `refusal_reasons` are the reasons why other folders are not served. `overdue_job` is the job that blocks the engine.
    """
    errors = list(refusal_reasons)
    warnings = [] if overdue_job is None else [describe_overdue_job(overdue_job)]
    warnings += [
        f"{folder.root}: the scan was cancelled, so some documents are missing: run `planmark.reindex`"
        for folder in folders
        if folder.scan_was_cancelled
    ]
    for folder in folders:
        if folder.published_view is not None:
            _add_problems(folder.published_view.snapshot, errors, warnings)
    quiescent = all(
        folder.scan is None and (folder.worker.is_complete or folder.scan_was_cancelled) for folder in folders
    )
    progress_messages = [folder.progress for folder in folders if folder.progress]
    return ServerStatus(
        "error" if errors else "warning" if warnings else "ok",
        quiescent,
        "\n".join(map(visible_in_one_line, (*errors, *warnings, *progress_messages))),
    )


def describe_overdue_job(overdue_job: OverdueJob) -> str:
    """Describe a job that takes too long, for the user."""
    job_text = f"{overdue_job.name} ({overdue_job.subject})" if overdue_job.subject else overdue_job.name
    return f"{job_text} has been running for more than {OVERDUE_JOB_SECONDS:g} s and blocks all other work: restart the server if it does not end"


def _add_problems(snapshot: Snapshot, errors: list[str], warnings: list[str]) -> None:
    """Append the messages about a workspace to `errors` and `warnings`."""
    for problem in snapshot.problems:
        (errors if problem.path == "." and problem.code == "unreadable" else warnings).append(
            f"{snapshot.root}: {problem.path} {problem.message}"
        )
    features = [f"@{plan.feature}" for plan in snapshot.plans if plan.skipped]
    if features:
        more = f" and {len(features) - MAX_NAMED_FEATURES} more" if len(features) > MAX_NAMED_FEATURES else ""
        warnings.append(
            f"{snapshot.root}: work of {', '.join(features[:MAX_NAMED_FEATURES])}{more} may be in folders that are not read (`work-out-of-sight`)"
        )
