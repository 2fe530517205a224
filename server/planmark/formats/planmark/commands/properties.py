"""The readers of document properties of the methodology, in the types of the core."""

from __future__ import annotations

from planmark.formats.planmark.documents.dates import parse_date
from planmark.formats.planmark.documents.properties import TYPE_WORDS, type_words_of
from planmark.formats.planmark.documents.vocabulary import status_of
from planmark.queries.document_properties import PropertyReaders

PROPERTIES = PropertyReaders(type_words_of, TYPE_WORDS, parse_date, status_of)
