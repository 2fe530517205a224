"""An editor of the protocol tests that carries out the edits of the server on disk."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Any

from lsp_client import Client
from planmark.text.edits import Edit, apply_in_order
from planmark.text.lines import TextPosition


class Editor:
    """An editor that applies workspace edits on disk."""

    def __init__(self, client: Client) -> None:
        self.client = client
        client.answers["workspace/applyEdit"] = self.apply

    def apply(self, params: dict[str, Any]) -> dict[str, Any]:
        carry_out(params["edit"])
        return {"applied": True}


def carry_out(edit: dict[str, Any]) -> None:
    """Apply a `WorkspaceEdit` in its order, and never overwrite an existing file."""
    assert "changes" not in edit
    for change in edit["documentChanges"]:
        if change.get("kind") == "create":
            path = uri_path(change["uri"])
            assert not path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")
        elif change.get("kind") == "rename":
            assert not uri_path(change["newUri"]).exists()
            uri_path(change["newUri"]).parent.mkdir(parents=True, exist_ok=True)
            uri_path(change["oldUri"]).rename(uri_path(change["newUri"]))
        else:
            path = uri_path(change["textDocument"]["uri"])
            text = path.read_bytes().decode()
            # All edits of a document refer to the same text, so applying them from its end keeps their places valid.
            edits = sorted(
                change["edits"], key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"])
            )
            for one in reversed(edits):
                start, end = (
                    TextPosition(one["range"][side]["line"], one["range"][side]["character"])
                    for side in ("start", "end")
                )
                text = apply_in_order(text, [Edit((start, end), one["newText"])], "utf-16")
            path.write_bytes(text.encode())


def uri_path(uri: str) -> Path:
    """Return the path of a file URI."""
    return Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path))
