"""Every output of the CLI and the server, over a workspace that holds one text at every place that a document offers.

The tests of what no output may hold share it. Add each new command or request here, or a test fails.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixture import write_files
from lsp_client import AnswerError, LocalClient
from planmark.cli.command_table import COMMANDS
from planmark.cli.main import main
from planmark.lsp.handlers.registry import COMMANDS as SERVER_COMMANDS
from planmark.workspace.index import Index

HOME = "work-space/plans/PAY"
PLAN = f"{HOME}/PLAN_PAY.md"
ODD = "work-space/plans/ODD"
QUERIES = ("plan:PAY", "-type:note", "x", "achievement", "state:none", "category:x")
"""Queries of `planmark find`."""


class Said(NamedTuple):
    """One output: `door` names its source, `code` is the exit code of a command."""

    door: str
    out: str
    err: str = ""
    code: int = 0


def planted(root: Path, text: str, *names: str) -> Path:
    """Make a workspace whose documents hold `text`, one line, at every place, and files and folders with each of
    `names`.

    Its achievements are in every state, so that each part of each output appears. Return `root`.
    """
    in_json = json.dumps(text)[1:-1]
    in_toml = in_json if text.isascii() else json.dumps(text, ensure_ascii=False)[1:-1]
    in_toml = re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", in_toml)
    files = {
        path: body.replace("§J", in_json).replace("§T", in_toml).replace("§", text) for path, body in _TEXTS.items()
    }
    for name in names:
        files |= {f"{ODD}/{where}".replace("§", name): "# x\n\n**Status**: Complete\n" for where in _NAMES}
    write_files(root, files)
    return root


def commands(root: Path) -> dict[str, list[list[str]]]:
    """Return command → its invocations. Commands that wait for a person or a client have none."""
    plan = str(root / PLAN)
    by_ids = [f"1.{number}" for number in range(1, 14)]
    return {
        "status": [
            [],
            ["--brief"],
            ["--brief", "--hook", "claude"],
            ["--all"],
            ["@PAY"],
            ["@TILL"],
            ["@ODD"],
            ["@ALL"],
            ["--json", "--all"],
            ["@PAY", "--json"],
            ["--state", "needs_attention", "--sort", "updated"],
            ["@PAY", "--role", "executor,reviewer", "--sort", "name"],
            ["--export", "csv"],
            ["@PAY", "--export", "csv"],
            ["@ALL", "--export", "csv", "--lifecycle", "active"],
        ],
        "why": [["@PAY", known] for known in by_ids] + [["@PAY", "1.2", "--json"], ["@TILL", "1.1"], ["@ODD", "1.1"]],
        "next": [
            *([], ["@PAY"], ["@PAY", "--json"], [plan], ["@TILL"], ["@WISH"], ["@DONE"], ["@ODD"]),
            *(["@PAY", known] for known in by_ids),
            ["@PAY", "1.4", "--step", "finish_execution"],
            ["--list"],
            ["--list", "--json"],
            *(["@PAY", known, "--lease", "--agent", "ada"] for known in by_ids),
            ["@TILL", "--lease", "--agent", "bob", "--json"],
            *(["@PAY", "--step", step] for step in ("pause", "resume", "verify", "parallel", "research")),
            *(["@PAY", "--review", "security,quality,docs", *more] for more in ((), ("--dry-run",), ("--json",))),
            *(["@PAY", "1.4", "--since", name] for name in ("p_0123456789ab", "p_none")),
            *([name, "--batch", "3"] for name in ("@PAY", "@TILL")),
            ["@PAY", "--batch", "2", "--json"],
            *(["@PAY", "--achievement", "1.4", "--budget", str(budget)] for budget in (10, 700, 900, 1200)),
        ],
        "lease": [
            ["list"],
            ["steal", "@TILL", "1.1", "--agent", "ada"],
            ["list", "--json"],
            ["list", "--all"],
            ["renew", "@TILL", "1.1", "--agent", "ada"],
            ["release", "@TILL", "1.1", "--agent", "bob"],
            ["release", "@TILL", "1.1", "--agent", "ada"],
            ["assign", "@PAY", "--to", "ada,bob"],
            ["assign", "@PAY", "--to", "ada", "--json"],
        ],
        "work": [
            ["@TILL", "--agent", "eve"],
            ["@TILL", "--agent", "eve", "--no-worktree"],
            ["@TILL", "--agent", "eve", "--no-worktree", "--json"],
            ["merge", "@PAY"],
        ],
        "finish": [["@TILL", "1.1"], ["@TILL"], ["@TILL", "--json"]],
        "run": [["@TILL", "--dry-run"], ["@TILL", "--yes"], ["@TILL", "--json"], ["--preset", "claude"]],
        "find": [*([query, "--limit", "0"] for query in QUERIES), ["state:approved", "--json"], []],
        "create": [["subplan", "@PAY", "1.7"], ["execution", "@PAY", "1.9"], ["subplan", "@PAY", "1.1"]],
        "verdict": [
            ["approve", "@PAY", "1.6", "--reviewer", "R"],
            ["approve", "@PAY", "1.4", "--reviewer", "R", "--force", "--note", "seen"],
            ["fix", "@PAY", "1.6", "--reviewer", "R", "--issue", "x"],
            ["resolve", "@PAY", "1.2"],
        ],
        "adopt": [["@PAY"], ["@TILL"]],
        "new": [["PAY"], ["NEWER"]],
        "close": [["@PAY"], ["@DONE", "--dry-run"]],
        "archive": [["@PAY", "--dry-run"], ["@DONE", "--dry-run"], ["@DONE"]],
        "pause": [["@PAY", "--dry-run"]],
        "resume": [["@WISH"], ["@WISH", "--dry-run"]],
        "drop": [["@PAY", "1.7", "--note", "x", "--dry-run"], ["@PAY", "1.12", "--note", "x"]],
        "tick": [["@PAY", "1.7"], ["@PAY", "1.7", "--dry-run"]],
        "init": [[]],
        "budget": [[], ["@PAY"], ["@PAY", "--roles"], ["@PAY", "--feature"], ["@PAY", "--feature", "--json"]],
        "metrics": [[], ["--json"], ["--prometheus"], ["--runs"], ["--runs", "--json"]],
        "profile": [["@PAY"], ["@PAY", "--json"]],
        "check": [
            *(["@PAY", known] for known in by_ids),
            *([], ["@PAY"], [PLAN], ["--format", "json"], ["--format", "sarif"], ["--format", "github"]),
            *(["--fix", "--diff"], ["--fix", "--diff", "--format", "json"], ["--fix"], ["--fix", "--format", "json"]),
        ],
        "learn": [
            [],
            ["--json"],
            ["@PAY"],
            *(["@PAY", known] for known in by_ids),
            ["@PAY", "1.4", "--json"],
            ["fatal: not a git repository", "--json"],
            ["the refund is lost"],
            ["--forget"],
        ],
        "graph": [
            ["@PAY"],
            ["@PAY", "--format", "dot"],
            ["@PAY", "--format", "json"],
            ["@PAY", "--waves"],
            ["@PAY", "--waves", "--json"],
        ],
        "report": [
            [],
            ["@PAY"],
            ["--all"],
            ["--since", "2000-01-01"],
            ["--json"],
            ["--format", "html", "--since", "2000-01-01", "--all"],
        ],
        "cache": [["info"], ["info", "--json"]],
        "serve": [],
        "schema": [[], ["status"]],
        "doctor": [[]],
        "completion": [["bash"], ["powershell"]],
        "demo": [],
        "help": [[], ["status"], ["verdict"]],
        "mcp": [],
        "board": [],
        "connect": [["claude"], ["codex"], ["cursor"], ["cursor", "--write"], ["opencode", "--write"]],
    }


class _Stream(io.TextIOWrapper):
    """A byte stream, either a terminal or a pipe, as strict as a UTF-8 stream."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="replace", newline="", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        """Tell whether the stream claims to be a terminal."""
        return self._terminal

    def text(self) -> str:
        """Return the text written to it. Raises UnicodeDecodeError if it is not UTF-8."""
        self.flush()
        data = self.buffer
        assert isinstance(data, io.BytesIO)
        return data.getvalue().decode("utf-8")


def run(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> Said:
    """Run a command in this process, with streams that are terminals or pipes."""
    out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        patched.setattr(sys, "stdin", io.StringIO())
        code = main(list(arguments), use_cache=True)
    return Said(f"planmark {' '.join(arguments[2:])}", out.text(), err.text(), code)


def command_line(root: Path, monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> Iterator[Said]:
    """Yield the output of every command, in order; at the end `next` and `status` again, from the result cache."""
    tried = commands(root)
    assert tried.keys() == COMMANDS.keys()
    for name, invocations in tried.items():
        for arguments in invocations:
            yield run(["--workspace", str(root), name, *arguments], monkeypatch, terminal=terminal)
    for again in (["next", "@PAY"], ["status", "@PAY"]):
        yield run(["--workspace", str(root), *again], monkeypatch, terminal=terminal)


def _places(client: LocalClient, method: str, uri: str, lines: Sequence[str], columns: Sequence[int]) -> None:
    """Ask at each of `columns` of each line, or at the end of a shorter line."""
    for number, line in enumerate(lines):
        for column in {min(column, len(line)) for column in columns}:
            position = {"line": number, "character": column}
            more = {"context": {"includeDeclaration": True}} if method.endswith("references") else {}
            more |= {"newName": "9.9"} if method.endswith("/rename") else {}
            _ask(client, method, {"textDocument": {"uri": uri}, "position": position, **more})


def _ask(client: LocalClient, method: str, params: Any) -> Any:
    """Return the result, or None for an error response, which the client records as well."""
    try:
        return client.request(method, params)
    except AnswerError:
        return None


def _of_document(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    _ask(client, method, {"textDocument": {"uri": uri}})


def _at_places(client: LocalClient, method: str, uri: str, lines: Sequence[str]) -> None:
    _places(client, method, uri, lines, (0, 4, 16, sys.maxsize))


def _in_lines(client: LocalClient, method: str, uri: str, lines: Sequence[str]) -> None:
    _places(client, method, uri, lines, (16,))


def _range(lines: Sequence[str]) -> dict[str, Any]:
    return {"start": {"line": 0, "character": 0}, "end": {"line": len(lines), "character": 0}}


def _actions(client: LocalClient, method: str, uri: str, lines: Sequence[str]) -> None:
    params = {"textDocument": {"uri": uri}, "range": _range(lines), "context": {"diagnostics": []}}
    for action in _ask(client, method, params) or ():
        if "data" in action:
            _ask(client, "codeAction/resolve", action)


def _lenses(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    for lens in _ask(client, method, {"textDocument": {"uri": uri}}) or ():
        _ask(client, "codeLens/resolve", lens)


def _hints(client: LocalClient, method: str, uri: str, lines: Sequence[str]) -> None:
    _ask(client, method, {"textDocument": {"uri": uri}, "range": _range(lines)})


def _calls(client: LocalClient, method: str, uri: str, lines: Sequence[str]) -> None:
    for number in range(len(lines)):
        params = {"textDocument": {"uri": uri}, "position": {"line": number, "character": 4}}
        for item in _ask(client, method, params) or ():
            for way in ("incomingCalls", "outgoingCalls"):
                _ask(client, f"callHierarchy/{way}", {"item": item})


def _symbols(client: LocalClient, method: str, _uri: str, _lines: Sequence[str]) -> None:
    for query in ("", "plan:PAY"):
        _ask(client, method, {"query": query})


def _queries(client: LocalClient, method: str, _uri: str, _lines: Sequence[str]) -> None:
    for query in QUERIES:
        _ask(client, method, {"query": query, "limit": 0})


def _renamed(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    _ask(client, method, {"files": [{"oldUri": uri, "newUri": uri.replace("PAY", "PAID")}]})


def _whole(client: LocalClient, method: str, _uri: str, _lines: Sequence[str]) -> None:
    _ask(client, method, {"previousResultIds": []})


def _of_plan(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    for params in ({}, {"plan": PLAN}, {"uri": uri}, *({"plan": PLAN, "achievement": f"1.{n}"} for n in range(1, 14))):
        _ask(client, method, params)


def _of_parts(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    for params in ({"plan": PLAN}, {"uri": uri, "reviewers": "security,quality,docs"}):
        _ask(client, method, params)


def _of_reviewer(client: LocalClient, method: str, uri: str, _lines: Sequence[str]) -> None:
    for params in ({"plan": PLAN, "achievement": "1.7"}, {"uri": uri}, {"uri": uri, "reviewer": ""}):
        _ask(client, method, {"reviewer": "R", **params})


def _executed(client: LocalClient, _method: str, uri: str, _lines: Sequence[str]) -> None:
    more = {"reviewer": "R", "note": "n", "decision": "approve", "path": PLAN}
    for command in SERVER_COMMANDS:
        for params in ({"plan": PLAN, **more}, {"uri": uri, **more}, {"plan": PLAN, "achievement": "1.7", **more}):
            _ask(client, "workspace/executeCommand", {"command": command, "arguments": [params]})


ASKED: dict[str, Callable[[LocalClient, str, str, Sequence[str]], None]] = {
    "textDocument/hover": _at_places,
    "textDocument/completion": _at_places,
    "textDocument/definition": _in_lines,
    "textDocument/references": _in_lines,
    "textDocument/prepareRename": _in_lines,
    "textDocument/rename": _in_lines,
    "textDocument/documentSymbol": _of_document,
    "textDocument/documentLink": _of_document,
    "textDocument/diagnostic": _of_document,
    "textDocument/codeAction": _actions,
    "textDocument/codeLens": _lenses,
    "textDocument/inlayHint": _hints,
    "textDocument/prepareCallHierarchy": _calls,
    "workspace/symbol": _symbols,
    "workspace/diagnostic": _whole,
    "workspace/willRenameFiles": _renamed,
    "workspace/executeCommand": _executed,
    "planmark/status": _of_plan,
    "planmark/nextPrompt": _of_plan,
    "planmark/at": _at_places,
    "planmark/batch": _of_plan,
    "planmark/review": _of_parts,
    "planmark/research": _of_parts,
    "planmark/why": _of_plan,
    "planmark/find": _queries,
    "planmark/graph": _of_plan,
    "planmark/history": _of_plan,
    "planmark/adopt": _of_plan,
    "planmark/draftFix": _of_reviewer,
    "planmark/metrics/get": _of_plan,
}
"""Request → the function that sends it for a document."""
BEHIND = frozenset(
    {"codeAction/resolve", "codeLens/resolve", "callHierarchy/incomingCalls", "callHierarchy/outgoingCalls"}
)
"""Requests about the answer to an earlier request."""
UNANSWERED = frozenset(
    {
        *("initialize", "shutdown", "initialized", "exit", "planmark/focus", "window/workDoneProgress/cancel"),
        *("workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders"),
        *(f"textDocument/did{what}" for what in ("Open", "Change", "Save", "Close")),
    }
)
"""Requests and notifications whose answer cannot hold text of a document."""


class Listening(LocalClient):
    """A client that keeps the raw bytes of every message, with the request that it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._asked: dict[int, str] = {}
        super().__init__()

    def message(self, method: str, params: Any = None) -> tuple[int, bytes]:
        """Return the id and the bytes of a request, without sending it."""
        number, data = super().message(method, params)
        self._asked[number] = method
        return number, data

    def feed(self, data: bytes) -> None:
        """Take in the server's bytes. The server writes each message in one piece."""
        body = data.partition(b"\r\n\r\n")[2]
        message = json.loads(body)
        self.heard.append((message.get("method") or self._asked.get(message["id"], ""), body))
        super().feed(data)


def server(root: Path, initialize: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield (method, body) of every message of a server that gets every request for every document."""
    client = Listening()
    try:
        client.begin([root], initialize)
        features = client.server.protocol.fm
        assert {*features.features, *features.builtin_features} - UNANSWERED - BEHIND - {"$/setTrace"} == ASKED.keys()
        snapshot = Index(root).refresh()
        for path in snapshot.paths:
            uri = client.open(root / path)
            lines = (root / path).read_text("utf-8").split("\n")
            for method, ask in ASKED.items():
                if method != "workspace/executeCommand":
                    ask(client, method, uri, lines)
        _executed(client, "", (root / PLAN).as_uri(), ())
        client.request("shutdown")
    finally:
        client.stop()
    yield from client.heard


_TEXTS: dict[str, str] = {
    PLAN: """# PLAN: Pay §

**Status**: In Progress §
**Priority**: High §
**Effort**: 10 hours §
**Archive Location**: ../archive §

## Goal

§

## Achievement Index

- Achievement 1.1: One §
"""
    + "".join(f"- Achievement 1.{number}: Some §\n" for number in (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13))
    + """- ✅ Achievement 1.10: Ten §
- Achievement 1.14: Listed only §

## Achievements

**Achievement 1.1**: One §

- Success: §

**Achievement 1.2**: Two §

- **Deliverables**: `src/§.py`

**Achievement 1.3**: Three §

**Achievement 1.4**: Four §

- § [§](§) `§`
- | § | § |

**Achievement 1.5**: Five §

**Achievement 1.6**: Six §

- **Deliverables**:
  - `src/six§.py`

**Achievement 1.7**: Seven §

**Achievement 1.8**: Eight §

**Achievement 1.9**: Nine §

- **Dependencies**: 1.7, § 1.1, @TILL 1.1 § and the §

**Achievement 1.10**: Ten § ✅ done §

**Achievement 1.11**: ~~Eleven §~~ (DROPPED: §)

**Achievement 1.12**: Twelve §

- **Depends on**: 1.13 §

**Achievement 1.13**: Thirteen §

- **Depends on**: 1.12 §

## Related Plans

- PLAN_TILL.md §

| Plan | Status |
| --- | --- |
| § | § |

## Current Status & Handoff §

**Next**: Achievement 1.1 §

- ✅ Achievement 1.10 complete §
- What: §
""",
    f"{HOME}/parallel.json": """{
  "plan_name": "PAY §J",
  "parallelization_level": "level_1 §J",
  "more §J": "§J",
  "achievements": [
    {"achievement_id": "1.8", "title": "§J", "status": "§J", "dependencies": ["1.4"], "reason": "§J"},
    {"achievement_id": "§J", "dependencies": ["§J", "9.9"], "status": "complete"},
    {"achievement_id": "1.9", "dependencies": ["@TILL 1.1", "@NONE 1.1 §J"], "blocks": ["§J"]}
  ]
}
""",
    **{
        f"{HOME}/subplans/SUBPLAN_PAY_1{number}.md": f"""# SUBPLAN: § {number}

**Plan**: PAY §
**Achievement**: 1.{number} §
**Status**: Ready §

## Objective §

§ Do it. See SUBPLAN_PAY_99.md, Achievement 7.7 §

## Approach

§

## Deliverables

- `src/§{number}.py`

## Execution Strategy

- Executions: 2 §
- [ ] § open

## Success Criteria

- §
"""
        for number in (1, 2, 3, 4, 5, 6, 9)
    },
    f"{HOME}/subplans/SUBPLAN_PAY_18.md": "# SUBPLAN: §\n\n**Status**: Draft\n\n## Objective\n\n[TO BE FILLED §]\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_14_01.md": """# EXECUTION_TASK: §

**Status**: In Progress §
**Agent**: §

## Iteration 1 §

§
- [ ] open § box

## Iteration 2

**Result**: §
- [ ] §
""",
    f"{HOME}/execution/EXECUTION_TASK_PAY_15_01.md": "# T §\n\n**Status**: Blocked by §\n\n## Blocker\n\n§\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_16_01.md": "# T §\n\n**Status**: Complete §\n\n## Learnings §\n\n§\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_12_01.md": "# T §\n\n**Status**: Done §\n\n## Learnings\n\n§\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md": "# T §\n\n**Status**: §\n\n**Status**: Failed §\n\n## Learnings\n\n§\n",
    f"{HOME}/execution/feedbacks/APPROVED_11.md": """# APPROVED: Achievement 1.1 §

**Reviewer**: §
**Status**: Approved §
**Review Date**: 2026-01-01 §

§
""",
    **{
        f"{HOME}/execution/feedbacks/FIX_1{number}.md": """# FIX REQUIRED: §

**Reviewer**: §
**Status**: §
**Review Date**: 2026-01-02

### Critical Issues §

1. **§ is wrong**
   §

### Minor Issues

1. § `§`
"""
        for number in (2, 3)
    },
    f"{HOME}/execution/feedbacks/FIX_13_RESOLUTION.md": "# Resolution §\n\n**Resolved by**: §\n\n**Status**: Resolved §\n\n§\n",
    f"{HOME}/execution/feedbacks/APPROVED_98.md": "# APPROVED: Achievement 9.8 §\n\n**Plan**: § OTHER\n",
    f"{HOME}/subplans/SUBPLAN_PAY_Achievement_17.md": "# SUBPLAN §\n\n**Achievement**: 1.7 §\n\n§\n",
    "work-space/plans/TILL/PLAN_TILL.md": """# PLAN: Till §

**Status**: In Progress

**Achievement 1.1**: Drawer §

**Achievement 1.2**: Scanner § ✅ COMPLETE §

**Achievement 1.2**: Again §

<!-- planmark: ignore § -->
""",
    f"{ODD}/PLAN_ODD.md": "# PLAN: Odd §\n\n**Status**: In Progress\n\n**Achievement 1.1**: Some §\n",
    "work-space/plans/WISH/PLAN_WISH.md": "# PLAN: Wish §\n\n**Status**: Paused until §\n\n**Achievement 1.1**: Some §\n",
    "work-space/plans/DONE/PLAN_DONE.md": "# PLAN: Done §\n\n**Status**: In Progress §\n\n**Achievement 1.1**: Some §\n"
    "\n## Current Status & Handoff\n\n- **Next**: Achievement 1.1 §\n",
    "work-space/plans/DONE/execution/feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.1\n\n**Reviewer**: §\n",
    "work-space/plans/EMPTY/PLAN_EMPTY.md": "# PLAN: §\n\n§\n",
    "work-space/plans/PLAN_all-lower.md": "# PLAN: §\n\n**Achievement 1.1**: §\n",
    "work-space/plans/GRAMMAPLAN_ALL.md": "# GRAMMAPLAN: §\n\n| Plan | Status | Progress |\n| --- | --- | --- |\n"
    "| PLAN_PAY.md | § | § |\n| PLAN_NONE.md | § | 1 of § |\n",
    "planmark.toml": """"more §T" = "§T"

[diagnostics]
severity = { "§T" = "§T", "claimed-without-evidence" = "§T" }

[prompts]
templates = "§T"
tokenBudget = "§T"

[vocabulary]
statuses = { "§T" = "done", "other" = "§T" }
fields = { "status" = ["§T"], "§T" = ["x"] }
"§T" = "§T"
""",
}
"""Path → text of a document; `§` marks where the text is planted (`§J` in a string of JSON, `§T` in one of TOML)."""
_NAMES = (
    *("subplans/SUBPLAN_ODD_11_§.md", "subplans/SUBPLAN_ODD§_12.md", "execution/EXECUTION_TASK_ODD_11_01_§.md"),
    *("execution/feedbacks/FIX_11_§.md", "§/PLAN_INNER.md", "PLAN_§.md", "execution/feedbacks/APPROVED_1§.md"),
)
"""Paths of files that no document names."""
