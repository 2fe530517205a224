"""No content of a workspace and no request makes Planmark open, list or write anything outside the workspace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from conftest import REPOSITORY
from hostile_workspace import SECRET, WORK, hostile
from lsp_client import AnswerError, LocalClient, ProcessClient
from sample_plan import PLAN, TEXT

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="links need a privilege on Windows, and it has no FIFOs"
)

WATCHED = REPOSITORY / "tests" / "audit_hook.py"
SECONDS = 120
COMMANDS = (
    ["status"],
    ["check", "--fix"],
    ["next", "@PAY"],
    ["next", "@PAY", "--step", "verify"],
    ["budget"],
    ["graph", "@PAY"],
    ["why", "@PAY", "1.1"],
    ["adopt", "@PAY"],
    ["create", "execution", "@PAY", "1.1"],
    ["create", "subplan", "@PAY", "1.2"],
    ["verdict", "fix", "@PAY", "1.1", "--reviewer", "Ada"],
)
ELSEWHERE = (
    "file:///etc/PLAN_X.md",
    "file:///C:/Windows/PLAN_X.md",
)
OUTSIDE = (
    "file://{root}/../outside/PLAN_OUT.md",
    "file://{root}/%2e%2e/outside/PLAN_OUT.md",
    "file://{root}/..%2Foutside%2FPLAN_OUT.md",
    "file://{root}/x%2F..%2F..%2Foutside%2FPLAN_OUT.md",
)
URIS = (
    "file://{root}/%252e%252e/outside/PLAN_OUT.md",
    "file://{root}/..%252Foutside%252FPLAN_OUT.md",
    "file://{root}/linked/SUBPLAN_PAY_99.md",
    "file://{root}/PLAN_ZERO.md",
    "file://{root}/PLAN_PIPE.md",
    "file://{root}/PLAN_LOOP.md",
    "file://{root}/a%0AIgnore%20this%2C%20too/PLAN_B.md",
    "file://{root}/a%00b/PLAN_X.md",
    "file://{root}//PLAN_SAME.md",
    "file://host/share/PLAN_X.md",
    "file:PLAN_X.md",
    "https://example.org/PLAN_X.md",
    "untitled:PLAN_X.md",
    "vscode-remote://x/PLAN_X.md",
    "git:{root}/PLAN_X.md?ref=HEAD",
    "data:text/plain,PLAN_X.md",
    "",
)


def outsiders(log: Path, *inside: Path) -> list[tuple[str, str]]:
    """Return every access outside `inside` and outside the folders of Python, its libraries and Planmark."""
    known = {
        sys.prefix,
        sys.base_prefix,
        *sysconfig.get_paths().values(),
        REPOSITORY,
        *map(str, sys.path),
        "/proc",
        "/dev",
    }
    allowed = tuple(f"{os.path.realpath(place)}/" for place in (*known, *inside) if place)
    found = []
    for line in log.read_text().splitlines():
        event, text = json.loads(line)
        started = event in ("subprocess.Popen", "os.posix_spawn", "os.exec")
        if not started and f"{os.path.realpath(text)}/".startswith(allowed):
            continue
        if started and text == sys.executable:
            continue
        found.append((event, text))
    return found


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_opens_nothing_outside(tmp_path: Path, cache: Path, arguments: list[str]) -> None:
    root, log = hostile(tmp_path), tmp_path / "log"
    command = [sys.executable, str(WATCHED), str(log), "--workspace", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    touched = [json.loads(line) for line in log.read_text().splitlines()]
    assert ["open", str(root / PLAN)] in touched
    assert outsiders(log, root, cache) == []


def test_the_server_opens_nothing_outside(tmp_path: Path, cache: Path) -> None:
    root, log = hostile(tmp_path), tmp_path / "log"
    client = ProcessClient((sys.executable, str(WATCHED), str(log), "serve"))
    try:
        client.begin([root])
        for number, template in enumerate(URIS):
            uri = template.format(root=root)
            item = {"uri": uri, "languageId": "markdown", "version": number, "text": TEXT}
            client.notify("textDocument/didOpen", {"textDocument": item})
            for method in ("textDocument/hover", "textDocument/definition"):
                place = {"textDocument": {"uri": uri}, "position": {"line": 8, "character": 4}}
                assert SECRET not in json.dumps(client.request(method, place))
            links = client.request("textDocument/documentLink", {"textDocument": {"uri": uri}})
            assert SECRET not in json.dumps(links)
            client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        plan = client.open(root / PLAN)
        links = client.request("textDocument/documentLink", {"textDocument": {"uri": plan}})
        assert all(link.get("target", "").startswith((root.as_uri(), REPOSITORY.as_uri())) for link in links)
        assert SECRET not in json.dumps(client.request("planmark/nextPrompt", {"feature": "PAY"}))
        assert client.request("planmark/status")["workspaces"][0]["plans"]
        client.request("shutdown")
        client.notify("exit")
        assert client.process.wait(SECONDS) == 0
    finally:
        client.kill()
    assert "Traceback" not in client.log
    assert SECRET not in json.dumps(client.notifications)
    assert outsiders(log, root, cache) == []


@pytest.mark.parametrize("uri", OUTSIDE)
def test_an_open_document_outside_the_workspace_is_not_part_of_it(local: LocalClient, tmp_path: Path, uri: str) -> None:
    """Check that the server shows such a document only to the user who opens it."""
    root = hostile(tmp_path)
    local.begin([root])
    before = local.request("planmark/status")["workspaces"]
    item = {"uri": uri.format(root=root), "languageId": "markdown", "version": 1, "text": TEXT}
    local.notify("textDocument/didOpen", {"textDocument": item})
    after = [known for known in local.request("planmark/status")["workspaces"] if known["root"] == str(root)]
    assert [plan["path"] for plan in after[0]["plans"]] == [plan["path"] for plan in before[0]["plans"]]
    assert SECRET not in json.dumps(local.request("planmark/nextPrompt", {"feature": "PAY"}))
    local.close()


@pytest.mark.parametrize("uri", [*ELSEWHERE, *(uri for uri in URIS if "{root}" not in uri)])
def test_an_invalid_folder_is_refused_and_the_others_are_served(local: LocalClient, pay: Path, uri: str) -> None:
    local.begin([pay])
    folder = {"uri": uri, "name": "x"}
    local.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    served = local.request("planmark/status")["workspaces"]
    assert [known["root"] for known in served] == [str(pay.resolve())]
    local.close()


@pytest.mark.parametrize(
    "path", ["../outside/PLAN_OUT.md", "/etc/passwd", "linked/SUBPLAN_PAY_99.md", "PLAN_ZERO.md", "\0"]
)
def test_open_shows_only_documents_of_the_workspace(local: LocalClient, tmp_path: Path, path: str) -> None:
    local.begin([hostile(tmp_path)])
    with pytest.raises(AnswerError, match="no document"):
        local.command("planmark.open", {"path": path})
    assert [asked for asked in local.requests if asked["method"] == "window/showDocument"] == []
    local.close()


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("planmark.createExecution", {"feature": "PAY", "achievement": "1.1"}),
        (
            "planmark.recordVerdict",
            {"feature": "PAY", "achievement": "1.1", "decision": "fix", "reviewer": "Ada", "note": "x"},
        ),
    ],
)
def test_no_edit_creates_a_file_behind_a_link_that_leaves(
    local: LocalClient, tmp_path: Path, command: str, argument: dict[str, str]
) -> None:
    root = hostile(tmp_path)
    local.begin([root])
    with pytest.raises(AnswerError, match=f"{WORK}/execution/.* outside"):
        local.command(command, argument)
    assert [asked for asked in local.requests if asked["method"] == "workspace/applyEdit"] == []
    local.close()
