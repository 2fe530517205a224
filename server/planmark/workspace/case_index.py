"""The full-text index of the cases of a workspace (causes, fixes and learnings): SQLite's FTS5, on disk or in memory.

An index only saves time: its answers depend on the current documents alone. The index contains masked texts, so that
the cache folder contains no credential.
"""

from __future__ import annotations

import functools
import hashlib
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from planmark.plans.case import Case
from planmark.storage.sqlite_file import Database, logger, open_database
from planmark.text.masking import without_secrets

TABLES_VERSION = 1
"""Version of the tables and of their content."""
MAX_TERMS = 16
"""Maximum number of words of a query that are searched: the words with the highest weights."""
MAX_WORDS = 400
"""Maximum number of different words of a text that are looked up, the most frequent first."""
MAX_SAMPLE = 32
"""Maximum number of cases whose scores against unrelated cases decide the least score."""
MAX_PAIRS = 20_000
"""Maximum number of pairs of unrelated cases that are compared."""
MIN_PAIRS = 40
"""Minimum number of scores between unrelated cases. With fewer scores, no score is known to be unusually high, and no
case counts as similar.
"""
TOP_SHARE = 0.05
"""Share of the scores between unrelated cases that a similar case must exceed."""
MIN_KNOWN = 0.5
"""Minimum share of the different words of a text that must occur in some case.

Also the minimum share of the total weight of a short question's words that a similar case must contain.
"""
MAX_JUDGED = 60
"""Maximum number of different words of a text to which MIN_KNOWN applies.

A text with more words is a log, which is full of names and numbers.
"""
_QUERY_SIZES = (2, 4, 8, MAX_TERMS)
"""The maximum number of terms of each class of queries. Scores are comparable only within a class."""
_WORD = re.compile(r"[^\W\d_][^\W_]{2,}")
_COMMON_WORDS = frozenset(
    [
        "all",
        "also",
        "and",
        "any",
        "are",
        "because",
        "been",
        "being",
        "but",
        "can",
        "could",
        "did",
        "does",
        "each",
        "for",
        "from",
        "had",
        "has",
        "have",
        "here",
        "how",
        "into",
        "its",
        "more",
        "most",
        "not",
        "now",
        "only",
        "other",
        "our",
        "out",
        "over",
        "should",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "too",
        "under",
        "until",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
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
_NO_SEARCH = "no such module: fts5"


class NoSearchError(Exception):
    """The SQLite of this Python has no full-text search."""

    def __init__(self) -> None:
        super().__init__(
            "the SQLite of this Python has no FTS5, which the search for similar work needs: use a Python whose SQLite has it"
        )


class CaseDocument(NamedTuple):
    """A document with cases: the path of its plan ("" without one), the digest of its text, and its cases on demand."""

    plan: str
    digest: bytes
    cases: Callable[[], Sequence[Case]]


class SimilarCase(NamedTuple):
    """A case that is similar to a text, with the path of its document and of its plan ("" without one).

    `score` is its BM25 score; a higher score is more similar.
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
        """Return the result of `ask` for exactly these documents. Other processes may use other documents.

        Raises sqlite3.Error if the file cannot be used.
        """
        connection = self._connect()
        connection.execute("BEGIN")
        try:
            if is_current(connection, documents):
                search = CaseSearch(connection)
                result = ask(search)
                connection.execute("COMMIT")
                if search.measured_scores:
                    with self._writing():
                        search.save_measured()
                return result
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        with self._writing():
            update(connection, documents)
            search = CaseSearch(connection)
            result = ask(search)
            search.save_measured()
            return result


class CaseSource:
    """The index of the cases of a workspace: in the cache folder if `root` is given and the folder can be written.

    Without a writable folder, the index is in memory. `digest_of` returns the digest of a document's text without
    reading the document. `was_searched` tells whether an answer depended on the cases of the workspace.
    """

    def __init__(self, root: Path | None = None, digest_of: DigestOf | None = None) -> None:
        self.was_searched = False
        self.digest_of = digest_of
        self._root = root
        self._memory_connection: sqlite3.Connection | None = None

    def run(self, documents: Mapping[str, CaseDocument], ask: Callable[[CaseSearch], ResultT]) -> ResultT:
        """Return the result of `ask` for exactly these documents. Raises NoSearchError."""
        self.was_searched = True
        if not has_full_text_search():
            raise NoSearchError
        if (stored_database := self._stored_database) is not None:
            try:
                return stored_database.run(documents, ask)
            except sqlite3.Error as error:
                logger().info("the cases are searched in memory: %s", error)
        if self._memory_connection is None:
            self._memory_connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for statement in _SCHEMA:
                self._memory_connection.execute(statement)
        if not is_current(self._memory_connection, documents):
            update(self._memory_connection, documents)
        search = CaseSearch(self._memory_connection)
        result = ask(search)
        search.save_measured()
        return result

    @functools.cached_property
    def _stored_database(self) -> CaseDatabase | None:
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


def is_current(connection: sqlite3.Connection, documents: Mapping[str, CaseDocument]) -> bool:
    """Tell whether the index has exactly these documents."""
    rows = connection.execute("SELECT path, plan, digest FROM documents").fetchall()
    return len(rows) == len(documents) and all(
        (document := documents.get(path)) is not None and (document.plan, document.digest) == (plan, digest)
        for path, plan, digest in rows
    )


def update(connection: sqlite3.Connection, documents: Mapping[str, CaseDocument]) -> None:
    """Make the index have exactly these documents. Only cases whose text changed are indexed again."""
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
        title, text = _storable(case.title), _storable(case.text)
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


def _storable(text: str) -> str:
    """Return a text without credentials, and without characters that SQLite cannot store."""
    return without_secrets(text).replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _case_digest(case: Case) -> bytes:
    text = "\0".join((case.kind, case.title, case.text))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def content_words(text: str) -> Counter[str]:
    """Return the words of a text without common words, in lower case, with their counts."""
    return Counter(word for word in _WORD.findall(text.lower()) if word not in _COMMON_WORDS)


class CaseSearch:
    """Questions to an index that has exactly the current documents."""

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

        A case is similar if its score is in the top 5 % of the scores between unrelated cases. The words of a text must
        mostly occur in cases, and a case must have the most important words of a short question. Cases of documents at
        `excluded_paths` are not returned.
        """
        words = content_words(text)
        terms = self.terms(words, len(excluded_paths) > 0)
        if not terms or not self._is_known(words):
            return []
        min_score = self.least_score(len(terms))
        best_by_path: dict[str, SimilarCase] = {}
        for case_id, similar_case in self._scored_cases(terms):
            if similar_case.score < min_score or len(best_by_path) == limit:
                break
            if similar_case.path in excluded_paths or similar_case.path in best_by_path:
                continue
            if len(words) > MAX_TERMS or self._answers(case_id, words):
                best_by_path[similar_case.path] = similar_case
        return list(best_by_path.values())

    def terms(self, words: Counter[str], is_of_a_case: bool = False) -> list[str]:
        """Return the words to search, at most MAX_TERMS: words that are frequent in the text and rare in the cases.

        With `is_of_a_case`, the text itself is a case, so a word that only one case has is omitted.
        """
        min_cases = 1 + is_of_a_case
        weights = {
            word: (1 + math.log(count)) * self._rarity(word)
            for word, count in words.most_common(MAX_WORDS)
            if self._cases_with(word) >= min_cases
        }
        return sorted(weights, key=lambda word: (-weights[word], word))[:MAX_TERMS]

    def least_score(self, term_count: int) -> float:
        """Return the score that only TOP_SHARE of unrelated cases exceed, for queries of the same class of size.

        Cases of different plans are unrelated; in a workspace with one plan, cases of different documents.
        """
        size = next(size for size in _QUERY_SIZES if term_count <= size)
        row = self._connection.execute(
            "SELECT score FROM least WHERE state = ? AND size = ?", (self._documents_digest, size)
        )
        if (stored_row := row.fetchone()) is not None:
            return float(stored_row[0])
        if size not in self.measured_scores:
            self.measured_scores[size] = self._measure(size)
        return self.measured_scores[size]

    def save_measured(self) -> None:
        """Store the measured least scores, and delete the scores of earlier states of the documents."""
        self._connection.execute("DELETE FROM least WHERE state <> ?", (self._documents_digest,))
        rows = [(self._documents_digest, size, score) for size, score in self.measured_scores.items()]
        self._connection.executemany("INSERT OR REPLACE INTO least VALUES (?, ?, ?)", rows)

    @functools.cached_property
    def _documents_digest(self) -> bytes:
        digest = hashlib.blake2b(digest_size=16)
        for path, plan, content in self._connection.execute("SELECT path, plan, digest FROM documents ORDER BY path"):
            digest.update(f"{path}\0{plan}\0".encode("utf-8", "surrogatepass") + content)
        return digest.digest()

    def _measure(self, size: int) -> float:
        plans = {row[0] for row in self._connection.execute("SELECT DISTINCT plan FROM documents")}
        sample_size = min(MAX_SAMPLE, max(8, MAX_PAIRS // max(1, self.case_count)))
        sample = self._connection.execute(
            "SELECT path, plan, title, text FROM cases JOIN documents USING (path) ORDER BY cases.digest LIMIT ?",
            (sample_size,),
        ).fetchall()
        scores = []
        for path, plan, title, text in sample:
            terms = self.terms(content_words(f"{title}\n{text}"), is_of_a_case=True)[:size]
            rows = self._scores(terms) if terms else []
            scores += [
                score
                for other_path, other_plan, score in rows
                if (other_plan != plan if len(plans) > 1 else other_path != path)
            ]
        if len(scores) < MIN_PAIRS:
            return math.inf
        return sorted(scores)[math.ceil(len(scores) * (1 - TOP_SHARE)) - 1]

    def _is_known(self, words: Counter[str]) -> bool:
        known_words = sum(self._cases_with(word) > 0 for word in list(words)[: MAX_JUDGED + 1])
        return len(words) > MAX_JUDGED or known_words >= MIN_KNOWN * len(words)

    def _answers(self, case_id: int, words: Iterable[str]) -> bool:
        """Tell whether a case has most of the words of a question, by their weight. A word that no case has weighs most."""
        weights = {word: self._rarity(word) for word in words}
        matched_weight = sum(weight for word, weight in weights.items() if self._has_word(case_id, word))
        return matched_weight >= MIN_KNOWN * sum(weights.values())

    def _has_word(self, case_id: int, word: str) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM case_words WHERE case_words MATCH ? AND rowid = ?", (_expression([word]), case_id)
        )
        return row.fetchone() is not None

    def _rarity(self, word: str) -> float:
        return math.log(1 + self.case_count / max(0.5, self._cases_with(word)))

    def _cases_with(self, word: str) -> int:
        if word not in self._case_counts:
            row = self._connection.execute(
                "SELECT count(*) FROM case_words WHERE case_words MATCH ?", (_expression([word]),)
            )
            self._case_counts[word] = row.fetchone()[0]
        return self._case_counts[word]

    def _scores(self, terms: Sequence[str]) -> list[tuple[str, str, float]]:
        rows = self._connection.execute(
            "SELECT cases.path, documents.plan, bm25(case_words) FROM case_words JOIN cases ON cases.id = case_words.rowid "
            "JOIN documents ON documents.path = cases.path WHERE case_words MATCH ?",
            (_expression(terms),),
        )
        return [(path, plan, -score) for path, plan, score in rows]

    def _scored_cases(self, terms: Sequence[str]) -> Iterator[tuple[int, SimilarCase]]:
        rows = self._connection.execute(
            "SELECT cases.id, cases.path, plan, kind, cases.title, cases.text, first, last, bm25(case_words) AS score FROM case_words "
            "JOIN cases ON cases.id = case_words.rowid JOIN documents ON documents.path = cases.path "
            "WHERE case_words MATCH ? ORDER BY score, cases.path, first",
            (_expression(terms),),
        )
        for case_id, path, plan, kind, title, text, first, last, score in rows:
            yield case_id, SimilarCase(path, plan, Case(kind, title, text, first, last), -score)


def _expression(terms: Iterable[str]) -> str:
    """Return the FTS5 expression for any of the words. Words have letters and digits only, and are quoted."""
    return " OR ".join(f'"{term}"' for term in terms)
