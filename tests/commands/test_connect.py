"""`planmark connect`: the entry of each host, and its addition to a file that has other entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_line import Run, runner
from planmark.cli.hosts import AGENT_HOSTS, EntryTakenError, NotMergedError, merged_text, snippet_of

CURSOR = AGENT_HOSTS["cursor"]
OTHER = {"command": "other", "args": []}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def planmark(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in a workspace, whose user has an empty home folder."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "planmark.toml").touch()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    (tmp_path / "home").mkdir()
    return runner(capsys, "--workspace", str(root))


@pytest.mark.parametrize("name", AGENT_HOSTS)
def test_each_host_has_its_file_and_entry(planmark: Run, name: str) -> None:
    shown = planmark("connect", name)
    assert shown.code == 0
    assert AGENT_HOSTS[name].file in shown.out
    assert snippet_of(AGENT_HOSTS[name]) in shown.out
    assert (AGENT_HOSTS[name].command in shown.out) or not AGENT_HOSTS[name].command


@pytest.mark.parametrize("name", [name for name, host in AGENT_HOSTS.items() if not host.command])
def test_an_entry_is_written_once(planmark: Run, tmp_path: Path, name: str) -> None:
    host = AGENT_HOSTS[name]
    home = tmp_path / "home" if host.file.startswith("~/") else tmp_path / "shop"
    file = home / host.file.removeprefix("~/")
    for note in ("", "the entry was there already\n"):
        written = planmark("connect", name, "--write")
        assert (written.code, written.out, written.err) == (0, f"{host.file}\n", note)
        assert json.loads(file.read_text("utf-8")) == {host.key: {"planmark": host.entry}}


@pytest.mark.parametrize("name", [name for name, host in AGENT_HOSTS.items() if host.command])
def test_a_host_with_a_command_writes_its_file_itself(planmark: Run, tmp_path: Path, name: str) -> None:
    refused = planmark("connect", name, "--write")
    assert refused.code == 2
    assert AGENT_HOSTS[name].command in refused.err
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["planmark.toml"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{\n  "mcpServers": {\n    "other": {"command": "x"}\n  },\n  "z": 1\n}\n',
            '{\n  "mcpServers": {\n    "other": {"command": "x"},\n    "planmark": {\n      "command": "planmark",\n'
            '      "args": [\n        "mcp"\n      ]\n    }\n  },\n  "z": 1\n}\n',
        ),
        (
            '{\r\n\t"z": 1\r\n}',
            '{\r\n\t"z": 1,\r\n\t"mcpServers": {\r\n\t\t"planmark": {\r\n\t\t\t"command": "planmark",\r\n\t\t\t"args": [\r\n'
            '\t\t\t\t"mcp"\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}',
        ),
    ],
)
def test_everything_else_in_the_file_stays(before: str, after: str) -> None:
    assert merged_text(before, CURSOR) == after


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.none() | st.dictionaries(st.text(max_size=5), JSON))
def test_any_object_keeps_its_members_and_their_order(value: dict[str, Any], servers: dict[str, Any] | None) -> None:
    document = {name: known for name, known in value.items() if name != CURSOR.key}
    if servers is not None:
        document[CURSOR.key] = {name: known for name, known in servers.items() if name != "planmark"}
    for indent in (None, 2, 4):
        merged = merged_text(json.dumps(document, indent=indent), CURSOR)
        assert merged is not None
        result = json.loads(merged)
        assert result[CURSOR.key].pop("planmark") == CURSOR.entry
        if servers is None:
            assert result.pop(CURSOR.key) == {}
        assert json.dumps(result) == json.dumps(document)
        assert merged_text(merged, CURSOR) is None


def test_another_entry_of_the_same_name_stays(planmark: Run, tmp_path: Path) -> None:
    file = tmp_path / "shop/.cursor/mcp.json"
    file.parent.mkdir()
    text = json.dumps({"mcpServers": {"planmark": OTHER}})
    file.write_text(text, "utf-8")
    refused = planmark("connect", "cursor", "--write")
    assert refused.code == 2
    assert '"other"' in refused.err
    assert '"mcp"' in refused.err
    assert file.read_text("utf-8") == text
    with pytest.raises(EntryTakenError):
        merged_text(text, CURSOR)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "// comment\n{}",
        '{"a": 1,}',
        "[]",
        "5",
        '{"mcpServers": []}',
        '{"a": 1, "a": {}}',
        '{"mcpServers": {}, "mcpServers": {}}',
    ],
)
def test_a_file_that_cannot_be_merged_is_not_changed(planmark: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "shop/.cursor/mcp.json"
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    try:
        merged = merged_text(text, CURSOR)
    except NotMergedError:
        refused = planmark("connect", "cursor", "--write")
        assert refused.code == 5
        assert refused.out == snippet_of(CURSOR)
        assert "add the entry yourself; nothing was written" in refused.err
        assert file.read_text("utf-8") == text
    else:
        # The last of two equal names counts, so the entry can be added.
        assert merged is not None
        assert text.count('"a"') == 2 or text.count("mcpServers") == 2
        assert json.loads(merged)["mcpServers"] == {"planmark": CURSOR.entry}


def test_a_link_out_of_the_workspace_is_not_followed(planmark: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "shop/.cursor").symlink_to(outside)
    refused = planmark("connect", "cursor", "--write")
    assert refused.code == 5
    assert list(outside.iterdir()) == []
