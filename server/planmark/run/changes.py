"""The files that work has changed, and which of them the work must not change."""

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

SETTINGS_FILE = "planmark.toml"
GUARDED_PATTERN = re.compile(
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
"""The configuration of git, of agents, of editors that run tasks, and of CI. A change of it could start a program.

In every folder, agents read the instructions with exactly these names: `AGENTS.md` (Codex, OpenCode, Copilot, Cursor,
Amp, Droid) or `AGENT.md`, `AGENTS.override.md` (Codex), `CLAUDE.md` and `CLAUDE.local.md` (Claude Code), `GEMINI.md`.
"""
TOP_PATTERN = re.compile(r"(?:AGENTS?|AGENTS\.override|CLAUDE|CLAUDE\.local|GEMINI|CONVENTIONS)\.md", re.IGNORECASE)
"""The instructions at the top of a repository or workspace, in upper or lower case: some file systems ignore case.

Windsurf reads `agents.md` in every folder. Below the top it counts as a document, such as `docs/agents.md`. Aider reads
`CONVENTIONS.md` at the top if the user tells it to.
"""


class WorkFiles(NamedTuple):
    """The changed files of work, from the top of the repository.

    `outside` are files that the work must not change. `verdicts` are those of them that are decisions of a reviewer.
    `listed` are the other changed files of an item whose files no document names; `finish` lists them for the reader.
    """

    outside: tuple[str, ...]
    verdicts: tuple[str, ...]
    listed: tuple[str, ...]
    beside: tuple[str, ...]
    """The changed files that are not documents of the plan."""


def work_files(paths: Sequence[str], view: View, leased_item: LeasedItem, lease: Lease, prefix: str) -> WorkFiles:
    """Return which of the changed paths belong to the work of a lease, as its own tree shows them."""
    file_claims = FileClaims()
    file_claims.add(0, lease.files)
    plan_documents = set(documents_of(leased_item.plan))
    verdicts = tuple(path for path in paths if lease.role != "reviewer" and is_verdict(path))
    outside, unnamed_paths, other_files = [*verdicts], list[str](), list[str]()
    for path in paths:
        workspace_path = path.removeprefix(prefix) if path.startswith(prefix) else None
        is_document = workspace_path is not None and (
            workspace_path in plan_documents or _is_near(workspace_path, view, leased_item)
        )
        if path in verdicts:
            continue
        if not is_document:
            other_files.append(path)
        is_named = bool(lease.files) and bool(file_claims.owners([path]))
        if _is_foreign(path, workspace_path, view, leased_item) or (_is_guarded(path, workspace_path) and not is_named):
            outside.append(path)
        elif not is_document and not is_named:
            (outside if lease.files_known else unnamed_paths).append(path)
    return WorkFiles(tuple(dict.fromkeys(outside)), verdicts, tuple(unnamed_paths), tuple(other_files))


def _is_guarded(path: str, workspace_path: str | None) -> bool:
    """Tell whether a file configures programs. `workspace_path` is its path in the workspace, None outside."""
    is_top_file = any(TOP_PATTERN.fullmatch(name) for name in (path, workspace_path) if name is not None)
    return is_top_file or GUARDED_PATTERN.search(path) is not None


def is_verdict(path: str) -> bool:
    """Tell whether a path is that of a reviewer's decision."""
    return document_format().is_verdict(path.rpartition("/")[2])


def _is_near(path: str, view: View, leased_item: LeasedItem) -> bool:
    """Tell whether a file is in the folder of a plan, which no other plan has, and is not of a different plan."""
    plan = leased_item.plan
    if not plan.folder or not path.startswith(f"{plan.folder}/"):
        return False
    plans_in_folder = [other for other in view.plans if other.path != plan.path and other.folder == plan.folder]
    return not plans_in_folder and view.any_plan_of(path) in (None, plan)


def _is_foreign(path: str, workspace_path: str | None, view: View, leased_item: LeasedItem) -> bool:
    """Tell whether a file is, or was, a document of a different plan."""
    if workspace_path is None:
        return False
    plan, name = leased_item.plan, path.rpartition("/")[2]
    owner = view.any_plan_of(workspace_path)
    if owner is not None:
        return owner.path != plan.path
    parts = document_format().parse_name(name)
    if parts is not None and parts.feature:
        return isinstance(plan, PlanSite) or parts.feature != leased_item.state.feature
    nearby_plans = view.plans_around(workspace_path)
    return (
        bool(nearby_plans)
        and plan.path not in {other.path for other in nearby_plans}
        and name.endswith((".md", ".json"))
    )


def paths_in_words(paths: Sequence[str], max_count: int = 4) -> str:
    """Return paths in words: the first `max_count` by name, and the number of the others."""
    return ", ".join(_named_paths(paths, max_count))


def _named_paths(paths: Sequence[str], max_count: int) -> Iterator[str]:
    yield from paths[:max_count]
    if len(paths) > max_count:
        yield f"and {len(paths) - max_count} more"
