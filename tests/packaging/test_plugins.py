"""The plugins of Claude Code and Codex: built from their source, with tools, commands and keys that exist."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from conftest import REPOSITORY
from planmark import __version__
from planmark.cli.command_table import COMMANDS
from planmark.cli.context import CommandOptions
from planmark.cli.dispatch import load_command, parse_options
from planmark.mcp.tool_table import TOOLS

SPEC = importlib.util.spec_from_file_location("plugin_build", REPOSITORY / "plugins/build.py")
assert SPEC is not None and SPEC.loader is not None
BUILD = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(BUILD)
FILES: dict[str, str] = BUILD.built_files()
MAX_SKILL_LINES = 60
MAX_DESCRIPTION = 1024
"""Maximum of characters of the description of a skill, in both hosts."""


def closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of an object that has no other keys."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
INSIDE = {"type": "string", "pattern": r"^\./(?!.*\.\.)"}
IDENTITY = {
    "name": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    "description": TEXT,
    "author": closed({"name": TEXT}, {"email": TEXT, "url": TEXT}),
}
ABOUT = {"homepage": TEXT, "repository": TEXT, "license": TEXT, "keywords": TEXTS}
STDIO = {"command": TEXT, "args": TEXTS}
INTERFACE = closed(
    dict.fromkeys(("displayName", "shortDescription", "longDescription", "developerName", "category"), TEXT),
    {"capabilities": TEXTS, "websiteURL": TEXT, "defaultPrompt": {**TEXTS, "maxItems": 3}},
)
HOOK = closed({"type": {"const": "command"}, **STDIO, "timeout": {"type": "integer", "minimum": 1}})
HOOKS = {"type": "array", "items": closed({"matcher": TEXT, "hooks": {"type": "array", "items": HOOK}})}
PLUGIN = {"type": "array", "minItems": 1}
SCHEMAS: dict[str, dict[str, Any]] = {
    "plugins/claude/.claude-plugin/plugin.json": closed(IDENTITY, ABOUT),
    "plugins/claude/.mcp.json": closed(
        {"mcpServers": closed({"planmark": closed(STDIO, {"alwaysLoad": {"type": "boolean"}})})}
    ),
    "plugins/claude/hooks/hooks.json": closed({"hooks": closed({"SessionStart": HOOKS})}),
    "plugins/codex/.codex-plugin/plugin.json": closed(
        {**IDENTITY, "skills": INSIDE, "mcpServers": INSIDE, "interface": INTERFACE}, ABOUT
    ),
    "plugins/codex/.mcp.json": closed({"mcpServers": closed({"planmark": closed(STDIO)})}),
    ".claude-plugin/marketplace.json": closed(
        {
            "name": TEXT,
            "owner": closed({"name": TEXT}),
            "plugins": {**PLUGIN, "items": closed({"name": TEXT, "source": INSIDE, "description": TEXT})},
        },
        {"metadata": closed({"description": TEXT})},
    ),
    ".agents/plugins/marketplace.json": closed(
        {
            "name": TEXT,
            "interface": closed({"displayName": TEXT}),
            "plugins": {
                **PLUGIN,
                "items": closed(
                    {
                        "name": TEXT,
                        "source": closed({"source": {"const": "local"}, "path": INSIDE}),
                        "policy": closed({"installation": TEXT, "authentication": TEXT}),
                        "category": TEXT,
                    }
                ),
            },
        }
    ),
}
"""JSON file → what its host accepts, without the keys that no file of ours has."""
MARKDOWN = [name for name in FILES if name.endswith(".md")]
SKILLS = [name for name in MARKDOWN if name.endswith("SKILL.md")]


def front_matter(name: str) -> tuple[dict[str, str], str]:
    """Return the front matter of a Markdown file, and the text after it."""
    before, head, body = FILES[name].split("---\n", 2)
    assert before == ""
    values = yaml.safe_load(head)
    assert isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    return values, body


@pytest.mark.parametrize("name", FILES)
def test_a_built_file_equals_what_the_source_gives(name: str) -> None:
    assert (REPOSITORY / name).read_bytes() == FILES[name].encode(), "run: python plugins/build.py"


def test_the_folders_of_built_files_have_no_others() -> None:
    there = {path for folder in BUILD.OUTPUTS for path in (REPOSITORY / folder).rglob("*") if path.is_file()}
    assert {path.relative_to(REPOSITORY).as_posix() for path in there} == set(FILES)


def test_every_json_file_has_a_schema() -> None:
    assert set(SCHEMAS) == {name for name in FILES if name.endswith(".json")}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_json_file_has_the_keys_that_its_host_takes(name: str) -> None:
    jsonschema.validate(json.loads(FILES[name]), SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_key_that_a_host_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(FILES[name]), "unknown": 1}, SCHEMAS[name])


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.endswith("/plugin.json")])
def test_the_version_is_that_of_the_package(name: str) -> None:
    assert json.loads(FILES[name])["version"] == __version__


def test_the_marketplaces_name_folders_with_a_manifest() -> None:
    (claude,) = json.loads(FILES[".claude-plugin/marketplace.json"])["plugins"]
    (codex,) = json.loads(FILES[".agents/plugins/marketplace.json"])["plugins"]
    for path, manifest, name in (
        (claude["source"], ".claude-plugin", claude["name"]),
        (codex["source"]["path"], ".codex-plugin", codex["name"]),
    ):
        assert json.loads(FILES[f"{path.removeprefix('./')}/{manifest}/plugin.json"])["name"] == name
    folder = Path("plugins/codex")
    manifest = json.loads(FILES["plugins/codex/.codex-plugin/plugin.json"])
    assert (folder / manifest["mcpServers"]).as_posix() in FILES
    assert all((folder / manifest["skills"]) in Path(name).parents for name in SKILLS if name.startswith(str(folder)))


@pytest.mark.parametrize("name", SKILLS)
def test_a_skill_is_short_and_is_named_as_its_folder(name: str) -> None:
    values, _ = front_matter(name)
    assert set(values) == {"name", "description"}
    assert values["name"] == Path(name).parent.name
    assert len(values["description"]) <= MAX_DESCRIPTION
    assert FILES[name].count("\n") <= MAX_SKILL_LINES


def test_the_reviewer_may_call_tools_that_exist_and_gives_no_verdict() -> None:
    values, _ = front_matter("plugins/claude/agents/planmark-reviewer.md")
    assert set(values) == {"name", "description", "model", "tools"}
    called = [tool.removeprefix(BUILD.TOOLS) for tool in values["tools"].split(", ") if tool.startswith("mcp__")]
    assert called
    assert set(called) <= set(TOOLS)
    assert not {"verdict", "record", "lease"} & set(called)


@pytest.mark.parametrize("name", MARKDOWN)
def test_a_text_names_tools_arguments_and_commands_that_exist(name: str) -> None:
    _, body = front_matter(name)
    words = {argument for tool in TOOLS.values() for argument in tool.arguments}
    words |= {choice for tool in TOOLS.values() for of in tool.arguments.values() for choice in of.choices}
    quoted = re.findall(r"`([^`\n]+)`", body)
    assert quoted
    for text in quoted:
        command = text.removeprefix("planmark ")
        if command != text:
            assert command in COMMANDS, text
        elif re.fullmatch(r"[a-z_]+", text):
            assert text in words | set(TOOLS) | {"planmark"}, text


def test_the_commands_of_the_plugins_take_their_arguments() -> None:
    servers = [json.loads(FILES[f"plugins/{host}/.mcp.json"])["mcpServers"]["planmark"] for host in ("claude", "codex")]
    (begin,) = json.loads(FILES["plugins/claude/hooks/hooks.json"])["hooks"]["SessionStart"]
    for called in (*servers, *begin["hooks"]):
        assert called["command"] == "planmark"
        name, *arguments = called["args"]
        before = CommandOptions()
        before.workspace, before.quiet = None, False
        assert parse_options(name, load_command(name), arguments, before)
