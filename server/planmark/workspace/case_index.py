"""The full-text index of the cases of a workspace (causes, fixes and learnings): SQLite's FTS5, on disk or in memory.

An index only saves time: its answers depend on the current documents alone. The index contains masked texts, so that
the cache folder contains no credential.
"""

from __future__ import annotations

import functools
import hashlib
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from planmark.plans.case import Case
from planmark.storage.sqlite_file import Database, logger, open_database
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.masking import without_secrets

TABLES_VERSION = 1
"""Version of the tables and of their content."""
MAX_QUERY_TERMS = 16
"""Maximum number of words in a query. If a text has more words, the words with the lowest weight are left out."""
MAX_WORDS_LOOKED_UP = 400
"""Maximum number of different words of a text that are looked up in the index. Less frequent words are left out."""
MAX_SAMPLE_CASES = 32
"""Maximum number of cases that are compared with unrelated cases, to find the minimum score of a similar case."""
MAX_PAIRS = 20_000
"""Maximum number of pairs of unrelated cases that are compared."""
MIN_PAIRS = 40
"""Minimum number of scores between unrelated cases.

With fewer scores, the search cannot tell which scores are unusually high, so no case counts as similar.
"""
UNRELATED_TOP_SHARE = 0.05
"""The share of the pairs of unrelated cases that may have a higher score than a similar case."""
MIN_SHARE_IN_CASES = 0.5
"""Minimum share of the different words of a text that must occur in some case.

A short question has at most MAX_QUERY_TERMS words. For such a question, a similar case must also contain words with at least
this share of the total weight of its words.
"""
MAX_JUDGED_WORDS = 60
"""Maximum number of different words of a text to which MIN_SHARE_IN_CASES applies.

A text with more words is a log, which is full of names and numbers.
"""
_QUERY_SIZES = (2, 4, 8, MAX_QUERY_TERMS)
"""The classes of queries by length: the maximum number of terms of each class. Scores are comparable only within a
class.
"""
_WORD = lazy_pattern(r"[^\W\d_][^\W_]{2,}")
_COMMON_WORDS = frozenset(
    {
        *("all", "also", "and", "any", "are", "because", "been", "being", "but", "can", "could", "did", "does"),
        *("each", "for", "from", "had", "has", "have", "here", "how", "into", "its", "more", "most", "not", "now"),
        *("only", "other", "our", "out", "over", "should", "some", "such", "than", "that", "the", "their", "them"),
        *("then", "there", "these", "they", "this", "those", "too", "under", "until", "was", "were", "what", "when"),
        *("where", "which", "while", "who", "why", "will", "with", "would", "you", "your"),
    }
)
"""Words that nearly every text contains, and that are not searched."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (path TEXT PRIMARY KEY, plan TEXT NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID",
    """
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    text TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL
)
""",
    "CREATE INDEX IF NOT EXISTS cases_of_document ON cases (path)",
    """
CREATE VIRTUAL TABLE IF NOT EXISTS case_words USING fts5(
    title, text, content='cases', content_rowid='id', tokenize='porter unicode61'
)
""",
    "CREATE TABLE IF NOT EXISTS least (state BLOB, size INTEGER, score REAL, PRIMARY KEY (state, size)) WITHOUT ROWID",
)


class NoFullTextSearchError(Exception):
    """The SQLite of this Python has no full-text search."""

    def __init__(self) -> None:
        super().__init__(
            "the SQLite of this Python has no FTS5, which the search for similar work needs: use a Python whose SQLite has it"
        )


class CaseDocument(NamedTuple):
    """A document with cases.

    `plan` is the path of the plan of the document, "" if it belongs to no plan. `digest` is the digest of the text.
    `cases` is a function that returns the cases of the document.
    """

    plan: str
    digest: bytes
    cases: Callable[[], Sequence[Case]]


class SimilarCase(NamedTuple):
    """A case that is similar to a text.

    `path` is the path of the document of the case. `plan` is the path of its plan, "" if it belongs to no plan. `score`
    is a BM25 score; a case with a higher score is more similar.
    """

    path: str
    plan: str
    case: Case
    score: float


DigestOf = Callable[[str], bytes]
"""A function from the path of a document to the digest of its text."""
ResultT = TypeVar("ResultT")


class CaseDatabase(Database):
    """The stored index of one workspace."""

    SCHEMA = _SCHEMA
    PROBES = ("SELECT path, plan, digest FROM documents", "SELECT first, last FROM cases", "SELECT score FROM least")

    def run(self, documents: Mapping[str, CaseDocument], ask: Callable[[CaseSearch], ResultT]) -> ResultT:
        """Call `ask` with a search in the cases of exactly these documents, and return the result of the call.

        `documents` is a mapping from paths to documents. If the index contains other documents, for example because
        another process has updated it, it is updated first. Raises sqlite3.Error if the file of the index cannot be
        used.
        """
        connection = self._connect()
        connection.execute("BEGIN")
        try:
            if is_index_current(connection, documents):
                search = CaseSearch(connection)
                result = ask(search)
                connection.execute("COMMIT")
                if search.measured_scores:
                    with self._write_transaction():
                        search.save_measured_scores()
                return result
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        with self._write_transaction():
            update_index(connection, documents)
            search = CaseSearch(connection)
            result = ask(search)
            search.save_measured_scores()
            return result


class CaseIndex:
    """The index of the cases of a workspace, in the cache folder or in memory.

    The index is in the cache folder if `root` is given and the folder can be written. `digest_of` returns the digest of
    a document's text without reading the document. `was_searched` tells whether the index was searched: an answer then
    depends on the cases of the workspace.
    """

    def __init__(self, root: Path | None = None, digest_of: DigestOf | None = None) -> None:
        self.was_searched = False
        self.digest_of = digest_of
        self._root = root
        self._memory_connection: sqlite3.Connection | None = None

    def run(self, documents: Mapping[str, CaseDocument], ask: Callable[[CaseSearch], ResultT]) -> ResultT:
        """Call `ask` with a search in the cases of exactly these documents, and return the result of the call.

        `documents` is a mapping from paths to documents. Raises NoFullTextSearchError if SQLite has no full-text search.
        """
        self.was_searched = True
        if not has_full_text_search():
            raise NoFullTextSearchError
        if (stored_database := self._stored_database) is not None:
            try:
                return stored_database.run(documents, ask)
            except sqlite3.Error as error:
                logger().info("the cases are searched in memory: %s", error)
        if self._memory_connection is None:
            self._memory_connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for statement in _SCHEMA:
                self._memory_connection.execute(statement)
        if not is_index_current(self._memory_connection, documents):
            update_index(self._memory_connection, documents)
        search = CaseSearch(self._memory_connection)
        result = ask(search)
        search.save_measured_scores()
        return result

    @functools.cached_property
    def _stored_database(self) -> CaseDatabase | None:
        """The index in the cache folder; None if there is no folder that can be written."""
        if self._root is None:
            return None
        stored_database = open_database(CaseDatabase, self._root, f"cases {TABLES_VERSION}".encode())
        return stored_database if stored_database is not None and stored_database.writable else None


def has_full_text_search() -> bool:
    """Tell whether the SQLite of this Python has FTS5."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def is_index_current(connection: sqlite3.Connection, documents: Mapping[str, CaseDocument]) -> bool:
    """Tell whether the index has exactly these documents (by path), with the same plans and digests."""
    rows = connection.execute("SELECT path, plan, digest FROM documents").fetchall()
    return len(rows) == len(documents) and all(
        (document := documents.get(path)) is not None and (document.plan, document.digest) == (plan, digest)
        for path, plan, digest in rows
    )


def update_index(connection: sqlite3.Connection, documents: Mapping[str, CaseDocument]) -> None:
    """Update the index to contain exactly `documents`, a mapping from paths to documents.

    Cases whose kind, title and text are unchanged are not indexed again.
    """
    indexed_documents = {
        path: (plan, digest) for path, plan, digest in connection.execute("SELECT path, plan, digest FROM documents")
    }
    for path in indexed_documents.keys() - documents.keys():
        _replace_cases(connection, path, ())
        connection.execute("DELETE FROM documents WHERE path = ?", (path,))
    for path in sorted(documents):
        document = documents[path]
        plan, digest = indexed_documents.get(path, (None, None))
        if digest != document.digest:
            _replace_cases(connection, path, document.cases())
        if (plan, digest) != (document.plan, document.digest):
            connection.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (path, document.plan, document.digest)
            )


def _replace_cases(connection: sqlite3.Connection, path: str, cases: Iterable[Case]) -> None:
    """Replace the indexed cases of the document at `path` by `cases`. Unchanged cases are not indexed again."""
    ids_by_digest: dict[bytes, list[int]] = defaultdict(list)
    for case_id, digest in connection.execute("SELECT id, digest FROM cases WHERE path = ? ORDER BY id DESC", (path,)):
        ids_by_digest[digest].append(case_id)
    for case in cases:
        digest = _case_digest(case)
        if ids_by_digest[digest]:
            connection.execute(
                "UPDATE cases SET first = ?, last = ? WHERE id = ?", (case.start, case.end, ids_by_digest[digest].pop())
            )
            continue
        title, text = _storable_text(case.title), _storable_text(case.text)
        cursor = connection.execute(
            "INSERT INTO cases (path, digest, kind, title, text, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (path, digest, case.kind, title, text, case.start, case.end),
        )
        connection.execute(
            "INSERT INTO case_words (rowid, title, text) VALUES (?, ?, ?)", (cursor.lastrowid, title, text)
        )
    for case_id in (case_id for case_ids in ids_by_digest.values() for case_id in case_ids):
        connection.execute(
            "INSERT INTO case_words (case_words, rowid, title, text) "
            "SELECT 'delete', id, title, text FROM cases WHERE id = ?",
            (case_id,),
        )
        connection.execute("DELETE FROM cases WHERE id = ?", (case_id,))


def _storable_text(text: str) -> str:
    """Return a text without credentials, and without characters that SQLite cannot store."""
    return without_secrets(text).replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _case_digest(case: Case) -> bytes:
    """Return the digest of the kind, the title and the text of a case."""
    text = "\0".join((case.kind, case.title, case.text))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def content_words(text: str) -> Counter[str]:
    """Return a mapping from each word of a text, in lower case, to its number of occurrences. Omit common words."""
    return Counter(word for word in _WORD.findall(text.lower()) if word not in _COMMON_WORDS)


class CaseSearch:
    """A search in an index that has exactly the current documents.

    `measured_scores` is a mapping from a class of queries (see `_QUERY_SIZES`) to the minimum score of a similar case.
    The mapping contains only scores that are not stored yet.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._case_counts: dict[str, int] = {}
        self.measured_scores: dict[int, float] = {}

    @functools.cached_property
    def case_count(self) -> int:
        """The number of cases."""
        number: int = self._connection.execute("SELECT count(*) FROM cases").fetchone()[0]
        return number

    def similar_cases(self, text: str, excluded_paths: Collection[str] = (), limit: int = 3) -> list[SimilarCase]:
        """Return the cases that are similar to a text, the most similar first, at most one for each document.

        A similar case has a higher score than nearly all pairs of unrelated cases (see UNRELATED_TOP_SHARE). A text whose words
        mostly occur in no case has no similar case. If the text is a short question, a similar case must also contain
        the most important words of the question. At most `limit` cases are returned, and no case of a document at `excluded_paths`.
        """
        words = content_words(text)
        terms = self.terms(words, len(excluded_paths) > 0)
        if not terms or not self._are_mostly_in_cases(words):
            return []
        min_score = self.min_similar_score(len(terms))
        best_by_path: dict[str, SimilarCase] = {}
        for case_id, similar_case in self._scored_cases(terms):
            if similar_case.score < min_score or len(best_by_path) == limit:
                break
            if similar_case.path in excluded_paths or similar_case.path in best_by_path:
                continue
            if len(words) > MAX_QUERY_TERMS or self._has_most_weight(case_id, words):
                best_by_path[similar_case.path] = similar_case
        return list(best_by_path.values())

    def terms(self, words: Counter[str], is_of_a_case: bool = False) -> list[str]:
        """Return at most MAX_QUERY_TERMS words to search: words that are frequent in a text and rare in the cases.

        `words` is a mapping from each word of the text to its number of occurrences. If `is_of_a_case`, the text itself
        is an indexed case, so a word that only one case has is omitted.
        """
        min_case_count = 1 + is_of_a_case
        weights = {
            word: (1 + math.log(count)) * self._rarity(word)
            for word, count in words.most_common(MAX_WORDS_LOOKED_UP)
            if self._case_count_with(word) >= min_case_count
        }
        return sorted(weights, key=lambda word: (-weights[word], word))[:MAX_QUERY_TERMS]

    def min_similar_score(self, term_count: int) -> float:
        """Return the minimum score of a similar case: only UNRELATED_TOP_SHARE of the pairs of unrelated cases score higher.

        The score applies to queries in the class of `term_count` (see `_QUERY_SIZES`). Two cases are unrelated if they
        belong to different plans. If the workspace has only one plan, cases in different documents are unrelated.
        """
        size = next(size for size in _QUERY_SIZES if term_count <= size)
        rows = self._connection.execute(
            "SELECT score FROM least WHERE state = ? AND size = ?", (self._documents_digest, size)
        )
        if (stored_row := rows.fetchone()) is not None:
            return float(stored_row[0])
        if size not in self.measured_scores:
            self.measured_scores[size] = self._measure_min_score(size)
        return self.measured_scores[size]

    def save_measured_scores(self) -> None:
        """Store the measured minimum scores, and delete the scores that were measured with other documents."""
        self._connection.execute("DELETE FROM least WHERE state <> ?", (self._documents_digest,))
        rows = [(self._documents_digest, size, score) for size, score in self.measured_scores.items()]
        self._connection.executemany("INSERT OR REPLACE INTO least VALUES (?, ?, ?)", rows)

    @functools.cached_property
    def _documents_digest(self) -> bytes:
        """The digest of the current documents. The minimum scores are stored under this digest."""
        digest = hashlib.blake2b(digest_size=16)
        for path, plan, content in self._connection.execute("SELECT path, plan, digest FROM documents ORDER BY path"):
            digest.update(f"{path}\0{plan}\0".encode("utf-8", "surrogatepass") + content)
        return digest.digest()

    def _measure_min_score(self, size: int) -> float:
        """Return the minimum score of a similar case for queries of at most `size` terms, measured with a sample of
        cases.

        Return infinity for fewer than MIN_PAIRS pairs of unrelated cases.
        """
        plans = {row[0] for row in self._connection.execute("SELECT DISTINCT plan FROM documents")}
        sample_size = min(MAX_SAMPLE_CASES, max(8, MAX_PAIRS // max(1, self.case_count)))
        sample = self._connection.execute(
            "SELECT path, plan, title, text FROM cases JOIN documents USING (path) ORDER BY cases.digest LIMIT ?",
            (sample_size,),
        ).fetchall()
        scores = []
        for path, plan, title, text in sample:
            terms = self.terms(content_words(f"{title}\n{text}"), is_of_a_case=True)[:size]
            rows = self._scores_of_matches(terms) if terms else []
            scores += [
                score
                for other_path, other_plan, score in rows
                if (other_plan != plan if len(plans) > 1 else other_path != path)
            ]
        if len(scores) < MIN_PAIRS:
            return math.inf
        return sorted(scores)[math.ceil(len(scores) * (1 - UNRELATED_TOP_SHARE)) - 1]

    def _are_mostly_in_cases(self, words: Counter[str]) -> bool:
        """Tell whether MIN_SHARE_IN_CASES of the words occur in cases.

        If there are more than MAX_JUDGED_WORDS words, the result is always True.
        """
        known_count = sum(self._case_count_with(word) > 0 for word in list(words)[: MAX_JUDGED_WORDS + 1])
        return len(words) > MAX_JUDGED_WORDS or known_count >= MIN_SHARE_IN_CASES * len(words)

    def _has_most_weight(self, case_id: int, words: Iterable[str]) -> bool:
        """Tell whether the words of a question that a case contains have at least MIN_SHARE_IN_CASES of the total weight
        of all words of the question.

        A word that occurs in no case has the highest weight.
        """
        weights = {word: self._rarity(word) for word in words}
        matched_weight = sum(weight for word, weight in weights.items() if self._has_word(case_id, word))
        return matched_weight >= MIN_SHARE_IN_CASES * sum(weights.values())

    def _has_word(self, case_id: int, word: str) -> bool:
        """Tell whether the case with an id contains a word."""
        rows = self._connection.execute(
            "SELECT 1 FROM case_words WHERE case_words MATCH ? AND rowid = ?", (_fts_expression([word]), case_id)
        )
        return rows.fetchone() is not None

    def _rarity(self, word: str) -> float:
        """Return the weight of a word, which is higher if fewer cases have the word."""
        return math.log(1 + self.case_count / max(0.5, self._case_count_with(word)))

    def _case_count_with(self, word: str) -> int:
        """Return the number of cases that have a word."""
        if word not in self._case_counts:
            rows = self._connection.execute(
                "SELECT count(*) FROM case_words WHERE case_words MATCH ?", (_fts_expression([word]),)
            )
            self._case_counts[word] = rows.fetchone()[0]
        return self._case_counts[word]

    def _scores_of_matches(self, terms: Sequence[str]) -> list[tuple[str, str, float]]:
        """Return three values for each case with one of the terms: the path of its document, its plan and its score."""
        rows = self._connection.execute(
            "SELECT cases.path, documents.plan, bm25(case_words) FROM case_words JOIN cases ON cases.id = case_words.rowid "
            "JOIN documents ON documents.path = cases.path WHERE case_words MATCH ?",
            (_fts_expression(terms),),
        )
        return [(path, plan, -score) for path, plan, score in rows]

    def _scored_cases(self, terms: Sequence[str]) -> Iterator[tuple[int, SimilarCase]]:
        """Yield the id and the case of each case with one of the terms, the highest score first."""
        rows = self._connection.execute(
            "SELECT cases.id, cases.path, plan, kind, cases.title, cases.text, first, last, bm25(case_words) AS score FROM case_words "
            "JOIN cases ON cases.id = case_words.rowid JOIN documents ON documents.path = cases.path "
            "WHERE case_words MATCH ? ORDER BY score, cases.path, first",
            (_fts_expression(terms),),
        )
        for case_id, path, plan, kind, title, text, first, last, score in rows:
            yield case_id, SimilarCase(path, plan, Case(kind, title, text, first, last), -score)


def _fts_expression(terms: Iterable[str]) -> str:
    """Return an FTS5 expression that matches a case with at least one of `terms`.

    The terms consist of letters and digits only. The expression contains them in quotes.
    """
    return " OR ".join(f'"{term}"' for term in terms)
