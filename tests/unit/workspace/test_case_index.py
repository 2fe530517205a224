"""The index of cases: similar cases first, edits that touch one case, and no harm from hostile texts or other processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from planmark.storage.cache_dir import cache_folder
from planmark.workspace import case_index
from planmark.workspace.case_index import CaseIndex, CaseSearch, NoFullTextSearchError
from unit.workspace.case_texts import TOPICS, ask, documents, workspace


def test_similar_case_comes_first_and_own_documents_do_not_count() -> None:
    texts = workspace()
    found = ask(CaseIndex(), texts, "why does the sluice gate freeze so that the wheel stalls")
    assert found[0].path == "a/0.md"
    assert found[0].case.text == TOPICS[0]
    assert [one.path for one in ask(CaseIndex(), texts, TOPICS[0], ("a/0.md",))] == []


def test_each_document_is_named_once(tmp_path: Path) -> None:
    texts = {**workspace(), "a/9.md": "\n".join([TOPICS[1]] * 5)}
    found = ask(CaseIndex(tmp_path), texts, TOPICS[1])
    assert sorted(one.path for one in found) == ["a/9.md", "b/1.md"]


NONSENSE = (
    "",
    "   \n\t",
    "zzxq wrrb flonk",
    '" OR NEAR( * ^ title: AND NOT',
    'case_words:"x" OR title:*',
    "'; DROP TABLE cases; --",
    "\u202e\u2067\u0000\ud800",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "plum cake with cinnamon and cream",
    "1234567890 0x7f 42",
)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_gives_nothing_and_harms_nothing(text: str, tmp_path: Path) -> None:
    source = CaseIndex(tmp_path)
    assert ask(source, workspace(), text) == []
    assert source.run(documents(workspace()), lambda search: search.case_count) == 16


def test_edit_indexes_only_the_changed_case(tmp_path: Path) -> None:
    texts = {"a/0.md": "\n".join(TOPICS)}
    source = CaseIndex(tmp_path)

    def ids(search: CaseSearch) -> dict[str, int]:
        return dict(search._connection.execute("SELECT text, id FROM cases"))

    before = source.run(documents(texts), ids)
    changed = documents({"a/0.md": "\n".join((TOPICS[0], "something new was written here", *TOPICS[2:]))})
    after = source.run(changed, ids)
    assert {text for text in after if after[text] != before.get(text)} == {"something new was written here"}
    unread = {path: document._replace(cases=lambda: pytest.fail("cut again")) for path, document in changed.items()}
    assert source.run(unread, ids) == after


def test_moved_case_keeps_its_entry_and_gets_its_new_lines() -> None:
    source = CaseIndex()
    texts = workspace()
    ask(source, texts, TOPICS[0])
    texts["a/0.md"] = "a new first line about nothing else\n" + texts["a/0.md"]
    assert ask(source, texts, TOPICS[0])[0].case.start == 2


def test_credentials_are_not_in_the_index(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    texts = {**workspace(), "a/0.md": f"the deploy failed with token {secret} in the header"}
    found = ask(CaseIndex(tmp_path), texts, "deploy failed with token in the header")
    assert secret not in found[0].case.text
    stored = b"".join(path.read_bytes() for path in cache_folder().rglob("*") if path.is_file())
    assert b"deploy failed" in stored
    assert secret.encode() not in stored


def test_index_is_read_by_the_next_process_and_can_be_deleted(tmp_path: Path) -> None:
    first = ask(CaseIndex(tmp_path), workspace(), TOPICS[3])
    assert ask(CaseIndex(tmp_path), workspace(), TOPICS[3]) == first
    for path in (cache_folder() / "store").iterdir():
        path.unlink()
    assert ask(CaseIndex(tmp_path), workspace(), TOPICS[3]) == first


def test_damaged_index_gives_the_same_answers(tmp_path: Path) -> None:
    first = ask(CaseIndex(tmp_path), workspace(), TOPICS[3])
    for path in (cache_folder() / "store").glob("*.sqlite"):
        path.write_bytes(b"not a database" * 400)
    assert ask(CaseIndex(tmp_path), workspace(), TOPICS[3]) == first


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written_means_memory(tmp_path: Path, cache: Path) -> None:
    cache.mkdir(0o500)
    assert ask(CaseIndex(tmp_path), workspace(), TOPICS[0]) == ask(CaseIndex(), workspace(), TOPICS[0])
    cache.chmod(0o700)


def test_cache_folder_that_is_a_file_means_memory(tmp_path: Path) -> None:
    os.environ["PLANMARK_CACHE"] = str(tmp_path / "file")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert ask(CaseIndex(tmp_path), workspace(), TOPICS[0]) == ask(CaseIndex(), workspace(), TOPICS[0])


def test_two_users_with_different_texts_get_their_own_answers(tmp_path: Path) -> None:
    """Search with the saved texts and with an unsaved edit, as an editor has it, at the same time and in one file."""
    saved = workspace()
    edited = {**saved, "a/0.md": "the bellows of the forge lost their leather"}
    expected = {0: ask(CaseIndex(), saved, TOPICS[0]), 1: ask(CaseIndex(), edited, TOPICS[0])}
    wrong: list[object] = []

    def use(number: int, texts: Mapping[str, str]) -> None:
        source = CaseIndex(tmp_path)
        for _ in range(12):
            if (found := ask(source, texts, TOPICS[0])) != expected[number]:
                wrong.append(found)

    threads = [threading.Thread(target=use, args=pair) for pair in enumerate((saved, edited))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_python_without_full_text_search_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_index, "has_full_text_search", lambda: False)
    with pytest.raises(NoFullTextSearchError, match="FTS5"):
        ask(CaseIndex(), workspace(), "x")


def test_few_unrelated_cases_mean_that_nothing_is_similar() -> None:
    assert ask(CaseIndex(), workspace(2), TOPICS[0]) == []


def test_min_similar_score_is_the_top_share_of_unrelated_scores() -> None:
    def measure(search: CaseSearch) -> tuple[float, list[float]]:
        scores = []
        rows = search._connection.execute("SELECT path, title, text FROM cases ORDER BY digest").fetchall()
        for path, title, text in rows:
            terms = search.terms(case_index.content_words(f"{title}\n{text}"), True)
            scores += (
                [score for other, _, score in search._scores_of_matches(terms) if other[0] != path[0]] if terms else []
            )
        return search.min_similar_score(case_index.MAX_QUERY_TERMS), sorted(scores)

    texts = {f"{'abcd'[n % 4]}/{n}.md": f"{TOPICS[n]} in the shared harbour\n{TOPICS[n - 1]} harbour" for n in range(8)}
    least, scores = CaseIndex().run(documents(texts), measure)
    assert len(scores) >= case_index.MIN_PAIRS
    assert sum(score > least for score in scores) <= case_index.UNRELATED_TOP_SHARE * len(scores)


def test_fts5_is_part_of_this_python() -> None:
    assert case_index.has_full_text_search()
    assert sqlite3.sqlite_version_info >= (3, 20)
