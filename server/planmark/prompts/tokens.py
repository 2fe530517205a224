"""The number of tokens of a text: an estimate, and the exact count, which needs the package extra `tokens`."""

from __future__ import annotations

import functools
import operator
import re

from planmark.text.lazy_pattern import lazy_pattern

_TEXT_PIECE = lazy_pattern(
    r"""(?:[^\r\n\w]|_)?(?:
        (?P<lower>[a-z]+(?:'(?:s|t|re|ve|m|ll|d))?)
        |(?P<upper>[A-Z]+)(?P<title>[a-z]+(?:'(?:s|t|re|ve|m|ll|d))?)?
        |(?P<letters>[^\W\d_]+)
    )
    |(?P<digits>[0-9]{1,3})
    |(?P<marks>\ ?[!-/:-@\[-`{-~]+[\r\n/]*)
    |(?P<blank>\s{0,200}[\r\n]+|[ \t]+)
    |(?P<run>(?P<character>[^\x00-\x7f])(?P=character)*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
"""The pattern of a piece of text. The encoding o200k_base divides a text into similar pieces before it encodes them.

The module `re` does not support the whole pattern of the encoding, so some pieces differ from those of the encoding.
"""

_MEAN_TOKENS_IN_HUNDREDTHS: dict[str, tuple[int, ...]] = {
    "lower": (100, 100, 100, 101, 101, 104, 107, 109, 115, 115, 116, 123, 124, 130, 130, 145),
    "title": (100, 100, 100, 101, 102, 110, 110, 112, 122, 126, 130, 130, 140, 140, 140, 170),
    "upper": (100, 102, 150, 150, 115, 175, 190, 225, 265, 245, 335, 360, 360, 400, 400, 500),
    "letters": (100, 140, 180, 220, 260, 300, 340, 380, 420, 460, 500, 540, 580, 620, 660, 700),
    "digits": (100,),
    "marks": (100, 101, 132, 154, 156, 195, 195, 195, 200, 210, 210, 210, 220, 260, 260, 310),
    "blank": (100,),
    "run": (130, 175, 200, 200, 290, 270, 280, 280, 280, 300, 300, 300, 400, 400, 400, 730),
    "other": (100,),
}
"""Mapping from a kind of piece to its mean number of tokens, in hundredths, by the length of the piece.

The first value is for pieces of one character, the second for two characters, and so on. The last value is for all
longer pieces. The values were counted in Markdown documents of software projects.
"""
_ESTIMATE_PERCENT = 103
"""The estimate in percent of the mean number of tokens.

The estimate is above the mean, because a prompt over its budget costs more than unused budget.
"""
MAX_CACHED_PIECES = 4096
"""Maximum number of pieces whose token counts are cached. The cache saves time, because most words of a text recur."""

ESTIMATING_COUNTER_NAME = "estimate"
EXACT_ENCODING = "o200k_base"
"""The encoding of the exact count. It is also the name of the exact counter."""


class NoExactCounterError(Exception):
    """The package extra for exact counts is not installed. The message has the command that installs it."""


def estimate_tokens(text: str) -> int:
    """Return an estimate of the number of tokens of `text`."""
    return round(
        sum(map(_token_hundredths, map(_whole_match, _TEXT_PIECE.finditer(text)))) * _ESTIMATE_PERCENT / 10_000
    )


_whole_match = operator.itemgetter(0)


@functools.lru_cache(maxsize=MAX_CACHED_PIECES)
def _token_hundredths(piece: str) -> int:
    """Return the mean number of tokens of a piece, in hundredths of a token."""
    match = _TEXT_PIECE.match(piece)
    hundredths = _MEAN_TOKENS_IN_HUNDREDTHS[(match and match.lastgroup) or "other"]
    return hundredths[min(len(piece), len(hundredths)) - 1]


def count_tokens_exactly(text: str) -> int:
    """Return the number of tokens of `text` in the encoding o200k_base.

    Raises NoExactCounterError if the package extra is not installed.
    """
    try:
        import bpe_openai  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise NoExactCounterError(
            'the exact token counter is not installed: python -m pip install "planmark[tokens]"'
        ) from None
    return len(bpe_openai.get_encoding(EXACT_ENCODING).encode_ordinary(text))
