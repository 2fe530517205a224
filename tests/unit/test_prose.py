"""The check of prose (`.ci/prose.py`): it finds a sentence to rewrite in pages, in docstrings and in comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import REPOSITORY
from repository_script import script


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "So long as nobody reads it.\n"),
        ("module.py", 'def work():\n    """The result."""\n'),
        ("module.py", '"""What it does."""\n'),
        ("module.py", "x = 1  # nobody waits\n"),
        ("module.ts", "/** What it shows. */\nconst x = 1;\n"),
        ("module.ts", "const x = 1; // drawn anew\n"),
        ("module.mjs", "/**\n * Runs it, be it here or there.\n */\n"),
        ("page.md", "word " * 26),
        ("page.md", f"| cell | {'word ' * 26} |\n"),
        ("page.md", f"- **A title.** {'word ' * 26}\n"),
        ("module.py", f'"""Words. {"word " * 26}"""\n'),
    ],
)
def test_a_sentence_to_rewrite_is_named(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    prose = script(REPOSITORY / ".ci" / "prose.py", monkeypatch)
    assert prose.main([str(tmp_path)]) == 1
    assert f"{name}:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "`nobody` is a user of Linux.\n\n```\nanew\n```\n"),
        ("module.py", '"""The result of work."""\n\n\ndef work():\n    """Return the result."""\n'),
        ("module.ts", "/** Returns the text. */\nconst at = 'https://example.org/anew';\n"),
        ("page.md", f"{'word ' * 20}. {'word ' * 20}: {'word ' * 20}; {'word ' * 20}\n"),
        ("page.md", f"| {'word ' * 20} | {'word ' * 20} |\n- {'word ' * 20}\n- {'word ' * 20}\n"),
        ("page.md", f"[{'word ' * 20}](page.md) `{'word ' * 20}`\n"),
        ("page.md", f"---\nname: {'word ' * 30}\n---\n\nText.\n"),
        ("module.py", f'"""Words.\n\n    {"word " * 30}\n\nMore.\n"""\n'),
    ],
)
def test_plain_prose_passes(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    prose = script(REPOSITORY / ".ci" / "prose.py", monkeypatch)
    assert prose.main([str(tmp_path)]) == 0, capsys.readouterr().out
