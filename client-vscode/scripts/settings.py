"""Writes the settings of the extension into its `package.json` and the texts into `package.nls.json`.

Those of the server come from its own table, the extension's own from `settings.json` beside this file.
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
    "lifecycle",
    "prompts.",
    "roles",
    "vocabulary.",
)
ENUMS = {"trace.server": ["off", "messages", "verbose"]}
"""Settings whose type in the server is a text of few values."""


def properties() -> tuple[dict[str, Any], dict[str, str]]:
    """The settings as `contributes.configuration.properties` has them, and their texts by key of `package.nls.json`."""
    found: dict[str, Any] = {}
    texts: dict[str, str] = {}
    own = json.loads(OWN.read_text(encoding="utf-8"))
    for order, (key, known) in enumerate(own.items()):
        name = f"setting.{key}"
        texts[name] = known["means"]
        entry = {k: v for k, v in known.items() if k not in ("means", "enumDescriptions")}
        for value, description in zip(known.get("enum", ()), known.get("enumDescriptions", ()), strict=True):
            texts[f"{name}.{value}"] = description
            entry.setdefault("markdownEnumDescriptions", []).append(f"%{name}.{value}%")
        found[f"planmark.{key}"] = {"order": order, "markdownDescription": f"%{name}%", **entry}
    for order, setting in enumerate(SETTINGS, len(own)):
        name = f"setting.{setting.key}"
        texts[name] = setting.means[0].upper() + setting.means[1:] + "."
        found[f"planmark.{setting.key}"] = {"order": order, "markdownDescription": f"%{name}%", **_schema(setting)}
    return found, texts


def _schema(setting: Setting) -> dict[str, Any]:
    schema = msgspec.json.schema(setting.type)
    if setting.key in ENUMS:
        schema["enum"] = ENUMS[setting.key]
    scope = "machine" if setting.of_user else "resource" if setting.key.startswith(PER_FOLDER) else "window"
    return {**schema, "default": setting.default, "scope": scope}


def written(package: dict[str, Any], nls: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Both files as they should be."""
    found, texts = properties()
    configuration = {**package["contributes"]["configuration"], "properties": found}
    others = {key: text for key, text in nls.items() if not key.startswith("setting.")}
    contributes = {**package["contributes"], "configuration": configuration}
    return {**package, "contributes": contributes}, {**others, **texts}


def main() -> None:
    """Writes both files."""
    paths = [CLIENT / "package.json", CLIENT / "package.nls.json"]
    package, nls = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    for path, data in zip(paths, written(package, nls), strict=True):
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
