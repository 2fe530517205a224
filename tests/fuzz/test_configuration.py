"""Arbitrary settings of a workspace: values of the right types, warnings for the errors, and never an exception."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fixture import write_files
from mutations import EXAMPLE, changed, json_values
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.settings import (
    SETTINGS,
    client_settings,
    is_check_ignored,
    load_settings,
    read_settings,
    vocabulary_of,
)
from planmark.workspace.snapshot import PlanDocuments

KEYS = [setting.key for setting in SETTINGS]
SHAPED = (
    st.integers(-3, 20_000)
    | st.sampled_from(
        ["", "plans/", "**", "!", "[", "\\", "*.md", "../..", "/etc", "off", "error", "approved", "\0", "\n"]
    )
    | st.lists(st.text(max_size=6), max_size=3)
    | st.dictionaries(
        st.text(max_size=6) | st.sampled_from(["plan", "archived", "designer", "1"]),
        st.lists(st.text(max_size=6)),
        max_size=3,
    )
)
"""Values that are valid for some setting, or nearly valid."""
TABLES = st.dictionaries(st.sampled_from(KEYS), SHAPED | json_values(), max_size=6)
PLAN = "# PLAN: X\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
SEED = (EXAMPLE / "planmark.toml").read_text(encoding="utf-8") + "\n".join(
    [
        *(
            '[files]\nexclude = ["x/"]\nmaxBytes = 100',
            '[vocabulary.statuses]\n"fertig" = "complete"',
            "[roles]\ndesigner = 3",
        ),
        *(
            '[diagnostics.severity]\nstale-handoff = "off"',
            '[diagnostics.ignore]\n"*.md" = ["*"]',
            '[lifecycle]\npaused = ["p/"]',
        ),
        *(
            '[prompts]\ntemplates = "own"\ntokenBudget = 9',
            "[diagnostics.sizes]\nplan = [0, 9]",
            "[index]\nprocesses = 2",
        ),
    ]
)
NUMBERS = st.tuples(st.integers(0, 10), st.integers(0, 4000), st.integers(0, 4000))


def nested(flat: dict[str, object]) -> dict[str, object]:
    """Return dotted keys as nested tables."""
    found: dict[str, object] = {}
    for key, value in flat.items():
        table, _, name = key.rpartition(".")
        place = found.setdefault(table, {}) if table else found
        if isinstance(place, dict):
            place[name] = value
    return found


@given(TABLES | json_values())
def test_settings_have_their_types_whatever_is_written(data: object) -> None:
    for shape in (data, nested(data) if isinstance(data, dict) else data):
        settings = read_settings(shape, "planmark.toml")  # type: ignore[arg-type]
        for setting in SETTINGS:
            assert msgspec.convert(settings[setting.key], setting.type, strict=True) == settings[setting.key]
        assert read_settings(shape, "planmark.toml") == settings  # type: ignore[arg-type]
        assert vocabulary_of(settings).fields
        assert is_check_ignored(settings, "plans/PLAN_X.md", "stale-handoff") in (True, False)
        if isinstance(shape, dict):
            values, _ = client_settings(shape)
            assert values.keys() <= set(KEYS)


@given(st.lists(NUMBERS, min_size=1, max_size=6).map(lambda changes: changed(SEED, changes)) | st.text(max_size=80))
def test_a_broken_file_of_settings_is_read_or_warned_of(tmp_path: Path, text: str) -> None:
    for name in ("planmark.toml", "pyproject.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        settings = load_settings(tmp_path)
        assert settings.values.keys() == set(KEYS)
        assert all(warning.message for warning in settings.warnings)
        (tmp_path / name).unlink()


def said(view: View, files: PlanDocuments) -> str:
    """Return the prompt, or the reason for a missing prompt, because a budget may be too small for any prompt."""
    try:
        return prompt_of(view, files).prompt
    except NoAnswerError as error:
        return str(error) if "budget" in str(error) else ""


@given(TABLES)
def test_a_workspace_works_under_any_settings(tmp_path: Path, data: dict[str, object]) -> None:
    """Check that an unusable setting leaves the default."""
    write_files(tmp_path, {"plans/X/PLAN_X.md": PLAN, "plans/X/FIX_11.md": "1. **A**\n", "plans/X/parallel.json": "{}"})
    overrides = read_settings(data, "planmark.toml").values
    index = Index(tmp_path, {**overrides, "index.processes": 1})
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    json.dumps([finding.message for finding in view.diagnostics])
    for files in view.snapshot.plans:
        assert said(view, files)
    assert [known.path for known in view.snapshot.plans] in ([], ["plans/X/PLAN_X.md"])
