"""Values of texts are made once for each text."""

from __future__ import annotations

import pytest

from planmark.workspace import text_memo
from planmark.workspace.text_memo import TextMemo


class Texts:
    """Texts by path, with a count of the reads."""

    def __init__(self) -> None:
        self.texts = {"a": "one", "b": "two"}
        self.reads = 0

    def read(self, path: str) -> str:
        self.reads += 1
        return self.texts[path]

    def digest(self, path: str) -> bytes:
        return self.texts[path].encode()


def test_a_text_is_read_again_only_after_a_change() -> None:
    texts = Texts()
    memo: TextMemo[str] = TextMemo(texts.digest)
    assert [memo.value("a", texts.read, str.upper) for _ in range(3)] == ["ONE"] * 3
    assert texts.reads == 1
    texts.texts["a"] = "other"
    assert memo.value("a", texts.read, str.upper) == "OTHER"
    assert texts.reads == 2


def test_without_digest_each_question_reads() -> None:
    texts = Texts()
    memo: TextMemo[str] = TextMemo()
    assert [memo.value("a", texts.read, str.upper) for _ in range(2)] == ["ONE", "ONE"]
    assert texts.reads == 2


def test_texts_beyond_the_limit_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_memo, "MAX_KEPT_CHARACTERS", 5)
    texts = Texts()
    memo: TextMemo[str] = TextMemo(texts.digest)
    for _ in range(2):
        assert memo.value("a", texts.read, str.upper) == "ONE"
        assert memo.value("b", texts.read, str.upper) == "TWO"
    assert texts.reads == 3
