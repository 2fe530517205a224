"""The documents of the methodology as a `DocumentFormat`, through which the core reads them."""

from __future__ import annotations

from planmark.formats.planmark.documents.deliverable_paths import possible_paths
from planmark.formats.planmark.documents.document import parse, parse_source
from planmark.formats.planmark.documents.document_references import uppercase_words
from planmark.formats.planmark.documents.file_names import in_method_folder, parse_name
from planmark.formats.planmark.documents.mentioned_words import names_mentioned_in
from planmark.formats.planmark.documents.misnamed import Misnamed, looks_like_plan, name_of
from planmark.formats.planmark.documents.placeholders import unfilled_lines
from planmark.formats.planmark.documents.plan import Plan
from planmark.formats.planmark.documents.serialization import pack, unpack
from planmark.plans.document import Document
from planmark.plans.document_format import DocumentFormat

DOCUMENT_KINDS = ("plan", "verdict", "parallel", "subplan", "execution_task", "misnamed", "grammaplan", "north_star")
KINDS_COUNTED_IF_UNREADABLE = frozenset({"verdict", "misnamed", "parallel"})
"""Kinds of documents that count even if they are unreadable.

An unreadable verdict or misnamed file counts because of its name. An unreadable parallel.json counts because it is then
unknown which work has to wait.
"""
WORK_KINDS = frozenset({"subplan", "execution_task"})
_NO_WORDS: frozenset[str] = frozenset()


def is_verdict(file_name: str) -> bool:
    """Tell whether a file with this name is a reviewer's decision: an APPROVED or a FIX, not a RESOLUTION."""
    name = parse_name(file_name)
    return name is not None and name.verdict in ("approved", "fix")


def marks_workspace(file_name: str) -> bool:
    """Tell whether a file with this name makes its folder a workspace.

    A misnamed verdict does not make its folder a workspace, because a word like `fix` may begin any file name.
    """
    name = name_of(file_name)
    return name is not None and name.meant_kind != "verdict"


def plan_words(kind: str, text: str) -> frozenset[str]:
    """Return the words of a verdict that may be features. For a document of any other kind, return an empty set."""
    return uppercase_words(text) if kind == "verdict" else _NO_WORDS


def has_items(document: Document) -> bool:
    """Tell whether a PLAN, or a file that is meant as a PLAN, defines an achievement."""
    facts = document.facts
    return bool((isinstance(facts, Plan) and facts.achievements) or (isinstance(facts, Misnamed) and facts.ids))


METHODOLOGY_DOCUMENTS = DocumentFormat(
    kinds=DOCUMENT_KINDS,
    counted_if_unreadable=KINDS_COUNTED_IF_UNREADABLE,
    work_kinds=WORK_KINDS,
    name_of=name_of,
    parse_name=parse_name,
    is_verdict=is_verdict,
    marks_workspace=marks_workspace,
    is_in_manual=in_method_folder,
    parse=parse,
    parse_source=parse_source,
    pack=pack,
    unpack=unpack,
    mentions=names_mentioned_in,
    plan_words=plan_words,
    places=possible_paths,
    has_items=has_items,
    may_be_plan=looks_like_plan,
    unfilled_quotes=unfilled_lines,
)
"""The document format of the methodology, which the core calls."""
