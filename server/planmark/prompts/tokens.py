"""How many tokens a text is: an estimate that needs no network, and the exact count as the extra `tokens`."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r"""(?P<lower>(?:[^\r\n\w]|_)?[a-z]+(?:'(?:s|t|re|ve|m|ll|d))?)
    |(?P<title>(?:[^\r\n\w]|_)?[A-Z]+[a-z]+(?:'(?:s|t|re|ve|m|ll|d))?)
    |(?P<upper>(?:[^\r\n\w]|_)?[A-Z]+)
    |(?P<letters>(?:[^\r\n\w]|_)?[^\W\d_]+)
    |(?P<digits>\d{1,3})
    |(?P<marks>\ ?[!-/:-@\[-`{-~]+[\r\n/]*)
    |(?P<blank>\s{0,200}[\r\n]+|[ \t]+)
    |(?P<run>(?P<character>[^\x00-\x7f])(?P=character)*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
"""The pieces into which the encoding o200k_base cuts a text before it looks for tokens, as far as `re` can say it."""

_TOKENS: dict[str, tuple[float, ...]] = {
    "lower": (1, 1, 1, 1.01, 1.01, 1.04, 1.07, 1.09, 1.15, 1.15, 1.16, 1.23, 1.24, 1.3, 1.3, 1.45),
    "title": (1, 1, 1, 1.01, 1.02, 1.1, 1.1, 1.12, 1.22, 1.26, 1.3, 1.3, 1.4, 1.4, 1.4, 1.7),
    "upper": (1, 1.02, 1.5, 1.5, 1.15, 1.75, 1.9, 2.25, 2.65, 2.45, 3.35, 3.6, 3.6, 4, 4, 5),
    "letters": (1, 1.4, 1.8, 2.2, 2.6, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 6.2, 6.6, 7),
    "digits": (1,),
    "marks": (1, 1.01, 1.32, 1.54, 1.56, 1.95, 1.95, 1.95, 2, 2.1, 2.1, 2.1, 2.2, 2.6, 2.6, 3.1),
    "blank": (1,),
    "run": (1.3, 1.75, 2, 2, 2.9, 2.7, 2.8, 2.8, 2.8, 3, 3, 3, 4, 4, 4, 7.3),
    "other": (1,),
}
"""Kind of piece → tokens in the mean by its length (1, 2, …; the last for all longer ones), as counted in Markdown
documents of software projects."""
_MARGIN = 1.03
"""Rather too many than too few: what does not fit costs more than what is left."""

ESTIMATE = "estimate"
EXACT = "o200k_base"


class NoExactCounterError(Exception):
    """The extra that counts exactly is not installed; the message says how to get it."""


def estimate(text: str) -> int:
    """About how many tokens a model reads in `text`."""
    total = 0.0
    for match in _PIECES.finditer(text):
        kind = "run" if match["run"] else match.lastgroup or "other"
        known = _TOKENS[kind]
        total += known[min(len(match[0]), len(known)) - 1]
    return round(total * _MARGIN)


def exact(text: str) -> int:
    """How many tokens of o200k_base `text` is. Raises NoExactCounterError."""
    try:
        import bpe_openai  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise NoExactCounterError('the exact counter is an extra: python -m pip install "planmark[tokens]"') from None
    return len(bpe_openai.get_encoding(EXACT).encode_ordinary(text))
