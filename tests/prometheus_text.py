"""A strict reader of the text format of Prometheus (version 0.0.4), written from its specification for the tests.

It rejects errors that a lenient reader accepts: a sample before its TYPE, a family in two places, a label twice. It
also rejects a histogram whose buckets do not grow or whose last bucket is not its count; a negative counter; and a
missing last newline.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
_SAMPLE = re.compile(rf"(?P<name>{NAME})(?:\{{(?P<labels>.*)\}})? (?P<value>\S+)(?: (?P<at>-?\d+))?")
_PAIR = re.compile(rf'(?P<name>{LABEL})="(?P<value>(?:[^"\\\n]|\\["\\n])*)"(?P<end>,|$)')
_TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}

Labels = tuple[tuple[str, str], ...]


class Family(NamedTuple):
    """A metric: its type, its help text, and its samples by name and labels (sorted)."""

    kind: str
    means: str
    samples: dict[tuple[str, Labels], float]

    def value(self, name: str, **labels: str) -> float:
        """Return the value of one sample."""
        return self.samples[name, tuple(sorted(labels.items()))]


class FormatError(Exception):
    """The text does not follow the format; the message says where."""


def read_text(text: str) -> dict[str, Family]:
    """Return the families by name. Raises FormatError."""
    if text and not text.endswith("\n"):
        raise FormatError("the last line has no newline")
    families: dict[str, Family] = {}
    means: dict[str, str] = {}
    current = ""
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            if line.startswith("# HELP "):
                name, _, said = line[7:].partition(" ")
                if name in means or not re.fullmatch(NAME, name):
                    raise FormatError(f"a second or wrong HELP of {name}")
                means[name] = said
            elif line.startswith("# TYPE "):
                name, _, kind = line[7:].partition(" ")
                if name in families or kind not in _TYPES:
                    raise FormatError(f"a second or wrong TYPE of {name}")
                families[name] = Family(kind, means.get(name, ""), {})
                current = name
            elif line and not line.startswith("#"):
                _add(families, current, line)
        except FormatError as error:
            raise FormatError(f"line {number}: {error}: {line!r}") from None
    for name, family in families.items():
        if family.kind == "histogram":
            _check_histogram(name, family)
        if family.kind == "counter" and any(value < 0 or math.isnan(value) for value in family.samples.values()):
            raise FormatError(f"{name}: a counter below zero")
    return families


def _add(families: dict[str, Family], current: str, line: str) -> None:
    match = _SAMPLE.fullmatch(line)
    if match is None:
        raise FormatError("no sample")
    if current not in families:
        raise FormatError("a sample before its TYPE")
    family = families[current]
    if match["name"] not in [current + part for part in _PARTS.get(family.kind, ("",))]:
        raise FormatError(f"a sample of {match['name']} among those of {current}")
    key = (match["name"], _labels(match["labels"] or ""))
    if key in family.samples:
        raise FormatError("the same sample twice")
    family.samples[key] = _number(match["value"])


def _labels(text: str) -> Labels:
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None or match["name"] in found:
            raise FormatError("labels that cannot be read")
        found[match["name"]] = re.sub(r'\\["\\n]', lambda escape: _ESCAPES[escape[0]], match["value"])
        position = match.end()
    return tuple(sorted(found.items()))


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|Inf)|NaN", text):
        raise FormatError(f"no number: {text}")
    return float(text)


def _check_histogram(name: str, family: Family) -> None:
    series: dict[Labels, list[tuple[float, float]]] = {}
    for (sample, labels), value in family.samples.items():
        if sample == f"{name}_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            series.setdefault(rest, []).append((_number(dict(labels)["le"]), value))
    counted = {labels for sample, labels in family.samples if sample == f"{name}_count"}
    if counted != series.keys() or {labels for sample, labels in family.samples if sample == f"{name}_sum"} != counted:
        raise FormatError(f"{name}: buckets, sums and counts are of different series")
    for labels, buckets in series.items():
        bounds, values = [bound for bound, _ in buckets], [value for _, value in buckets]
        if bounds != sorted(set(bounds)) or values != sorted(values) or bounds[-1] != math.inf:
            raise FormatError(f"{name}{labels}: buckets that do not grow up to +Inf")
        if values[-1] != family.samples[f"{name}_count", labels]:
            raise FormatError(f"{name}{labels}: the last bucket is not the count")
