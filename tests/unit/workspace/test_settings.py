"""Settings entry by entry: a warning suggests a known key for an unknown one, and a wrong value affects only itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from fixture import write_files
from planmark.cli.main import main
from planmark.formats.planmark.prompts.part_questions import PARTS_BY_STEP
from planmark.plans.model import Role
from planmark.workspace.settings import (
    DEFAULTS,
    ROLE_SETTING_TYPES,
    SETTINGS,
    Setting,
    client_settings,
    load_settings,
    read_settings,
)


def said(data: dict[str, Any]) -> list[str]:
    return [warning.message for warning in read_settings(data, "planmark.toml").warnings]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"roles": {"reviewr": 3}},
            "has the unknown key `roles.reviewr`; did you mean `roles.reviewer`?",
        ),
        (
            {"lifecycle": {"archive": ["old/"]}},
            "has the unknown key `lifecycle.archive`; did you mean `lifecycle.archived`?",
        ),
        (
            {"diagnostics": {"sizes": {"subplans": [0, 1]}}},
            "has the unknown key `diagnostics.sizes.subplans`; did you mean `diagnostics.sizes.subplan`?",
        ),
        (
            {"vocabulary": {"fields": {"achievment": ["Ziel"]}}},
            "has the unknown key `vocabulary.fields.achievment`; did you mean `vocabulary.fields.achievement`?",
        ),
        (
            {"vocabulary": {"statuses": {"fertig": "complet"}}},
            "sets `vocabulary.statuses.fertig` wrongly: no value `complet`, did you mean `complete`?; it is left out",
        ),
        (
            {"diagnostics": {"severity": {"plan-name": "warn"}}},
            "sets `diagnostics.severity.plan-name` wrongly: no value `warn`, did you mean `warning`?; it is left out",
        ),
        (
            {"roles": {"reviewer": "three"}},
            "sets `roles.reviewer` wrongly: expected a whole number, got text; it is left out",
        ),
        ({"roles": {"2": 2}}, "sets `roles.2` wrongly: expected text, got a whole number; it is left out"),
        (
            {"codeLens": {"enable": "yes"}},
            "sets `codeLens.enable` wrongly: expected true or false, got text; the default holds: true",
        ),
        (
            {"files": {"exclude": "vendor/"}},
            "sets `files.exclude` wrongly: expected a list, got text; the default holds: []",
        ),
    ],
)
def test_what_is_said_of_a_wrong_entry(data: dict[str, Any], message: str) -> None:
    assert said(data) == [message]


@pytest.mark.parametrize(
    ("data", "key", "value", "warnings"),
    [
        (
            {"diagnostics": {"severity": {"plan-name": "off", "size": "loud", "encoding": "error"}}},
            "diagnostics.severity",
            {"plan-name": "off", "encoding": "error"},
            1,
        ),
        ({"files": {"exclude": ["vendor/", "!", 7, "drafts/"]}}, "files.exclude", ["vendor/", "drafts/"], 2),
        ({"roles": {"reviewer": 9, "executor": 1}}, "roles", {"executor": 1}, 1),
        (
            {"diagnostics": {"ignore": {"!": ["*"], "drafts/": ["*", 3], "old/": "*"}}},
            "diagnostics.ignore",
            {"drafts/": ["*"]},
            3,
        ),
        (
            {"diagnostics": {"sizes": {"plan": [0], "subplan": [1, 2]}}},
            "diagnostics.sizes",
            {"plan": DEFAULTS["diagnostics.sizes"]["plan"], "subplan": [1, 2]},
            1,
        ),
        (
            {"lifecycle": {"archived": ["!", "old/"], "paused": "hold/"}},
            "lifecycle",
            {"archived": ["old/"], "paused": DEFAULTS["lifecycle"]["paused"]},
            2,
        ),
        (
            {"vocabulary": {"statuses": {"klaar": "complete", "bezig": "busy"}}},
            "vocabulary.statuses",
            {"klaar": "complete"},
            1,
        ),
    ],
)
def test_one_wrong_value_costs_only_itself(data: dict[str, Any], key: str, value: Any, warnings: int) -> None:
    settings = read_settings(data, "planmark.toml")
    assert settings[key] == value
    assert len(settings.warnings) == warnings
    own, told = client_settings(data)
    assert (own[key], len(told)) == (value, warnings), "an editor's settings are read in the same way"


def test_the_roles_are_those_of_the_workflow() -> None:
    reviewers_and_researchers = {part.role for parts in PARTS_BY_STEP.values() for part in parts}
    assert {*get_args(Role), *reviewers_and_researchers} == {
        name for name in ROLE_SETTING_TYPES if not name.isdecimal()
    }


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ({"in progress": "complete"}, {}),
        ({" In Progress ": "complete"}, {}),
        ({"not started": "complete"}, {}),
        ({"blocked": "in_progress"}, {}),
        ({"in progress since": "complete"}, {}),
        ({"blocked by ops": "complete"}, {}),
        ({"fertig": "complete"}, {"fertig": "complete"}),
        ({"complete": "complete"}, {"complete": "complete"}),
        ({"done, untested": "in_progress"}, {"done, untested": "in_progress"}),
    ],
    ids=str,
)
def test_no_word_gets_another_meaning(entries: dict[str, str], left: dict[str, str]) -> None:
    read = read_settings({"vocabulary": {"statuses": entries}}, "planmark.toml")
    assert read["vocabulary.statuses"] == left
    assert len(read.warnings) == len(entries) - len(left)


def test_no_field_takes_the_name_of_another() -> None:
    read = read_settings({"vocabulary": {"fields": {"achievement": ["Reviewer", "Ziel", "Status"]}}}, "planmark.toml")
    assert read["vocabulary.fields"] == {"achievement": ["Ziel"]}
    assert [warning.words for warning in read.warnings] == ["Reviewer", "Status"]


@pytest.mark.parametrize(
    "name", ["a\nb", "a`b", "<b>", "[x](y)", "x" * 61, "a\n", "a\u2028b", "**a**", "a\x1b[1m", "a; b", "$(id)"]
)
def test_the_name_of_a_model_is_short_and_plain(name: str) -> None:
    assert "3" not in read_settings({"roles": {"3": name}}, "planmark.toml")["roles"]


@pytest.mark.parametrize(
    "setting", [setting for setting in SETTINGS if setting.is_user_only and not setting.git_key], ids=lambda s: s.key
)
def test_what_is_the_users_is_left_out_of_a_workspaces_file(setting: Setting, tmp_path: Path) -> None:
    other = {"prompts.maskSecrets": False, "metrics.port": 4321}[setting.key]
    write_files(tmp_path, {"planmark.toml": f"{setting.key} = {str(other).lower()}\n"})
    (warning,) = load_settings(tmp_path).warnings
    assert "only your own settings" in warning.message
    assert load_settings(tmp_path)[setting.key] == setting.default
    assert load_settings(tmp_path, {setting.key: other})[setting.key] == other
    section, _, name = setting.key.partition(".")
    assert client_settings({section: {name: other}}) == ({setting.key: other}, ())


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.git_key], ids=lambda s: s.key)
def test_what_only_git_sets_is_left_out_of_every_file_and_editor(setting: Setting, tmp_path: Path) -> None:
    others = {"leases.remote": "origin", "leases.offline": "local", "work.folder": "/tmp", "work.into": "main"}
    other = others[setting.key]
    write_files(tmp_path, {"planmark.toml": f'{setting.key} = "{other}"\n'})
    (warning,) = load_settings(tmp_path).warnings
    assert f"set it with `git config {setting.git_key}`" in warning.message
    assert load_settings(tmp_path)[setting.key] == setting.default
    section, _, name = setting.key.partition(".")
    values, (said_of_editor,) = client_settings({section: {name: other}})
    assert values == {} and setting.git_key in said_of_editor


def test_every_default_is_read_as_it_is() -> None:
    for setting in SETTINGS:
        data: Any = setting.default
        for part in reversed(setting.key.split(".")):
            data = {part: data}
        assert said(data) == [], setting.key
        assert read_settings(data, "f")[setting.key] == setting.default


def test_check_names_the_line_and_what_may_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = '[roles]\nexecutor = 1\nreviewr = 3\n\n[diagnostics.severity]\nplan-nam = "off"\nsize = "of"\n'
    write_files(tmp_path, {"planmark.toml": toml, "PLAN_X.md": "# PLAN: X\n\n**Achievement 1.1**: A\n"})
    main(["--workspace", str(tmp_path), "check", "--select", "configuration"])
    out = capsys.readouterr().out
    assert "3:1 warning configuration: planmark.toml has the unknown key `roles.reviewr`" in out
    assert (
        "6:1 warning configuration: planmark.toml names `plan-nam`, which is not a diagnostic code; did you mean `plan-name`?"
        in out
    )
    assert "7:9 warning configuration: planmark.toml sets `diagnostics.severity.size` wrongly: no value `of`" in out
