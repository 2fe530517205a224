"""The VS Code extension and the server agree about settings, versions, states and names."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import REPOSITORY
from planmark import __version__
from planmark.lsp.handlers.registry import COMMANDS, OWN_REQUESTS
from planmark.lsp.lsp_ext import LEASES_CHANGED_METHOD, NOTIFICATIONS_TO_CLIENT
from planmark.workspace.settings import SETTINGS, read_settings
from repository_script import script

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CLIENT = REPOSITORY / "client-vscode"
SCRIPTS = CLIENT / "scripts"
SOURCES = [path for path in (CLIENT / "src").rglob("*.ts") if path.name != "package.json"]


def read(name: str) -> dict[str, object]:
    data: dict[str, object] = json.loads((CLIENT / name).read_text(encoding="utf-8"))
    return data


def test_the_settings_are_those_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    package, nls = read("package.json"), read("package.nls.json")
    assert script(SCRIPTS / "settings.py", monkeypatch).written(package, nls) == (package, nls), (
        "run client-vscode/scripts/settings.py"
    )


def test_the_schema_of_the_settings_file_is_that_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = script(SCRIPTS / "settings.py", monkeypatch)
    (association,) = read("package.json")["contributes"]["tomlValidation"]
    assert CLIENT / association["url"] == CLIENT / settings.TOML_SCHEMA
    schema = read(association["url"])
    assert schema == settings.toml_schema(), "run client-vscode/scripts/settings.py"
    validator = jsonschema.Draft7Validator(schema)
    documented = (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```toml\n(.*?)^```", documented, re.MULTILINE | re.DOTALL)
    defaults = nested({setting.key: setting.default for setting in SETTINGS if not setting.is_user_only})
    for good in (defaults, {}, {"planmark": {"files": {"exclude": ["a"]}}}, *map(tomllib.loads, examples)):
        assert not list(validator.iter_errors(good))
        assert not read_settings(good, "planmark.toml", of_workspace=True).warnings
    for wrong in (
        {"files": {"exlude": ["a"]}},
        {"files": {"maxBytes": 0}},
        {"metrics": {"port": 9000}},
        {"roles": {"reviewer": 4}},
        {"roles": {"1": "a\nb"}},
        {"trace": {"server": 3}},
        {"lifecycle": {"late": ["x/"]}},
    ):
        assert list(validator.iter_errors(wrong)), wrong
        assert read_settings(wrong, "planmark.toml", of_workspace=True).warnings, wrong


def nested(values: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        (result.setdefault(table, {}) if table else result)[name] = value
    return result


def test_the_versions_are_one() -> None:
    assert read("package.json")["version"] == __version__
    assert read("package-lock.json")["version"] == __version__


def test_no_workspace_opens_a_port() -> None:
    sections = read("package.json")["contributes"]["configuration"]
    scopes = {name: known["scope"] for section in sections for name, known in section["properties"].items()}
    assert scopes["planmark.metrics.port"] == "machine"


def test_it_asks_only_for_what_there_is() -> None:
    asked = {name for path in SOURCES for name in re.findall(r'"(planmark/[\w/]+)"', path.read_text(encoding="utf-8"))}
    # The status, which it asks for whenever plans change, has the holders too.
    assert (
        asked <= {*NOTIFICATIONS_TO_CLIENT, *OWN_REQUESTS}
        and set(NOTIFICATIONS_TO_CLIENT) - {LEASES_CHANGED_METHOD} <= asked
    )


def test_the_servers_commands_are_commands_of_the_extension() -> None:
    """Check that the extension defines the commands of lenses and code actions, so that every click has an effect."""
    table = (CLIENT / "src/commands/table.ts").read_text(encoding="utf-8")
    used = re.findall(r'"(planmark\.\w+)"', "".join(p.read_text(encoding="utf-8") for p in editor_sources()))
    assert used and set(used) <= set(COMMANDS)
    assert set(used) <= set(re.findall(r'^  "(planmark\.\w+)":', table, re.MULTILINE))


def editor_sources() -> list[Path]:
    return list((REPOSITORY / "server/planmark/ide").glob("*.py"))


def test_every_text_is_there_and_used() -> None:
    package = (CLIENT / "package.json").read_text(encoding="utf-8")
    assert set(re.findall(r'"%([\w.]+)%"', package)) == set(read("package.nls.json"))
