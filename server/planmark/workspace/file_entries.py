"""The result of reading one file, in this process or a worker, and its form as bytes for the pipe and the store."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from planmark.markdown.parsed_source import Source, parse_sections
from planmark.metrics.trace import profiled
from planmark.plans.document import Document, interned_words, is_markdown
from planmark.plans.document_format import document_format
from planmark.plans.format import FormatDocument
from planmark.plans.registry import format_and_role_of, format_named, shared_format_and_role_of
from planmark.plans.vocabulary import Vocabulary
from planmark.storage.timestamps import is_settled
from planmark.workspace.scan import Problem, Stamp, read_text
from planmark.workspace.settings import Settings

KINDS_IN_READ_ORDER: tuple[str, ...] = (*document_format().kinds, "format")
"""The kinds of documents that are parsed, in the order of reading: the kinds that decide states come first. Files of no
such kind are not parsed; the only search in them is for mentions.
"""

DocumentChecker = Callable[[Document, str, tuple[str, ...], Settings, Container[str]], bytes]
"""A function that checks a document.

Its arguments are the document, its text, the words mentioned in the document, the settings, and the names of all files
of the workspace. It returns the check results as bytes.
"""


class ReadOptions(NamedTuple):
    """The parameters of reading.

    `file_names` are the names of all listed files. `check_document` checks each document that is read, None for no
    check. `collects_mentions` tells whether to collect mentioned words.
    """

    root: Path
    settings: Settings
    vocabulary: Vocabulary
    file_names: Container[str]
    check_document: DocumentChecker | None
    collects_mentions: bool


class FileEntry(msgspec.Struct, frozen=True):
    """The last result of reading a file.

    `stamp` is `None` for an open document. `settled` is False if the file may have changed after the read without a new
    stamp. `document` is the document of the methodology, and `record` the document of another format. If both are set,
    other files in the folder decide which of the two counts (see `SharedNames`). `capitals` are words in the text of a
    verdict; each may be the feature of a plan. `named` are the paths of the deliverables that the file names.
    `packed_diagnostics` is the result of `DocumentChecker`, b"" if it did not run. `mentioned_words` are the words in
    the text that refer to ids and documents (see `names_mentioned_in`), None if these words were not collected.
    """

    stamp: Stamp | None
    settled: bool
    digest: bytes
    document: Document | None
    capitals: frozenset[str]
    problem: Problem | None
    named: tuple[str, ...]
    packed_diagnostics: bytes
    mentioned_words: tuple[str, ...] | None
    record: FormatDocument | None = None


_NO_WORDS: frozenset[str] = frozenset()
"""The value of `capitals` for a document without words."""
_ENCODER = msgspec.msgpack.Encoder()


class PackedEntry(msgspec.Struct, frozen=True, array_like=True):
    """A file entry in the form in which it is stored.

    `packed` is the packed document of the methodology, None if there is no such document. `record` are the packed facts
    of a document of another format.
    """

    settled: bool
    digest: bytes
    packed: bytes | None
    capitals: frozenset[str]
    problem: Problem | None
    packed_diagnostics: bytes
    mentioned_words: tuple[str, ...] | None
    record: bytes | None = None


_DECODER = msgspec.msgpack.Decoder(PackedEntry)


@functools.cache
def _facts_decoder(format_name: str) -> msgspec.msgpack.Decoder[Any]:
    """Return the decoder of the facts of a format's documents."""
    return msgspec.msgpack.Decoder(format_named(format_name).facts)


def kind_of(path: str) -> str | None:
    """Return the kind of the document at a path; None for other files.

    The kind is "format" if `path` belongs to a format other than the methodology.
    """
    if format_and_role_of(path):
        return "format"
    name = document_format().name_of(path.rpartition("/")[2])
    return name.kind if name else None


def read_from_disk(
    options: ReadOptions,
    path: str,
    stamp: Stamp,
    previous_entry: FileEntry | None = None,
    keep_text: Callable[[str, Stamp, str], None] | None = None,
) -> FileEntry:
    """Read a file from the disk. If the text has not changed since `previous_entry`, return that entry with the new
    stamp.

    A file of a kind that is not parsed is only searched for mentioned words. `keep_text` receives the path, the stamp
    and the text of a readable file.
    """
    has_settled_stamp = is_settled(stamp.changed_ns, time.time_ns())
    text, problem = read_text(options.root, path, options.settings)
    if text is not None and keep_text is not None:
        keep_text(path, stamp, text)
    kind = kind_of(path)
    if kind not in KINDS_IN_READ_ORDER or kind == "misnamed":
        problem = None
    if kind == "format":
        return _other_format_entry(stamp, has_settled_stamp, path, text, problem, previous_entry)
    if previous_entry is not None and previous_entry.digest == text_digest(text) and previous_entry.problem == problem:
        mentioned_words = (
            _mentions_of_text(options, path, text)
            if previous_entry.mentioned_words is None
            else previous_entry.mentioned_words
        )
        return replace(previous_entry, stamp=stamp, settled=has_settled_stamp, mentioned_words=mentioned_words)
    counted_text = "" if text is None and kind in document_format().counted_if_unreadable else text
    document = _parsed_document(options, path, counted_text) if counted_text is not None else None
    mentioned_words, packed_diagnostics = _mentions_of_text(options, path, text), b""
    if document is not None and text is not None and options.check_document is not None:
        packed_diagnostics = options.check_document(
            document, text, mentioned_words or (), options.settings, options.file_names
        )
    capitals, record = _possible_features(path, counted_text), _shared_record(path, text, document)
    return _file_entry(
        stamp,
        has_settled_stamp,
        text_digest(text),
        document,
        capitals,
        problem,
        packed_diagnostics,
        mentioned_words,
        record,
    )


def _other_format_entry(
    stamp: Stamp | None,
    is_settled: bool,
    path: str,
    text: str | None,
    problem: Problem | None,
    previous_entry: FileEntry | None,
) -> FileEntry:
    """Return the entry of a file of another format. If the text is unchanged, keep the objects of `previous_entry`.

    `is_settled` tells whether the stamp is settled (see `FileEntry`).
    """
    digest = text_digest(text)
    if (
        previous_entry is not None
        and previous_entry.digest == digest
        and previous_entry.problem == problem
        and previous_entry.mentioned_words is not None
    ):
        return replace(previous_entry, stamp=stamp, settled=is_settled)
    record = parse_format_document(path, text) if text is not None else None
    return _file_entry(stamp, is_settled, digest, None, _NO_WORDS, problem, b"", (), record)


@profiled("parse")
def parse_format_document(path: str, text: str) -> FormatDocument | None:
    """Parse the text of the file at `path` as a document of another format than the methodology.

    Return None if no other format reads the path.
    """
    format_and_role = format_and_role_of(path) or shared_format_and_role_of(path)
    if format_and_role is None:
        return None
    name, role = format_and_role
    return FormatDocument(path, name, role, format_named(name).parse(path, role, text))


def _shared_record(path: str, text: str | None, document: Document | None) -> FormatDocument | None:
    """Return the document of another format at `path`, if the file name is valid in that format and in the methodology;
    else None.

    `document` is the document that the methodology reads at the path. The result is None if `document` has an
    achievement. The result is also None if the content does not fit the other format.
    """
    if (
        text is None
        or document is None
        or shared_format_and_role_of(path) is None
        or document_format().has_items(document)
    ):
        return None
    record = parse_format_document(path, text)
    return record if record and format_named(record.format).counts(record) else None


@profiled("parse")
def read_from_overlay(
    options: ReadOptions, path: str, text: str, previous_entry: FileEntry | None, previous_source: Source
) -> tuple[FileEntry, Source]:
    """Return the entry of an open document with the editor's text, and the sections of that text.

    If the text is unchanged, return `previous_entry`. `previous_source` are the sections of the previous text; only new
    sections are parsed.
    """
    if kind_of(path) == "format":
        return _other_format_entry(None, True, path, text, None, previous_entry), ()
    digest = text_digest(text)
    source = parse_sections(text, previous_source) if is_markdown(path) else ()
    if previous_entry is not None and previous_entry.digest == digest and previous_entry.problem is None:
        return replace(previous_entry, stamp=None), source
    if kind_of(path) not in KINDS_IN_READ_ORDER:
        document = None
    elif is_markdown(path):
        document = document_format().parse_source(path, source, options.vocabulary)
    else:
        document = document_format().parse(path, text, options.vocabulary)
    mentioned_words = document_format().mentions(text, source) if options.collects_mentions else None
    record = _shared_record(path, text, document)
    return _file_entry(
        None, True, digest, document, _possible_features(path, text), None, b"", mentioned_words, record
    ), source


@profiled("parse")
def _parsed_document(options: ReadOptions, path: str, text: str) -> Document | None:
    """Return the parsed document of the methodology; None for a kind that is not parsed."""
    return document_format().parse(path, text, options.vocabulary) if kind_of(path) in KINDS_IN_READ_ORDER else None


@profiled("mentions")
def _mentions_of_text(options: ReadOptions, path: str, text: str | None) -> tuple[str, ...] | None:
    """Return the words in a text that refer to ids and documents. Return None if `options` collect no such words."""
    if not options.collects_mentions:
        return None
    has_sections = kind_of(path) in KINDS_IN_READ_ORDER and is_markdown(path)
    return document_format().mentions(text, parse_sections(text) if has_sections else ()) if text else ()


def _file_entry(
    stamp: Stamp | None,
    is_settled: bool,
    digest: bytes,
    document: Document | None,
    capitals: frozenset[str],
    problem: Problem | None,
    packed_diagnostics: bytes,
    mentioned_words: tuple[str, ...] | None,
    record: FormatDocument | None = None,
) -> FileEntry:
    """Return an entry with these values. The paths of its deliverables come from `document` and `record`."""
    deliverable_paths = document_format().places(document) if document else ()
    if record is not None:
        deliverable_paths = tuple(dict.fromkeys((*deliverable_paths, *format_named(record.format).places(record))))
    shared_capitals = frozenset(interned_words(capitals)) if capitals else _NO_WORDS
    return FileEntry(
        stamp,
        is_settled,
        digest,
        document,
        shared_capitals,
        problem,
        deliverable_paths,
        packed_diagnostics,
        mentioned_words,
        record,
    )


def pack_entry(entry: FileEntry) -> bytes:
    """Return an entry as bytes.

    Return b"" if a text is not valid Unicode. The next process then reads the file again.
    """
    try:
        packed_bytes = document_format().pack(entry.document) if entry.document else None
        packed_entry = PackedEntry(
            *(entry.settled, entry.digest, packed_bytes, entry.capitals, entry.problem),
            *(
                entry.packed_diagnostics,
                entry.mentioned_words,
                _ENCODER.encode(entry.record.facts) if entry.record else None,
            ),
        )
        return _ENCODER.encode(packed_entry)
    except UnicodeEncodeError:
        return b""


def unpack_entry(path: str, stamp: Stamp, packed_bytes: bytes) -> FileEntry:
    """Return an entry from bytes. Raises ValueError for invalid bytes."""
    packed_entry = _DECODER.decode(packed_bytes)
    document = document_format().unpack(path, packed_entry.packed) if packed_entry.packed is not None else None
    mentioned_words = interned_words(packed_entry.mentioned_words) if packed_entry.mentioned_words is not None else None
    return _file_entry(
        *(
            stamp,
            packed_entry.settled,
            packed_entry.digest,
            document,
            packed_entry.capitals,
            packed_entry.problem,
            packed_entry.packed_diagnostics,
            mentioned_words,
        ),
        _unpack_record(path, packed_entry.record),
    )


def _unpack_record(path: str, packed_bytes: bytes | None) -> FormatDocument | None:
    """Return the document of another format from its packed facts. Return None if `packed_bytes` is None.

    Raises ValueError if no format reads the path, or if the bytes are invalid.
    """
    if packed_bytes is None:
        return None
    format_and_role = format_and_role_of(path) or shared_format_and_role_of(path)
    if format_and_role is None:
        raise ValueError(f"{path} belongs to no format")
    return FormatDocument(path, *format_and_role, _facts_decoder(format_and_role[0]).decode(packed_bytes))


def _possible_features(path: str, text: str | None) -> frozenset[str]:
    """Return the words in the text of a verdict that may be features. Return no words for any other document."""
    return document_format().plan_words(kind_of(path) or "", text) if text else _NO_WORDS


def text_digest(text: str | None) -> bytes:
    """Return the digest of a text; b"" for None."""
    return b"" if text is None else hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
