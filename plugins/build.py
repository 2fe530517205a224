"""Writes the plugins of Claude Code and Codex from one source: `python plugins/build.py`, from the root of the repository.

Both have the tools of `planmark mcp` and the texts of `plugins/source/`. The version is that of the package.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "plugins/source"
OUTPUTS = ("plugins/claude", "plugins/codex", ".claude-plugin", ".agents/plugins")
"""Folders with nothing but files of this script."""
sys.path.insert(0, str(ROOT / "server"))

from planmark import __version__  # noqa: E402
from planmark.cli.hosts import PROGRAM_NAME  # noqa: E402

DESCRIPTION = "The next step of every Markdown plan, its prompt, its checks, and reviews that a person decides."
REPOSITORY = "https://github.com/planmark/planmark"
TOOLS = f"mcp__plugin_{PROGRAM_NAME}_{PROGRAM_NAME}__"
"""The prefix of the names of tools in Claude Code, if a plugin brings their server."""
REVIEWER_TOOLS = ("Read", "Grep", "Glob", "Bash", "Write", *(f"{TOOLS}{tool}" for tool in ("next", "status", "check")))
MANIFEST: Mapping[str, Any] = {
    "name": PROGRAM_NAME,
    "version": __version__,
    "description": DESCRIPTION,
    "author": {"name": "Planmark"},
    "homepage": REPOSITORY,
    "repository": REPOSITORY,
    "license": "MIT",
    "keywords": ["planning", "markdown", "review", "agents"],
}
SERVER: Mapping[str, Any] = {"command": PROGRAM_NAME, "args": ["mcp"]}
PLAN_USE = (
    "Use when asked to go on with a plan of this project, to take its next step, to say how a plan stands or why an "
    "achievement is not done, to record work, or to ask for a verdict."
)
REVIEW_USE = "Reviews one achievement of a plan, and reports findings with their places. Never approves."


def built_files() -> dict[str, str]:
    """Return path → text of every built file. Paths are relative to the root of the repository."""
    plan, review = ((SOURCE / name).read_text("utf-8") for name in ("plan.md", "review.md"))
    skill = _with_front_matter({"name": "plan", "description": PLAN_USE}, plan)
    reviewer = {"name": f"{PROGRAM_NAME}-reviewer", "description": REVIEW_USE, "model": "haiku"}
    hook = {"type": "command", "command": PROGRAM_NAME, "args": ["status", "--brief", "--hook", "claude"], "timeout": 5}
    begin = {"matcher": "startup|resume|clear|compact", "hooks": [hook]}
    interface = {
        "displayName": "Planmark",
        "shortDescription": "The next step of every plan",
        "longDescription": DESCRIPTION,
        "developerName": "Planmark",
        "category": "Developer Tools",
        "capabilities": ["Read", "Write"],
        "websiteURL": REPOSITORY,
        "defaultPrompt": ["Take the next step of the plan.", "How do the plans stand?"],
    }
    codex = {**MANIFEST, "skills": "./skills/", "mcpServers": "./.mcp.json", "interface": interface}
    listed = {"name": PROGRAM_NAME, "description": DESCRIPTION}
    local = {"source": "local", "path": "./plugins/codex"}
    policy = {"installation": "AVAILABLE", "authentication": "ON_INSTALL"}
    return {
        "plugins/claude/.claude-plugin/plugin.json": _json(MANIFEST),
        "plugins/claude/.mcp.json": _json({"mcpServers": {PROGRAM_NAME: {**SERVER, "alwaysLoad": True}}}),
        "plugins/claude/skills/plan/SKILL.md": skill,
        "plugins/claude/agents/planmark-reviewer.md": _with_front_matter(
            {**reviewer, "tools": ", ".join(REVIEWER_TOOLS)}, review
        ),
        "plugins/claude/hooks/hooks.json": _json({"hooks": {"SessionStart": [begin]}}),
        "plugins/codex/.codex-plugin/plugin.json": _json(codex),
        "plugins/codex/.mcp.json": _json({"mcpServers": {PROGRAM_NAME: SERVER}}),
        "plugins/codex/skills/plan/SKILL.md": skill,
        "plugins/codex/skills/review/SKILL.md": _with_front_matter(
            {"name": "review", "description": f"Use when asked for a review of a plan's work. {REVIEW_USE}"}, review
        ),
        ".claude-plugin/marketplace.json": _json(
            {
                "name": PROGRAM_NAME,
                "owner": {"name": "Planmark"},
                "metadata": {"description": DESCRIPTION},
                "plugins": [{**listed, "source": "./plugins/claude"}],
            }
        ),
        ".agents/plugins/marketplace.json": _json(
            {
                "name": PROGRAM_NAME,
                "interface": {"displayName": "Planmark"},
                "plugins": [{"name": PROGRAM_NAME, "source": local, "policy": policy, "category": "Developer Tools"}],
            }
        ),
    }


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _with_front_matter(values: Mapping[str, str], body: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in values.items())
    return f"---\n{lines}---\n\n{body}"


def main() -> None:
    """Write every file, and remove those in the same folders that are built no longer."""
    files = built_files()
    for folder in OUTPUTS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.relative_to(ROOT).as_posix() not in files:
                path.unlink()
    for name, text in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
