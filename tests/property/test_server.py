"""Any actions of an editor and other programs, in any order: the server answers as a newly started server would."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lsp_client import LocalClient, bare, recorded, with_roots
from planmark.lsp import housekeeping
from planmark.text.edits import Edit, apply_in_order
from planmark.text.lines import LineIndex, TextPosition

PLAN = """# PLAN: {feature}

**Status**: In Progress

## 📋 Achievement Index

- Achievement 1.1: Refunds
- Achievement 1.2: Receipts

**Achievement 1.1**: Refunds

**Achievement 1.2**: Receipts

- **Dependencies**: 1.1
"""
FOLDERS = ("work-space/plans/PAY", "work-space/plans/TILL")
NAMES = (
    "{folder}/PLAN_{feature}.md",
    "{folder}/subplans/SUBPLAN_{feature}_11.md",
    "{folder}/execution/EXECUTION_TASK_{feature}_11_01.md",
    "{folder}/execution/feedbacks/APPROVED_11.md",
    "{folder}/execution/feedbacks/FIX_11.md",
    "{folder}/execution/feedbacks/FIX_11_RESOLUTION.md",
    "{folder}/parallel.json",
    "{folder}/GRAMMAPLAN_{feature}.md",
    "{folder}/subplans/subplan {feature} 1.1.md",
)
PATHS = [
    *(name.format(folder=FOLDERS[0], feature="PAY") for name in NAMES),
    *(name.format(folder=FOLDERS[1], feature="TILL") for name in NAMES[::3]),
]
SNIPPETS = [
    "**Achievement 1.3**: Limits\n",
    "- Achievement 1.3: Limits\n",
    "- ✅ Achievement 1.1: Refunds\n",
    "**Status**: ✅ Complete\n",
    "**Status**: ⛔ Blocked\n",
    "**Review Date**: 2026-01-02\n",
    "**Review Date**: 2026-03-01\n",
    "- **Dependencies**: 1.2\n",
    "- **Dependencies**: 9.9\n",
    "- **Needs**: @TILL 1.1\n",
    "- **Blocks**: @PAY 1.1\n",
    "## Objective\n\nRefunds reach the customer.\n",
    "## Approach\n\nBy the key.\n",
    "[TO BE FILLED: x]\n",
    "```\n",
    "<!--\n",
    "-->\n",
    "🎯 @TILL and `PLAN_PAY.md`\n",
    '{"achievements": [{"achievement_id": "1.2", "dependencies": ["1.1"]}]}',
    "\n",
    "\r\n",
    "x",
]
CREATED, CHANGED, DELETED = 1, 2, 3
NEVER_SECONDS = 3600.0
EXAMPLES = max(8, int(os.environ.get("PLANMARK_EXAMPLES", "0")) // 4)

paths = st.sampled_from(PATHS)
texts = st.lists(st.sampled_from(SNIPPETS), max_size=4).map("".join)


@pytest.fixture(autouse=True)
def unprompted_scans_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the periodic scan from correcting what the server should have learnt from a notification."""
    monkeypatch.setattr(housekeeping, "SCAN_PAUSE_BOUNDS", dict.fromkeys((True, False), (NEVER_SECONDS, NEVER_SECONDS)))


class Editing(RuleBasedStateMachine):
    """One long-lived server, an editor that types into it, and other programs that write files."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="planmark-")).resolve() / "ws"
        self.open: dict[str, tuple[str, int]] = {}
        self.saved: dict[str, str] = {}
        """Path of an open document → the text that its file had when the editor last opened or saved it."""

    @initialize()
    def begin(self) -> None:
        for folder in FOLDERS:
            self._write(f"{folder}/PLAN_{folder.rpartition('/')[2]}.md", PLAN.format(feature=folder.rpartition("/")[2]))
        self.client = LocalClient()
        self.client.begin([self.root])

    @rule(path=paths, text=texts)
    def somebody_writes(self, path: str, text: str) -> None:
        existed = (self.root / path).exists()
        self._write(path, text)
        self.client.files_changed((self.root / path, CHANGED if existed else CREATED))

    @rule(path=paths)
    def somebody_deletes(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        self.client.files_changed((self.root / path, DELETED))

    @rule(old=paths, new=paths)
    def somebody_renames(self, old: str, new: str) -> None:
        if (self.root / old).exists() and not (self.root / new).exists():
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            (self.root / old).rename(self.root / new)
            self.client.files_changed((self.root / old, DELETED), (self.root / new, CREATED))

    @rule(folder=st.sampled_from(FOLDERS))
    def a_folder_goes(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)
        self.client.files_changed((self.root / folder, DELETED))

    @rule(excluded=st.sampled_from(["", "work-space/plans/TILL/", "*.json", "FIX_*"]))
    def the_settings_change(self, excluded: str) -> None:
        self._write("planmark.toml", f'[files]\nexclude = ["{excluded}"]\n' if excluded else "")
        self.client.files_changed((self.root / "planmark.toml", CHANGED))

    @rule(path=paths, text=texts)
    def open_document(self, path: str, text: str) -> None:
        if path not in self.open:
            file = self.root / path
            held = file.read_bytes().decode() if file.exists() else text
            self.open[path] = (held, 1)
            self.saved[path] = held
            self.client.open(file, held)

    @rule(data=st.data(), path=paths, text=texts)
    def edit(self, data: st.DataObject, path: str, text: str) -> None:
        self.open_document(path=path, text=text)
        held, version = self.open[path]
        lines = LineIndex(held)
        start = data.draw(st.integers(0, len(lines)))
        end = data.draw(st.integers(start, len(lines) + 1))
        column = data.draw(st.integers(0, 12))
        changed = apply_in_order(held, [Edit((TextPosition(start, column), TextPosition(end, 0)), text)], "utf-16")
        self.open[path] = (changed, version + 1)
        if not self._is_clean(path) and (self.root / path).exists():
            self.saved[path] = (self.root / path).read_bytes().decode()
        self.client.change((self.root / path).as_uri(), version + 1, text, (start, column, end, 0))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def save(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.open)))
        existed = (self.root / path).exists()
        self.saved[path] = self.open[path][0]
        self._write(path, self.open[path][0])
        self.client.notify("textDocument/didSave", {"textDocument": {"uri": (self.root / path).as_uri()}})
        self.client.files_changed((self.root / path, CHANGED if existed else CREATED))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.open)))
        del self.open[path], self.saved[path]
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": (self.root / path).as_uri()}})

    @invariant()
    def it_is_as_if_started_afresh(self) -> None:
        fresh = LocalClient()
        params = with_roots(recorded(), [self.root])
        fresh.begin([], params)
        counting = self._counting()
        for path, (held, version) in counting.items():
            # A text without a file is no unsaved change until it is typed into.
            fresh.change(fresh.open(self.root / path, held + "\n.", version - 1), version, held)
        documents = sorted(counting)
        wanted = _answers(fresh, self.root, documents)
        fresh.close()
        self.client.settle()
        difference = _difference(_answers(self.client, self.root, documents), wanted)
        assert not difference, difference

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def _counting(self) -> dict[str, tuple[str, int]]:
        """Return the open documents with the text that counts: unsaved changes, else the file, if there is one."""
        counting = {}
        for path, (held, version) in self.open.items():
            file = self.root / path
            if not self._is_clean(path):
                counting[path] = (held, version)
            elif file.exists():
                counting[path] = (file.read_bytes().decode(), version)
        return counting

    def _is_clean(self, path: str) -> bool:
        return self.open[path][0].splitlines() == self.saved[path].splitlines()

    def _write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(text.encode())


def _difference(ours: Any, fresh: Any, place: str = "") -> list[str]:
    """Return each place where two answers differ, with both values."""
    if isinstance(ours, dict) and isinstance(fresh, dict):
        keys = sorted({*ours, *fresh})
        return [d for key in keys for d in _difference(ours.get(key), fresh.get(key), f"{place}.{key}")]
    if isinstance(ours, list) and isinstance(fresh, list) and len(ours) == len(fresh):
        pairs = enumerate(zip(ours, fresh, strict=True))
        return [d for number, (one, other) in pairs for d in _difference(one, other, f"{place}[{number}]")]
    return [] if ours == fresh else [f"{place}: {ours!r} instead of {fresh!r}"]


def _answers(client: LocalClient, root: Path, open_documents: list[str]) -> Any:
    """Return what a user would see: states, diagnostics, lenses, outline, hints, prompts."""
    status = client.request("planmark/status")
    del status["run"]
    found: list[Any] = [status]
    reports = client.request("workspace/diagnostic", {"previousResultIds": []})["items"]
    # A server that has reported diagnostics of a file empties them when it goes; a fresh one has nothing to empty.
    found.append({report["uri"]: report["items"] for report in reports if report["items"]})
    for path in open_documents:
        document = {"textDocument": {"uri": (root / path).as_uri()}}
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
        found.append(client.request("textDocument/codeLens", document))
        found.append(client.request("textDocument/documentSymbol", document))
        found.append(client.request("textDocument/inlayHint", {**document, "range": whole}))
        hover = client.request("textDocument/hover", {**document, "position": {"line": 0, "character": 4}})
        # Remove the cost of the prompt: the hover shows it only after a request for the prompt, which the fresh server
        # has not had.
        found.append(hover and re.sub(r" · about [\d,]+ tokens", "", hover["contents"]["value"]))
    for plan in status["workspaces"][0]["plans"]:
        if plan["state"] != "complete":
            prompt = client.request("planmark/nextPrompt", {"plan": plan["path"]})
            found.append({key: value for key, value in prompt.items() if key != "run"})
    return found


Editing.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=30)
TestEditing = Editing.TestCase


class Pushing(Editing):
    """The same with an editor that receives pushed diagnostics: the last ones equal those of a newly started server."""

    @initialize()
    def begin(self) -> None:
        for folder in FOLDERS:
            self._write(f"{folder}/PLAN_{folder.rpartition('/')[2]}.md", PLAN.format(feature=folder.rpartition("/")[2]))
        self.client = LocalClient()
        self.client.begin([], with_roots(bare(), [self.root]))

    @invariant()
    def it_is_as_if_started_afresh(self) -> None:
        fresh = LocalClient()
        fresh.begin([], with_roots(recorded(), [self.root]))
        for path, (held, version) in self._counting().items():
            fresh.change(fresh.open(self.root / path, held + "\n.", version - 1), version, held)
        reports = fresh.request("workspace/diagnostic", {"previousResultIds": []})["items"]
        wanted = {report["uri"]: _messages(report["items"]) for report in reports if report["items"]}
        fresh.close()
        self.client.settle()
        difference = _difference(_pushed(self.client), wanted)
        assert not difference, difference


def _pushed(client: LocalClient) -> dict[str, Any]:
    """Return URI → the last pushed diagnostics, without empty lists."""
    told = [n["params"] for n in list(client.notifications) if n["method"] == "textDocument/publishDiagnostics"]
    last = {params["uri"]: _messages(params["diagnostics"]) for params in told}
    return {uri: messages for uri, messages in last.items() if messages}


def _messages(diagnostics: list[dict[str, Any]]) -> list[Any]:
    """Return the parts of diagnostics that do not depend on the client's abilities."""
    return [(d["range"], d["severity"], d["code"], d["message"]) for d in diagnostics]


Pushing.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=30)
TestPushing = Pushing.TestCase
