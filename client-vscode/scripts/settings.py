"""Writes the settings into `package.json`, their texts into `package.nls.json`, and the JSON Schema of `planmark.toml`.

The settings of the server come from its own table, those of the extension from `settings.json` beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from planmark.workspace.settings import SETTINGS, Setting

CLIENT = Path(__file__).resolve().parent.parent
OWN = Path(__file__).resolve().parent / "settings.json"
PER_FOLDER = (
    "archive.",
    "codeLens.",
    "diagnostics.",
    "files.",
    "inlayHints.",
    "index.",
    "leases.",
    "lifecycle",
    "prompts.",
    "roles",
    "vocabulary.",
)
SECTIONS: dict[str, tuple[str, ...]] = {
    "Prompts": ("delivery.", "learn.", "prompts.", "roles"),
    "Views": ("codeLens.", "decorations.", "inlayHints.", "statusBar.", "tree."),
    "Reviews": ("verdict.",),
    "Agents": ("leases.",),
    "Problems": ("diagnostics.",),
    "Plans and Files": ("archive.", "files.", "lifecycle", "vocabulary."),
    "Server": ("server.", "cache.", "index.", "metrics.", "trace."),
}
"""Title of a section in the settings editor → the beginnings of its keys."""
TOML_SCHEMA = Path("schemas/planmark.toml.schema.json")
"""The JSON Schema of `planmark.toml`, relative to the extension."""
MANUAL = "https://github.com/planmark/planmark/blob/main/docs/configuration.md"
ENUMS = {"trace.server": ["off", "messages", "verbose"]}
"""Settings whose type in the server is a text of few values."""


def properties() -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings by their full keys, in the order of the editor, and their texts by key of `package.nls.json`."""
    found: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for key, known in json.loads(OWN.read_text(encoding="utf-8")).items():
        name = f"setting.{key}"
        texts[name] = known["means"]
        entry = {k: v for k, v in known.items() if k not in ("means", "enumDescriptions")}
        for value, description in zip(known.get("enum", ()), known.get("enumDescriptions", ()), strict=True):
            texts[f"{name}.{value}"] = description
            entry.setdefault("markdownEnumDescriptions", []).append(f"%{name}.{value}%")
        found[f"planmark.{key}"] = {"markdownDescription": f"%{name}%", **entry}
    for setting in SETTINGS:
        if setting.git_key:
            continue
        name = f"setting.{setting.key}"
        texts[name] = _sentence(setting)
        found[f"planmark.{setting.key}"] = {"markdownDescription": f"%{name}%", **_schema(setting)}
    return {key: {"order": order, **known} for order, (key, known) in enumerate(found.items())}, texts


def sections(found: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the settings in the sections of the editor, and the titles by key of `package.nls.json`."""
    titles = {f"settings.{index}": title for index, title in enumerate(SECTIONS)}
    listed = []
    for order, (name, beginnings) in enumerate(zip(titles, SECTIONS.values(), strict=True)):
        own = {key: known for key, known in found.items() if key.removeprefix("planmark.").startswith(beginnings)}
        listed.append({"title": f"%{name}%", "order": order, "properties": own})
    assert sum(len(section["properties"]) for section in listed) == len(found), "a setting has no section, or two"
    return listed, titles


def toml_schema() -> dict[str, Any]:
    """Return the JSON Schema of `planmark.toml`, with the descriptions and links that TOML editors show.

    Settings that only count in an editor, or in the configuration of git, are not part of it.
    """
    schema = _table("Planmark, https://github.com/planmark/planmark: the settings of a workspace.")
    for setting in SETTINGS:
        if setting.is_user_only:
            continue
        table, _, key = setting.key.rpartition(".")
        within = schema["properties"].setdefault(table, _table(f"Settings of {table}.")) if table else schema
        within["properties"][key] = {**_entries(setting), **_described(_sentence(setting)), "default": setting.default}
    # A file may have all settings in a table of this name.
    schema["properties"]["planmark"] = {"type": "object", "x-taplo": {"hidden": True}}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "planmark.toml", **schema}


def _table(description: str) -> dict[str, Any]:
    return {"type": "object", **_described(description), "additionalProperties": False, "properties": {}}


def _described(description: str) -> dict[str, Any]:
    return {"description": description, "x-taplo": {"docs": {"main": description}, "links": {"key": MANUAL}}}


def _entries(setting: Setting) -> dict[str, Any]:
    """Return the schema of the values of a setting, with the keys of a table if they are known."""
    schema = msgspec.json.schema(setting.type)
    if setting.key in ENUMS:
        schema["enum"] = ENUMS[setting.key]
    if setting.entries:
        own = {key: msgspec.json.schema(kind) for key, kind in setting.entries.items()}
        schema = {"type": "object", "properties": own, "additionalProperties": False}
    # `\Z` is an end of Python's patterns only.
    return json.loads(json.dumps(schema).replace("\\\\Z", "$"))  # type: ignore[no-any-return]  # JSON as before


def _sentence(setting: Setting) -> str:
    return setting.means[0].upper() + setting.means[1:] + "."


def _schema(setting: Setting) -> dict[str, Any]:
    schema = msgspec.json.schema(setting.type)
    if setting.key in ENUMS:
        schema["enum"] = ENUMS[setting.key]
    scope = "machine" if setting.is_user_only else "resource" if setting.key.startswith(PER_FOLDER) else "window"
    return {**schema, "default": setting.default, "scope": scope}


def written(package: dict[str, Any], nls: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return both files as they should be."""
    found, texts = properties()
    configuration, titles = sections(found)
    others = {key: text for key, text in nls.items() if not key.startswith(("setting.", "settings."))}
    contributes = {**package["contributes"], "configuration": configuration}
    return {**package, "contributes": contributes}, {**others, **titles, **texts}


def main() -> None:
    """Write the files."""
    paths = [CLIENT / "package.json", CLIENT / "package.nls.json"]
    package, nls = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    files = dict(zip(paths, written(package, nls), strict=True)) | {CLIENT / TOML_SCHEMA: toml_schema()}
    for path, data in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
