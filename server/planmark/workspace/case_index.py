"""The full-text index of the cases of a workspace: SQLite's FTS5, in the cache folder or in memory.

An index only saves time: its answers depend on the documents alone, whatever the index held before. Masked texts are
indexed, so that the cache folder holds no credential.
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

FORMAT_VERSION = 1
"""Version of the tables and of their content."""
MAX_TERMS = 16
"""Maximum number of words of a query that are searched: those that say most."""
MAX_WORDS = 400
"""Maximum number of different words of a text that are looked up, the most frequent first."""
MAX_SAMPLE = 32
"""Maximum number of cases whose scores against unrelated cases decide the least score."""
MAX_PAIRS = 20_000
"""Maximum number of pairs of unrelated cases that are compared."""
MIN_PAIRS = 40
"""Minimum number of such pairs. With fewer, no score is known to be unusual, and nothing is similar."""
TOP_SHARE = 0.05
"""Share of the scores between unrelated cases that a similar case must exceed."""
MIN_KNOWN = 0.5
"""Minimum share of the different words of a text that some case has, and of the weight of a question that each case has."""
MAX_JUDGED = 60
"""Maximum number of different words of a text that must be known. A longer text is a log, full of names and numbers."""
_SIZES = (2, 4, 8, MAX_TERMS)
"""Maximum numbers of terms of queries whose scores are compared with each other."""
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
                if search.measured:
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

    `digest_of` returns the digest of a document's text without reading the document. `was_searched` tells whether an answer depended on the cases of the workspace.
    """

    def __init__(self, root: Path | None = None, digest_of: DigestOf | None = None) -> None:
        self.was_searched = False
        self.digest_of = digest_of
        self._root = root
        self._memory: sqlite3.Connection | None = None

    def run(self, documents: Mapping[str, CaseDocument], ask: Callable[[CaseSearch], ResultT]) -> ResultT:
        """Return the result of `ask` for exactly these documents. Raises NoSearchError."""
        self.was_searched = True
        if not has_full_text_search():
            raise NoSearchError
        if (stored := self._stored) is not None:
            try:
                return stored.run(documents, ask)
            except sqlite3.Error as error:
                logger().info("the cases are searched in memory: %s", error)
        if self._memory is None:
            self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for statement in _SCHEMA:
                self._memory.execute(statement)
        if not is_current(self._memory, documents):
            update(self._memory, documents)
        search = CaseSearch(self._memory)
        result = ask(search)
        search.save_measured()
        return result

    @functools.cached_property
    def _stored(self) -> CaseDatabase | None:
        if self._root is None:
            return None
        stored = open_database(CaseDatabase, self._root, f"cases {FORMAT_VERSION}".encode())
        return stored if stored is not None and stored.writable else None


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
    held = {
        path: (plan, digest) for path, plan, digest in connection.execute("SELECT path, plan, digest FROM documents")
    }
    for path in held.keys() - documents.keys():
        _replace_cases(connection, path, ())
        connection.execute("DELETE FROM documents WHERE path = ?", (path,))
    for path in sorted(documents):
        document = documents[path]
        plan, digest = held.get(path, (None, None))
        if digest != document.digest:
            _replace_cases(connection, path, document.cases())
        if (plan, digest) != (document.plan, document.digest):
            connection.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (path, document.plan, document.digest)
            )


def _replace_cases(connection: sqlite3.Connection, path: str, cases: Iterable[Case]) -> None:
    held: dict[bytes, list[int]] = defaultdict(list)
    for number, digest in connection.execute("SELECT id, digest FROM cases WHERE path = ? ORDER BY id DESC", (path,)):
        held[digest].append(number)
    for case in cases:
        digest = _case_digest(case)
        if held[digest]:
            connection.execute(
                "UPDATE cases SET first = ?, last = ? WHERE id = ?", (case.start, case.end, held[digest].pop())
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
    for number in (number for numbers in held.values() for number in numbers):
        connection.execute(
            "INSERT INTO case_words (case_words, rowid, title, text) "
            "SELECT 'delete', id, title, text FROM cases WHERE id = ?",
            (number,),
        )
        connection.execute("DELETE FROM cases WHERE id = ?", (number,))


def _storable(text: str) -> str:
    """Return a text without credentials, and without characters that SQLite cannot store."""
    return without_secrets(text).replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _case_digest(case: Case) -> bytes:
    text = "\0".join((case.kind, case.title, case.text))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def content_words(text: str) -> Counter[str]:
    """Return the words of a text that may say what it is about, in lower case, with their counts."""
    return Counter(word for word in _WORD.findall(text.lower()) if word not in _COMMON_WORDS)


class CaseSearch:
    """Questions to an index that has the documents of now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._frequency: dict[str, int] = {}
        self.measured: dict[int, float] = {}

    @functools.cached_property
    def count(self) -> int:
        """The number of cases."""
        number: int = self._connection.execute("SELECT count(*) FROM cases").fetchone()[0]
        return number

    def similar(self, text: str, without: Collection[str] = (), limit: int = 3) -> list[SimilarCase]:
        """Return the cases that are similar to a text, the most similar first, at most one of a document.

        A case is similar if its score is in the top 5 % of the scores between unrelated cases. The words of a text must
        be mostly known, and a case must have what most of a question is about. `without` are the paths of documents
        that do not count.
        """
        words = content_words(text)
        terms = self.terms(words, len(without) > 0)
        if not terms or not self._is_known(words):
            return []
        least = self.least_score(len(terms))
        best: dict[str, SimilarCase] = {}
        for number, similar in self._scored(terms):
            if similar.score < least or len(best) == limit:
                break
            if similar.path in without or similar.path in best:
                continue
            if len(words) > MAX_TERMS or self._answers(number, words):
                best[similar.path] = similar
        return list(best.values())

    def terms(self, words: Counter[str], is_of_a_case: bool = False) -> list[str]:
        """Return the words to search: those that are frequent in the text and rare in the cases, at most MAX_TERMS.

        With `is_of_a_case`, a word that only one case has is left out, because the text itself is a case.
        """
        least = 1 + is_of_a_case
        weights = {
            word: (1 + math.log(number)) * self._rarity(word)
            for word, number in words.most_common(MAX_WORDS)
            if self._cases_with(word) >= least
        }
        return sorted(weights, key=lambda word: (-weights[word], word))[:MAX_TERMS]

    def least_score(self, terms: int) -> float:
        """Return the score that only TOP_SHARE of unrelated cases exceed, for queries of about as many terms.

        Cases of different plans are unrelated; in a workspace with one plan, cases of different documents.
        """
        size = next(size for size in _SIZES if terms <= size)
        row = self._connection.execute("SELECT score FROM least WHERE state = ? AND size = ?", (self._state, size))
        if (held := row.fetchone()) is not None:
            return float(held[0])
        if size not in self.measured:
            self.measured[size] = self._measure(size)
        return self.measured[size]

    def save_measured(self) -> None:
        """Keep the measured least scores, and forget those of other documents."""
        self._connection.execute("DELETE FROM least WHERE state <> ?", (self._state,))
        rows = [(self._state, size, score) for size, score in self.measured.items()]
        self._connection.executemany("INSERT OR REPLACE INTO least VALUES (?, ?, ?)", rows)

    @functools.cached_property
    def _state(self) -> bytes:
        digest = hashlib.blake2b(digest_size=16)
        for path, plan, content in self._connection.execute("SELECT path, plan, digest FROM documents ORDER BY path"):
            digest.update(f"{path}\0{plan}\0".encode("utf-8", "surrogatepass") + content)
        return digest.digest()

    def _measure(self, size: int) -> float:
        plans = {row[0] for row in self._connection.execute("SELECT DISTINCT plan FROM documents")}
        number = min(MAX_SAMPLE, max(8, MAX_PAIRS // max(1, self.count)))
        sample = self._connection.execute(
            "SELECT path, plan, title, text FROM cases JOIN documents USING (path) ORDER BY cases.digest LIMIT ?",
            (number,),
        ).fetchall()
        scores = []
        for path, plan, title, text in sample:
            terms = self.terms(content_words(f"{title}\n{text}"), is_of_a_case=True)[:size]
            rows = self._scores(terms) if terms else []
            scores += [score for other, of, score in rows if (of != plan if len(plans) > 1 else other != path)]
        if len(scores) < MIN_PAIRS:
            return math.inf
        return sorted(scores)[math.ceil(len(scores) * (1 - TOP_SHARE)) - 1]

    def _is_known(self, words: Counter[str]) -> bool:
        known_words = sum(self._cases_with(word) > 0 for word in list(words)[: MAX_JUDGED + 1])
        return len(words) > MAX_JUDGED or known_words >= MIN_KNOWN * len(words)

    def _answers(self, number: int, words: Iterable[str]) -> bool:
        """Tell whether a case has most of the words of a question, by their weight. A word that no case has weighs most."""
        weights = {word: self._rarity(word) for word in words}
        matched = sum(weight for word, weight in weights.items() if self._has_word(number, word))
        return matched >= MIN_KNOWN * sum(weights.values())

    def _has_word(self, number: int, word: str) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM case_words WHERE case_words MATCH ? AND rowid = ?", (_expression([word]), number)
        )
        return row.fetchone() is not None

    def _rarity(self, word: str) -> float:
        return math.log(1 + self.count / max(0.5, self._cases_with(word)))

    def _cases_with(self, word: str) -> int:
        if word not in self._frequency:
            row = self._connection.execute(
                "SELECT count(*) FROM case_words WHERE case_words MATCH ?", (_expression([word]),)
            )
            self._frequency[word] = row.fetchone()[0]
        return self._frequency[word]

    def _scores(self, terms: Sequence[str]) -> list[tuple[str, str, float]]:
        rows = self._connection.execute(
            "SELECT cases.path, documents.plan, bm25(case_words) FROM case_words JOIN cases ON cases.id = case_words.rowid "
            "JOIN documents ON documents.path = cases.path WHERE case_words MATCH ?",
            (_expression(terms),),
        )
        return [(path, plan, -score) for path, plan, score in rows]

    def _scored(self, terms: Sequence[str]) -> Iterator[tuple[int, SimilarCase]]:
        rows = self._connection.execute(
            "SELECT cases.id, cases.path, plan, kind, cases.title, cases.text, first, last, bm25(case_words) AS score FROM case_words "
            "JOIN cases ON cases.id = case_words.rowid JOIN documents ON documents.path = cases.path "
            "WHERE case_words MATCH ? ORDER BY score, cases.path, first",
            (_expression(terms),),
        )
        for number, path, plan, kind, title, text, first, last, score in rows:
            yield number, SimilarCase(path, plan, Case(kind, title, text, first, last), -score)


def _expression(terms: Iterable[str]) -> str:
    """Return the FTS5 expression for any of the words. Words have letters and digits only, and are quoted."""
    return " OR ".join(f'"{term}"' for term in terms)
