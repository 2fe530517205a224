"""The files that an agent has changed, and which of these files it must not change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.coordination.file_overlap import FileClaims
from planmark.coordination.lease import Lease
from planmark.plans.document_format import document_format
from planmark.plans.format import PlanSite
from planmark.queries.workspace_view import View
from planmark.run.reading import LeasedItem
from planmark.run.uncommitted import documents_of
from planmark.text.lazy_pattern import lazy_pattern

SETTINGS_FILE = "planmark.toml"
GUARDED_PATTERN = lazy_pattern(
    r"""(?:^|/)(?:
        \.git[^/]*                                                     # .gitignore, .gitattributes, .github, .gitlab-ci.yml
        | planmark\.toml
        | (?-i:(?:AGENTS?|AGENTS\.override|CLAUDE|CLAUDE\.local|GEMINI)\.md)$
        | \.(?:agents|claude|codex|cursor|gemini|opencode|copilot|windsurf|roo|clinerules|continue|amp|factory)(?:/|$)
        | \.kiro/(?:hooks|settings|steering)/
        | \.(?:cursorrules|windsurfrules|aider[^/]*|mcp\.json|envrc|pre-commit-config\.ya?ml)
        | opencode\.jsonc?
        | \.(?:vscode|devcontainer|husky|circleci|buildkite|woodpecker|drone)(?:/|\.ya?ml|$)
        | (?:azure-pipelines|bitbucket-pipelines|appveyor|\.appveyor|\.travis|\.drone|\.woodpecker|lefthook)\.ya?ml
        | Jenkinsfile
    )""",
    re.VERBOSE | re.IGNORECASE,
)
"""Paths that configure git, agents, CI, or editors that run tasks. A change of such a file could start a program.

In every folder, agents read the instructions in files with exactly these names: `AGENTS.md` (Codex, OpenCode, Copilot,
Cursor, Amp, Droid) or `AGENT.md`, `AGENTS.override.md` (Codex), `CLAUDE.md` and `CLAUDE.local.md` (Claude Code),
`GEMINI.md`.
"""
TOP_INSTRUCTIONS_PATTERN = lazy_pattern(
    r"(?:AGENTS?|AGENTS\.override|CLAUDE|CLAUDE\.local|GEMINI|CONVENTIONS)\.md", re.IGNORECASE
)
"""Names of files with instructions for agents, at the top of a repository or workspace.

Upper and lower case are equal, because some file systems ignore case. Windsurf reads `agents.md` in every folder. In a
folder below the top, the file counts as a document, such as `docs/agents.md`. Aider reads `CONVENTIONS.md` at the top
if the user tells it to.
"""


class WorkFiles(NamedTuple):
    """The files that an agent has changed in its work tree, as paths from the top of the repository.

    `outside` are the files that the agent must not change. `verdicts` are the files of `outside` that are decisions of
    a reviewer. `listed` are the other changed files, if no document names the files of the item. `planmark finish`
    shows them.
    """

    outside: tuple[str, ...]
    verdicts: tuple[str, ...]
    listed: tuple[str, ...]
    beside: tuple[str, ...]
    """The changed files that are not documents of the plan."""


def work_files(paths: Sequence[str], view: View, leased_item: LeasedItem, lease: Lease, prefix: str) -> WorkFiles:
    """Return the files that an agent has changed, in groups: see `WorkFiles`.

    `paths` are the changed files, from the top of the repository. `view` is the view of the workspace in the work tree
    of the lease. `prefix` is the path of the workspace from the top of the repository.
    """
    file_claims = FileClaims()
    file_claims.add(0, lease.files)
    plan_documents = set(documents_of(leased_item.plan))
    verdicts = tuple(path for path in paths if lease.role != "reviewer" and is_verdict(path))
    outside, unnamed_paths, other_files = [*verdicts], list[str](), list[str]()
    for path in paths:
        workspace_path = path.removeprefix(prefix) if path.startswith(prefix) else None
        is_document = workspace_path is not None and (
            workspace_path in plan_documents or _is_in_plan_folder(workspace_path, view, leased_item)
        )
        if path in verdicts:
            continue
        if not is_document:
            other_files.append(path)
        is_named = bool(lease.files) and bool(file_claims.owners([path]))
        if _is_of_other_plan(path, workspace_path, view, leased_item) or (
            _is_guarded(path, workspace_path) and not is_named
        ):
            outside.append(path)
        elif not is_document and not is_named:
            (outside if lease.files_known else unnamed_paths).append(path)
    return WorkFiles(tuple(dict.fromkeys(outside)), verdicts, tuple(unnamed_paths), tuple(other_files))


def _is_guarded(path: str, workspace_path: str | None) -> bool:
    """Tell whether a file configures programs, by GUARDED_PATTERN or TOP_INSTRUCTIONS_PATTERN.

    `path` is from the top of the repository. `workspace_path` is from the workspace; None if the file is outside of the
    workspace.
    """
    is_top_file = any(TOP_INSTRUCTIONS_PATTERN.fullmatch(name) for name in (path, workspace_path) if name is not None)
    return is_top_file or GUARDED_PATTERN.search(path) is not None


def is_verdict(path: str) -> bool:
    """Tell whether `path` is the path of a verdict."""
    return document_format().is_verdict(path.rpartition("/")[2])


def _is_in_plan_folder(path: str, view: View, leased_item: LeasedItem) -> bool:
    """Tell whether a file is in the folder of the leased plan, and belongs to no other plan.

    The result is False if a second plan has the same folder.
    """
    plan = leased_item.plan
    if not plan.folder or not path.startswith(f"{plan.folder}/"):
        return False
    plans_in_folder = [other for other in view.plans if other.path != plan.path and other.folder == plan.folder]
    return not plans_in_folder and view.any_plan_of(path) in (None, plan)


def _is_of_other_plan(path: str, workspace_path: str | None, view: View, leased_item: LeasedItem) -> bool:
    """Tell whether a file is a document of a different plan, or was one before it was deleted.

    `path` is from the top of the repository. `workspace_path` is from the workspace; None if the file is outside of the
    workspace.
    """
    if workspace_path is None:
        return False
    plan, name = leased_item.plan, path.rpartition("/")[2]
    owner = view.any_plan_of(workspace_path)
    if owner is not None:
        return owner.path != plan.path
    name_parts = document_format().parse_name(name)
    if name_parts is not None and name_parts.feature:
        return isinstance(plan, PlanSite) or name_parts.feature != leased_item.state.feature
    nearby_plans = view.plans_around(workspace_path)
    return (
        bool(nearby_plans)
        and plan.path not in {other.path for other in nearby_plans}
        and name.endswith((".md", ".json"))
    )


def paths_in_words(paths: Sequence[str], max_count: int = 4) -> str:
    """Return a text with the first `max_count` paths, and the number of the other paths if there are more."""
    return ", ".join(_named_paths(paths, max_count))


def _named_paths(paths: Sequence[str], max_count: int) -> Iterator[str]:
    """Yield the first `max_count` paths. If there are more, then yield a text with the number of the other paths."""
    yield from paths[:max_count]
    if len(paths) > max_count:
        yield f"and {len(paths) - max_count} more"
