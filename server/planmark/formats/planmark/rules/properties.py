"""The rule for declared properties that contradict the file name."""

from __future__ import annotations

from collections.abc import Iterator

from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.diagnostics.rules import Topic
from planmark.formats.planmark.documents.file_names import parse_name
from planmark.formats.planmark.documents.ids import id_named_in, ids_meant_by_number
from planmark.formats.planmark.documents.properties import KIND_WORDS, type_words_of
from planmark.markdown.declared_fields import declarations_in, front_matter_of
from planmark.plans.diagnostic import Diagnostic, DiagnosticCode
from planmark.text.lazy_pattern import lazy_pattern

PROPERTY_CONTRADICTS = DiagnosticCode(
    "property-contradicts", "hint", "a declared type, plan or achievement that contradicts the file name"
)

_SEPARATORS = lazy_pattern(r"[\s_-]+")
_TYPE_FIELDS = ("type", "document type")
"""Names of the fields that state the type of a document."""
_TYPES_DECIDED_BY_NAME = frozenset(word for kind, words in KIND_WORDS.items() if kind != "note" for word in words)
"""Types that a document can have only by its file name. A note may state any other type."""


def contradicting_properties(document_input: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each declared property that contradicts the file name.

    The type is read in the header and in the front matter. The plan and the achievement are read only in the front
    matter, because `feature-mismatch` and `number-mismatch` check the header.
    """
    document, text = document_input.document, document_input.text
    declared_fields = [
        ("type", field) for field in declarations_in(text).fields if field.name.casefold() in _TYPE_FIELDS
    ]
    front_matter_fields = ((field.name.casefold(), field) for field in front_matter_of(text))
    declared_fields += [(name, field) for name, field in front_matter_fields if name in ("plan", "achievement")]
    for name, field in declared_fields:
        find_problem = _PROBLEM_FUNCTIONS.get(name)
        if find_problem and (problem := find_problem(document_input, field.value)):
            message = f"{problem}, and the file name counts: correct the property, or rename the file"
            yield PROPERTY_CONTRADICTS.at(document.path, field.line, message, target_text=field.value)


def _type_problem(document_input: DocumentInput, value: str) -> str:
    """Return a message if the declared type `value` contradicts the file name; else ""."""
    types = type_words_of(document_input.document.name)
    word = _SEPARATORS.sub("_", value.partition("(")[0].strip(" *_`").casefold())
    if word not in _TYPES_DECIDED_BY_NAME or word in types:
        return ""
    return f"the type says {word.replace('_', ' ')}, but the file name is that of a {types[0].replace('_', ' ')}"


def _plan_problem(document_input: DocumentInput, value: str) -> str:
    """Return a message if the declared plan `value` contradicts the file name; else ""."""
    name_text = value.strip("@` ").rpartition("/")[2]
    name = parse_name(name_text if name_text.endswith(".md") else f"{name_text}.md")
    feature = name.feature if name and name.feature else name_text.removesuffix(".md")
    feature_of_file = document_input.document.name.feature
    if not (feature and feature_of_file) or feature.casefold() == feature_of_file.casefold():
        return ""
    return f"the plan is {feature} by the front matter, but {feature_of_file} by the file name"


def _achievement_problem(document_input: DocumentInput, value: str) -> str:
    """Return a message if the declared achievement `value` contradicts the file name; else ""."""
    declared_id, number = id_named_in(value), document_input.document.name.number
    if declared_id is None or not number or ids_meant_by_number(number, (declared_id,)):
        return ""
    return f"the achievement is {declared_id} by the front matter, but the file name has the number {number}"


_PROBLEM_FUNCTIONS = {"type": _type_problem, "plan": _plan_problem, "achievement": _achievement_problem}
"""Property → the function that says how a value contradicts the file name, or returns "" if it does not."""


TOPIC = Topic(codes=(PROPERTY_CONTRADICTS,), document=(contradicting_properties,))
