"""What is known of a file once it was read, here or in a worker process; as bytes it goes between processes and to the store."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Container
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from planmark.documents.document import Document, parse, parse_source
from planmark.documents.mentioned import mentioned_in, shared_words
from planmark.documents.misnamed import is_markdown, name_of
from planmark.documents.names import Kind
from planmark.documents.packed import pack, unpack
from planmark.documents.references import capitals
from planmark.documents.source import Source, source_of
from planmark.documents.vocabulary import Vocabulary
from planmark.metrics.trace import profiled
from planmark.workspace.files import Problem, Stamp, read_text
from planmark.workspace.presence import places
from planmark.workspace.settings import Settings
from planmark.workspace.ticks import is_settled

READ_ORDER: tuple[Kind, ...] = (
    *("plan", "verdict", "parallel", "subplan", "execution_task", "misnamed", "grammaplan", "north_star"),
)
"""The kinds that are read, in this order: those that states are decided from first. Of others it is known at most what
they mention."""

Examine = Callable[[Document, str, tuple[str, ...], Settings, Container[str]], bytes]
"""What else is found in a document with its text and what that mentions, where the files of the workspace have these names;
as bytes."""


class Terms(NamedTuple):
    """By what files are read: `names` are those of all listed files; `mentions` says whether to look for what is named."""

    root: Path
    settings: Settings
    vocabulary: Vocabulary
    names: Container[str]
    examine: Examine | None
    mentions: bool


class Entry(msgspec.Struct, frozen=True):
    """A file as it was read last.

    `stamp` is None where an editor holds the text; `settled` is False where the file may have changed since without
    another stamp. `capitals` are the words of a verdict that a feature may be called by, `named` the places of what a
    document delivers; `examined` is what `Examine` has found, b"" where it was not asked; `mentioned` are the words that
    the text names things by (see `mentioned_in`), None where nobody has looked.
    """

    stamp: Stamp | None
    settled: bool
    digest: bytes
    document: Document | None
    capitals: frozenset[str]
    problem: Problem | None
    named: tuple[str, ...]
    examined: bytes
    mentioned: tuple[str, ...] | None


_NO_WORDS: frozenset[str] = frozenset()
_ENCODER = msgspec.msgpack.Encoder()


class Read(msgspec.Struct, frozen=True, array_like=True):
    """An entry as bytes; `packed` is None where there is no document."""

    settled: bool
    digest: bytes
    packed: bytes | None
    capitals: frozenset[str]
    problem: Problem | None
    examined: bytes
    mentioned: tuple[str, ...] | None


_DECODER = msgspec.msgpack.Decoder(Read)


def kind_of(path: str) -> Kind | None:
    """What the name of a file says it is; None where the methodology does not know it, and it is not meant as a document."""
    name = name_of(path.rpartition("/")[2])
    return name.kind if name else None


def read_entry(terms: Terms, path: str, stamp: Stamp, known: Entry | None = None) -> Entry:
    """A file of the disk; where its text is what is `known` of it, that with its new stamp.

    Of a kind that is not read, only what it mentions.
    """
    settled = is_settled(stamp.changed_ns, time.time_ns())
    text, problem = read_text(terms.root, path, terms.settings)
    kind = kind_of(path)
    if kind not in READ_ORDER or kind == "misnamed":
        problem = None
    if known is not None and known.digest == _digest(text) and known.problem == problem:
        mentioned = _mentioned(terms, path, text) if known.mentioned is None else known.mentioned
        return replace(known, stamp=stamp, settled=settled, mentioned=mentioned)
    # An unreadable verdict still decides, and an unreadable misnamed file is still named: it is the name that counts. While
    # nobody can read a parallel file, nobody knows what has to wait.
    counting = "" if text is None and kind in ("verdict", "misnamed", "parallel") else text
    document = _parsed(terms, path, counting) if counting is not None else None
    mentioned, examined = _mentioned(terms, path, text), b""
    if document is not None and text is not None and terms.examine is not None:
        examined = terms.examine(document, text, mentioned or (), terms.settings, terms.names)
    return _entry(stamp, settled, _digest(text), document, _capitals(path, counting), problem, examined, mentioned)


@profiled("parse")
def held_entry(terms: Terms, path: str, text: str, known: Entry | None, before: Source) -> tuple[Entry, Source]:
    """A file with the text that an editor holds of it, and the sections of that; where it is what is `known`, that.

    `before` are the sections of the text that it held before: only what is new is parsed.
    """
    digest = _digest(text)
    source = source_of(text, before) if is_markdown(path) else ()
    if known is not None and known.digest == digest and known.problem is None:
        return replace(known, stamp=None), source
    if kind_of(path) not in READ_ORDER:
        document = None
    elif is_markdown(path):
        document = parse_source(path, source, terms.vocabulary)
    else:
        document = parse(path, text, terms.vocabulary)
    mentioned = mentioned_in(text, source) if terms.mentions else None
    return _entry(None, True, digest, document, _capitals(path, text), None, b"", mentioned), source


@profiled("parse")
def _parsed(terms: Terms, path: str, text: str) -> Document | None:
    return parse(path, text, terms.vocabulary) if kind_of(path) in READ_ORDER else None


@profiled("mentions")
def _mentioned(terms: Terms, path: str, text: str | None) -> tuple[str, ...] | None:
    if not terms.mentions:
        return None
    is_cut = kind_of(path) in READ_ORDER and is_markdown(path)
    return mentioned_in(text, source_of(text) if is_cut else ()) if text else ()


def _entry(
    stamp: Stamp | None,
    settled: bool,
    digest: bytes,
    document: Document | None,
    words: frozenset[str],
    problem: Problem | None,
    examined: bytes,
    mentioned: tuple[str, ...] | None,
) -> Entry:
    delivered = places(document) if document else ()
    capitals_shared = frozenset(shared_words(words)) if words else _NO_WORDS
    return Entry(stamp, settled, digest, document, capitals_shared, problem, delivered, examined, mentioned)


def packed_entry(entry: Entry) -> bytes:
    """An entry as bytes; b"" where it holds what is no text, as a lone surrogate of JSON: it has to be read again."""
    try:
        packed = pack(entry.document) if entry.document else None
        known = Read(
            *(entry.settled, entry.digest, packed, entry.capitals, entry.problem), entry.examined, entry.mentioned
        )
        return _ENCODER.encode(known)
    except UnicodeEncodeError:
        return b""


def unpacked_entry(path: str, stamp: Stamp, packed: bytes) -> Entry:
    """An entry from bytes. Raises ValueError where they are none."""
    read = _DECODER.decode(packed)
    document = unpack(path, read.packed) if read.packed is not None else None
    mentioned = shared_words(read.mentioned) if read.mentioned is not None else None
    return _entry(stamp, read.settled, read.digest, document, read.capitals, read.problem, read.examined, mentioned)


def _capitals(path: str, text: str | None) -> frozenset[str]:
    return capitals(text) if text and kind_of(path) == "verdict" else _NO_WORDS


def _digest(text: str | None) -> bytes:
    return b"" if text is None else hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
