"""Documents as bytes, for other processes and for the store: facts as MessagePack, typed by the kind of document."""

from __future__ import annotations

import msgspec

from planmark.formats.planmark.documents.document import Facts
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.misnamed import Misnamed, name_of
from planmark.formats.planmark.documents.note import Grammaplan, Note
from planmark.formats.planmark.documents.parallel_json import Parallel
from planmark.formats.planmark.documents.plan import Plan
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.markdown.parsed_source import Quote
from planmark.plans.document import Document, JsonIssue, Suppression

FACT_TYPES: dict[str, type[Facts]] = {
    "plan": Plan,
    "subplan": Subplan,
    "execution_task": ExecutionTask,
    "verdict": Verdict,
    "parallel": Parallel,
    "grammaplan": Grammaplan,
    "north_star": Note,
    "note": Note,
    "misnamed": Misnamed,
}
"""Mapping from the kind of a document to the type of the document's facts."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODERS = {
    kind: msgspec.msgpack.Decoder(
        tuple[facts, tuple[int, ...], tuple[JsonIssue, ...], tuple[Suppression, ...], tuple[Quote, ...]]  # type: ignore[valid-type]
    )
    for kind, facts in FACT_TYPES.items()
}


def pack(document: Document) -> bytes:
    """Return a document as bytes, without its path."""
    return _ENCODER.encode(
        (document.facts, document.starts, document.json_issues, document.suppressions, document.unfilled_quotes)
    )


def unpack(path: str, packed_bytes: bytes) -> Document:
    """Return the document at `path`. `packed_bytes` are the bytes that `pack` has returned for it.

    Raises ValueError if `path` is not the path of a document, or if `packed_bytes` are not the bytes of such a
    document.
    """
    name = name_of(path.rpartition("/")[2])
    if name is None:
        raise ValueError(f"{path} has no name of a document")
    return Document(path, name, *_DECODERS[name.kind].decode(packed_bytes))
