"""A feature is named wherever its name stands alone."""

from __future__ import annotations

import re

import hypothesis.strategies as st
from hypothesis import given

from planmark.formats.planmark.documents.document_references import (
    plain_value,
    uppercase_words,
)


@given(st.text(alphabet="PAY-L8 x_.", max_size=14), st.from_regex(r"[PAYL8](?:[PAYL8-]{0,6}[PAYL8])?", fullmatch=True))
def test_a_feature_is_named_where_it_stands_as_a_name_of_its_own(text: str, feature: str) -> None:
    as_a_name = rf"(?<![A-Z0-9-]){re.escape(feature)}(?![A-Z0-9]|-[A-Z0-9])"
    assert (feature in uppercase_words(text)) == bool(re.search(as_a_name, plain_value(text)))
