"""No output of the CLI or the server shows a credential from a document, wherever it is in the document."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors import command_line, planted, run, server
from lsp_client import recorded, with_roots
from planmark.text.masking import UNMASKED_MEMBERS, masked_json

LETTERS = string.ascii_letters + string.digits
BODY = "".join(random.Random(5).choices(LETTERS, k=35)) + "7"
SECRETS = {
    "a token": ("ghp_" + BODY, BODY),
    "a header": ("Authorization: Bearer " + BODY, BODY),
    "a command": ("curl -u admin:" + BODY[:14] + " https://shop.example", BODY[:14]),
    "an option": ("shopctl --token " + BODY[:20] + " run", BODY[:20]),
    "a password": ("password=" + BODY[:12], BODY[:12]),
    "a cookie": ("Cookie: session=" + BODY, BODY),
    "an address": ("postgres://shop:" + BODY[:12] + "@db/shop", BODY[:12]),
}
EXACT = ("--diff", "--dry-run")
"""Options that show a change of the user's own file unmasked, because a program may apply the change."""


ALL = " and ".join(text for text, _ in SECRETS.values())


def shown_of(value: object) -> list[str]:
    """Return the kinds of credentials in a text, or in a value as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return [kind for kind, (_, secret) in SECRETS.items() if secret in text]


@pytest.mark.parametrize("terminal", [True, False])
def test_no_command_shows_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    root = planted(tmp_path / "ws", ALL)
    monkeypatch.setenv("NO_COLOR", "1")
    said = list(command_line(root, monkeypatch, terminal=terminal))
    for shown in said:
        is_json = not terminal and ("json" in shown.door or "sarif" in shown.door)
        assert shown_of(shown.err) == [], shown.door
        if not any(option in shown.door for option in EXACT) and "json" not in shown.door and "sarif" not in shown.door:
            assert shown_of(shown.out) == [], shown.door
        elif is_json:
            assert shown_of(_without_edits(json.loads(shown.out))) == [], shown.door
    assert sum("[masked: " in shown.out for shown in said) > 30


def test_own_settings_show_it_in_the_prompt_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, secret = SECRETS["a token"]
    root = planted(tmp_path / "ws", text)
    shown = run(["--workspace", str(root), "next", "@PAY", "--show-secrets", "--json"], monkeypatch, terminal=False)
    result = json.loads(shown.out)
    assert secret in result.pop("prompt")
    assert secret not in json.dumps(result) + shown.err


def test_no_message_of_a_server_has_one(tmp_path: Path) -> None:
    root = planted(tmp_path / "ws", ALL)
    said = list(server(root, with_roots(recorded(), [root])))
    for method, body in said:
        assert shown_of(_without_edits(json.loads(body))) == [], method
    assert sum(b"[masked: " in body for _, body in said) > 50


def _without_edits(value: Any) -> Any:
    """Return a message without the members that programs take unchanged: texts to write into files, and filters."""
    if isinstance(value, dict):
        kept = {
            k: item
            for k, item in value.items()
            if k not in (*UNMASKED_MEMBERS, "insertedContent", "diff") or k == "prompt"
        }
        return {key: _without_edits(item) for key, item in kept.items()}
    return [_without_edits(item) for item in value] if isinstance(value, list) else value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def test_json_stays_json() -> None:
    token = "ghp_" + BODY
    key = "-----BEGIN PRIVATE KEY-----\n" + "\n".join([BODY] * 9)
    value: dict[str, Any] = {
        "a": f'say "{token}"\n\\',
        "b": [key, "-----END PRIVATE KEY-----", {"c": f"\n{token}\t", "uri": f"file:///{token}"}],
        "insertedContent": {"text": token},
        token: 1,
        "d": ["", "\\", '"', "x" * 600 + " " + token],
    }
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        shown = json.loads(masked_json(text))
        assert shown["b"][2]["uri"].endswith(token)
        assert shown["insertedContent"] == {"text": token}
        assert shown["b"][1] == value["b"][1]
        shown["b"][2].pop("uri")
        shown.pop("insertedContent")
        assert not any(token in text or BODY in text for text in _strings(shown))
