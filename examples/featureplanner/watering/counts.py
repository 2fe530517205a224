"""How often each plant got water."""

from collections import Counter
from collections.abc import Iterable


def counts(watered: Iterable[str]) -> Counter[str]:
    """Return for each plant how often it was watered."""
    return Counter(watered)
