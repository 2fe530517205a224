"""No text of a document, a name or an argument controls the program that shows an output of the CLI or the server."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from doors import HOME, PLAN, Said, command_line, planted, run, server
from fixture import write_files
from lsp_client import LocalClient, bare, recorded, with_roots
from planmark.cli.log_format import MaskingFormatter

MARKUP = (
    "x](https://evil.example) ![t](https://evil.example/p.png) <img src=https://evil.example/i.png> [y `z` {0} {%s} "
    '%%{init: {}}%% "; a --> b " \' \\ \\[ & &lt; #35; | </script> https://evil.example www.evil.example me@evil.example'
)
CONTROL = (
    "\x1b]52;c;cm0=\x07\x1b[5;7mred\x1b[2J\x9b2J\x90q\x9c\x7f\x08\u202e\u2066\u200f\u061c\u2028\u2029\x85\x0b\x0c\x1c"
    " ::error file=a::b %0A::warning::c ##[error]d ##vso[task.x]e ::error::f"
)
HOSTILE = f"{MARKUP} {CONTROL}"
NAMES = ("[y](z) <b> `q` {0} &", "[y](z)\u202e", "\x1b]52;c;x\x07\x9b2J\n::error::n")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
EXACT = ("--diff", "--dry-run")
"""Options whose output is the input of a program, byte for byte if it goes into a pipe."""
STYLE = re.compile(r"\x1b\[(?:[0-9]|3[0-7]|9[0-7])(?:;(?:[0-9]|3[0-7]|9[0-7]))*m|\x1b\[0m")
PROGRESS = re.compile(r"\r(?:(?:reading|measuring) [0-9]+/[0-9]+|\x1b\[K)")
DATA = frozenset({"uri", "newText", "newUri", "oldUri", "target", "textEdit", "edit", "filterText", "data", "params"})
"""Members of messages that hold data for a program, not text to show."""
OURS = ("planmark/", "workspace/executeCommand")
"""Requests whose results are data, as `--json` writes them, except the members in `TOLD`."""
TOLD = frozenset({"prompt", "notes", "failureReason", "missing"})


def controls(text: str) -> str:
    """Return the control characters of a text, except line feeds and tabs, which are allowed."""
    return "".join(
        c for c in text if (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in BIDI) and c not in "\n\t"
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return planted(tmp_path / "ws", HOSTILE, *(NAMES if os.name != "nt" else ()))


def commands_to_builds(text: str) -> list[str]:
    """Return the lines that GitHub Actions, Azure Pipelines or TeamCity would execute as a command."""
    return [line for line in text.splitlines() if re.match(r"\s*::", line) or re.search(r"##[A-Za-z]*\[", line)]


@pytest.mark.parametrize("terminal", [True, False])
def test_no_command_says_anything_that_controls(root: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = list(command_line(root, monkeypatch, terminal=terminal))
    for shown in said:
        exact = not terminal and any(option in shown.door for option in EXACT) and "json" not in shown.door
        # The lines of CSV end in CR LF, except on a terminal.
        out = shown.out.replace("\r\n", "\n") if "csv" in shown.door and not terminal else shown.out
        assert controls(PROGRESS.sub("", shown.err) + ("" if exact else out)) == "", shown.door
        assert exact or "github" in shown.door or commands_to_builds(shown.out + shown.err) == [], shown.door
        if "json" in shown.door or "sarif" in shown.door:
            assert_is_json(shown)
    assert sum("evil.example" in shown.out for shown in said) > 45


def test_colours_are_our_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for arguments in (["status", "@PAY"], ["why", "@PAY", "1.4"], ["check"], ["adopt", "@PAY"], ["budget"], ["doctor"]):
        shown = run(["--workspace", str(root), *arguments], monkeypatch, terminal=True)
        assert "\x1b[" in shown.out, arguments
        assert controls(STYLE.sub("", shown.out)) == "", arguments


def test_no_line_of_a_narrow_table_is_a_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (40, 61, 83, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        for arguments in (["status", "@PAY"], ["why", "@PAY", "1.4"], ["check"], ["status", "--all"]):
            shown = run(["--workspace", str(root), *arguments], monkeypatch, terminal=False)
            assert commands_to_builds(shown.out + shown.err) == [], (arguments, width)


def test_a_record_of_the_log_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    log = logging.getLogger("doors")
    log.addHandler(handler)
    try:
        log.warning("no method %s", f"x\nERROR forged {CONTROL}")
        raise ValueError(CONTROL)
    except ValueError:
        log.exception("failed")
    finally:
        log.removeHandler(handler)
    said = capsys.readouterr().err
    assert controls(said) == ""
    assert [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))][1:] == ["ERROR failed"]


def assert_is_json(shown: Said) -> None:
    """Assert that every JSON parser accepts the output, and that it holds no lone surrogate, not even as an escape."""
    json.dumps(json.loads(shown.out), ensure_ascii=False).encode("utf-8")


def test_annotations_are_one_line_each(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(run(["--workspace", str(root), "check", "--format", "json"], monkeypatch, terminal=False).out)
    shown = run(["--workspace", str(root), "check", "--format", "github"], monkeypatch, terminal=False).out
    lines = shown.splitlines()
    assert len(lines) == len(found["diagnostics"]) > 20
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) file=[^,:]*(,[A-Za-z]+=[^,:]*)+::.*", line), line


def test_sarif_has_no_links_and_no_places_for_arguments(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = json.loads(run(["--workspace", str(root), "check", "--format", "sarif"], monkeypatch, terminal=False).out)
    texts = list(_texts(log["runs"][0]["results"]))
    assert any("evil.example" in text for text in texts)
    for text in texts:
        assert not re.search(r"(?<!\\)(?:\\\\)*\[[^\[\]]*(?<!\\)(?:\\\\)*\]\(", text), text
        assert not re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", text), text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (item for name, item in value.items() if name == "text" and "insertedContent" not in value)
        for name, item in value.items():
            if name != "insertedContent":
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def test_graphs_have_no_syntax_of_documents(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(["--workspace", str(root), "graph", "@PAY"], monkeypatch, terminal=False).out
    node = r' {2,4}a\w+\["(?:[^"#%&<>`{}\[\]|\\*_$]|#[0-9]+;)*<br/>[\w ]+(?: ← next)?"\]:::\w+'
    edge = r"  a\w+ (?:-->|-\.->\|circle\|) a\w+"
    waves = r'  subgraph wave\d+\["Wave \d+"\]|  end|  wave\d+ ~~~ wave\d+'
    of_class = r"  classDef \w+ (?:fill:#\w+,stroke:#\w+|stroke-width:4px)|  linkStyle [\d,]+ stroke-width:4px"
    critical = r"  class a\w+(?:,a\w+)* critical"
    for line in shown.splitlines():
        assert line == "graph LR" or re.fullmatch(f"{node}|{edge}|{waves}|{of_class}|{critical}", line), line
    shown = run(["--workspace", str(root), "graph", "@PAY", "--format", "dot"], monkeypatch, terminal=False).out
    quoted = r'"(?:[^"\\&]|\\\\|\\"|\\n|&amp;)*"'
    node = rf"  {quoted} \[label={quoted}, fillcolor={quoted}, color={quoted}(?:, penwidth=[34])?\];"
    edge = rf"  {quoted} -> {quoted}(?: \[(?:style=dashed, color=red|style=invis|penwidth=4)\])?;"
    waves = rf"  subgraph {quoted} {{|  label={quoted};|  }}"
    for line in shown.splitlines()[3:-1]:
        assert re.fullmatch(f"{node}|{edge}|{waves}", line), line


@pytest.mark.parametrize("initialize", [recorded, bare])
def test_a_server_sends_nothing_that_controls_and_no_markup_that_lives(root: Path, initialize: Any) -> None:
    said = list(server(root, with_roots(initialize(), [root])))
    assert sum(b"evil.example" in body for _, body in said) > 100
    markdown: list[str] = []
    for method, body in said:
        message = json.loads(body.decode("utf-8"))
        json.dumps(message, ensure_ascii=False).encode("utf-8")
        for name, text in _shown(message.get("result", message.get("params", message.get("error")))):
            if name in TOLD or "error" in message or not method.startswith(OURS):
                assert controls(text) == "", (method, name, text)
        markdown += _markdown(message.get("result"))
    assert len(markdown) > 50
    for text in markdown:
        assert_no_markup_lives(text, root)


def assert_no_markup_lives(text: str, root: Path) -> None:
    """Assert that the text has no image, HTML or address from a document, and only links of Planmark itself."""
    assert not re.search(r"(?i)https?://|www\.evil|me@evil", text), text
    for token in _tokens(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)):
        assert token.type not in ("image", "html_inline", "html_block", "s_open"), text
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(root.as_uri()), text


def _shown(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every text of a message that an editor shows."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in DATA:
                yield from _shown(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _shown(item, name)


def _markdown(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("kind") == "markdown":
            yield value["value"]
        for item in value.values():
            yield from _markdown(item)
    elif isinstance(value, list):
        for item in value:
            yield from _markdown(item)


def _tokens(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or ())


def test_halves_of_characters_do_not_leave(tmp_path: Path) -> None:
    """Open a text with lone surrogates, which no encoding can write but a client can send."""
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: One\n"})
    client = LocalClient()
    try:
        client.begin([tmp_path])
        uri = client.open(tmp_path / PLAN, "# PLAN: \ud83d\n\n**Status**: \udc00\n\n**Achievement 1.1**: One \ud83d\n")
        place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 4}}
        shown = client.request("textDocument/hover", place)
        assert "1.1 One \\\\ud83d" in shown["contents"]["value"]
        result = client.request("planmark/status", {"plan": PLAN})
        (known,) = result["workspaces"][0]["plans"][0]["achievements"]
        known["title"].encode("utf-8")
    finally:
        client.stop()


def test_arguments_do_not_control_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {PLAN: "**Achievement 1.1**: One\n"})
    odd = "\x1b]0;x\x07\udcff"
    for arguments in (
        *(["status", odd], ["next", f"@{odd}"], ["why", "@PAY", odd], ["check", odd], ["check", "--select", odd]),
        *(
            [odd],
            ["new", odd],
            ["status", f"--{odd}"],
            ["next", "@PAY", "--out", f"{odd}/x"],
            ["status", odd, "--json"],
        ),
        *(["next", "@PAY", "--step", odd], ["graph", "@PAY", "--format", odd], ["drop", "@PAY", odd, "--note", odd]),
        ["verdict", "fix", "@PAY", "1.1", "--reviewer", odd, "--issue", odd],
    ):
        for terminal in (True, False):
            shown = run(["--workspace", str(tmp_path), *arguments], monkeypatch, terminal=terminal)
            assert shown.code or "verdict" in arguments
            assert controls(shown.out + shown.err) == "", arguments
    written = [path.read_text("utf-8") for path in (tmp_path / HOME).rglob("FIX_*.md")]
    assert written and not any(map(controls, written))
