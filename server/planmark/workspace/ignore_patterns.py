"""Patterns of ignore files and settings, matched as git matches them (gitignore(5); dir.c and wildmatch.c of git 2.43).

A match takes at most (length of the name) × (length of the pattern) steps, for any number of stars. The matcher only
tries the leftmost match of each chunk (the text between two stars, which has a fixed length). It also tries only the
leftmost match of the segments between two `**`. Names and patterns are bytes, as in git: `?` is one byte.

Odd cases behave as in git. An unclosed class, an unknown `[:class:]` and a final backslash match nothing. `**` spans
folders only between slashes. The matcher first compares the literal text before the first wildcard.
"""

from __future__ import annotations

import functools
import os
import re
import string
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_WILDCARD = re.compile(rb"[*?\[\\]")
_SLASH = ord("/")
_ALL_BYTES = frozenset(range(256)) - {0, _SLASH}
"""The bytes that a name may contain."""
_BOM = b"\xef\xbb\xbf"
MAX_CACHED_BYTES = 16_384
"""Maximum bytes of an ignore file whose compiled patterns are cached for files with the same text."""


def _bytes_by_class() -> dict[bytes, frozenset[int]]:
    """Return a mapping from the name of a character class (`alpha` for `[:alpha:]`) to its ASCII bytes, as in git."""
    alpha, digit, punct = string.ascii_letters.encode(), string.digits.encode(), string.punctuation.encode()
    return {
        b"alnum": frozenset(alpha + digit),
        b"alpha": frozenset(alpha),
        b"blank": frozenset(b" \t"),
        b"cntrl": frozenset((*range(32), 127)),
        b"digit": frozenset(digit),
        b"graph": frozenset(alpha + digit + punct),
        b"lower": frozenset(string.ascii_lowercase.encode()),
        b"print": frozenset(alpha + digit + punct + b" "),
        b"punct": frozenset(punct),
        b"space": frozenset(b" \t\r\n"),
        b"upper": frozenset(string.ascii_uppercase.encode()),
        b"xdigit": frozenset(string.hexdigits.encode()),
    }


BYTES_BY_CLASS = _bytes_by_class()
STAR, DEEP, DEEP_BELOW = "*", "**/", "**"
"""STAR matches any part of a segment, DEEP any number of whole segments, and DEEP_BELOW at least one segment."""

Token = int | frozenset[int] | str
"""A byte, a set of bytes, STAR, DEEP or DEEP_BELOW."""
Chunk = bytes | re.Pattern[bytes]
"""Bytes, or a regular expression that matches a fixed number of bytes.

A comparison takes as many steps as the chunk has bytes.
"""


class SegmentGlob(NamedTuple):
    """The pattern of a segment, split at its stars into chunks.

    `chunks` has two values for each chunk: the chunk and its length in bytes. A segment without a star has one chunk.
    """

    chunks: tuple[tuple[Chunk, int], ...]


class PatternGroup(NamedTuple):
    """Consecutive segments of a pattern.

    `min_gap` is the minimum number of path segments between the previous group and this group.
    """

    segments: tuple[SegmentGlob, ...]
    min_gap: int


class IgnoreRule(NamedTuple):
    """A pattern of an ignore file or a setting, with its `text` and its 1-based `line`.

    A pattern that `is_negative` begins with `!`. A pattern that `is_folder_only` matches only folders.
    `matches_name` tells whether the pattern is compared with the last part of a path instead of the whole path.
    `literal_start` is the text before the first wildcard. `groups` is the pattern from the first wildcard on, None
    if there is no wildcard. `can_match` is False for a pattern that matches nothing.
    """

    line: int
    text: bytes
    is_negative: bool
    is_folder_only: bool
    matches_name: bool
    literal_start: bytes
    groups: tuple[PatternGroup, ...] | None
    can_match: bool


class Patterns(NamedTuple):
    """The patterns of one ignore file or setting, in tables for a fast search. The last matching pattern decides.

    `names` is a table of the patterns without wildcards that match a name. `paths` is a table of the patterns without
    wildcards that match a path. `endings` has a table for each length of `x`: the patterns `*x` by `x`. Each value of a
    table is a pair of positions in `rules`: of the last rule for files, and of the last rule for folders. -1 stands for
    no rule. `globs` are the positions of the rules that are in no table, the last rule first.
    """

    rules: tuple[IgnoreRule, ...]
    names: Mapping[bytes, tuple[int, int]]
    paths: Mapping[bytes, tuple[int, int]]
    endings: tuple[tuple[int, Mapping[bytes, tuple[int, int]]], ...]
    globs: tuple[int, ...]


_NO_MATCH = (-1, -1)
"""The positions of the last rules for files and for folders if no rule matches."""


def patterns_of_setting(lines: Iterable[str]) -> Patterns:
    """Return the patterns of a setting; each of `lines` is one pattern."""
    return _cached_setting_patterns(tuple(lines))


def patterns_of_ignore_file(data: bytes) -> Patterns:
    """Return the patterns of an ignore file with the content `data`. Any content is valid."""
    return _cached_file_patterns(data) if len(data) <= MAX_CACHED_BYTES else _compile_patterns(_split_lines(data))


@functools.lru_cache(maxsize=128)
def _cached_file_patterns(data: bytes) -> Patterns:
    return _compile_patterns(_split_lines(data))


@functools.lru_cache(maxsize=256)
def _cached_setting_patterns(lines: tuple[str, ...]) -> Patterns:
    return _compile_patterns([line.encode("utf-8", "surrogatepass") for line in lines])


def _split_lines(data: bytes) -> list[bytes]:
    """Return the lines of an ignore file without their line ends."""
    lines = data.removeprefix(_BOM).split(b"\n")
    # git adds a line end to the last line, and therefore also removes a carriage return there.
    return [line.removesuffix(b"\r") for line in lines]


def deciding_rule(patterns: Patterns, path: str, *, is_folder: bool) -> IgnoreRule | None:
    """Return the last pattern that matches a path (relative to the folder of the patterns); None if no pattern does."""
    if not patterns.rules:
        return None
    path_bytes = os.fsencode(path) if path.isascii() else path.encode("utf-8", "surrogateescape")
    name = path_bytes[path_bytes.rfind(b"/") + 1 :]
    best_number = max(
        patterns.names.get(name, _NO_MATCH)[is_folder], patterns.paths.get(path_bytes, _NO_MATCH)[is_folder]
    )
    for length, endings in patterns.endings:
        if length <= len(name):
            best_number = max(best_number, endings.get(name[len(name) - length :], _NO_MATCH)[is_folder])
    for number in patterns.globs:
        if number <= best_number:
            break
        rule = patterns.rules[number]
        if (is_folder or not rule.is_folder_only) and _matches_wildcards(
            rule, name if rule.matches_name else path_bytes
        ):
            return rule
    return patterns.rules[best_number] if best_number >= 0 else None


def matching_rule(patterns: Patterns, path: str) -> IgnoreRule | None:
    """Return the pattern that excludes the file at `path` or its outermost excluded folder; None if no pattern does."""
    if not patterns.rules:
        return None
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        rule = deciding_rule(patterns, "/".join(parts[:depth]), is_folder=depth < len(parts))
        if rule is not None and not rule.is_negative:
            return rule
    return None


def may_match_below(patterns: Patterns, folder: str) -> bool:
    """Tell whether a path below a folder may match a pattern without `!`. If this is unknown, the result is True."""
    folder_prefix = folder.encode("utf-8", "surrogateescape") + b"/"
    return any(
        not rule.is_negative
        and rule.can_match
        and (
            rule.matches_name
            or rule.literal_start.startswith(folder_prefix)
            or (rule.groups is not None and folder_prefix.startswith(rule.literal_start))
        )
        for rule in patterns.rules
    )


def never_matches(pattern: str) -> bool:
    """Tell whether a pattern of a setting cannot match any path, for example because a class is not closed."""
    return any(not rule.can_match for rule in patterns_of_setting((pattern,)).rules)


def _compile_patterns(lines: list[bytes]) -> Patterns:
    rules = [rule for number, line in enumerate(lines, 1) if (rule := parse_rule(line, number))]
    names: dict[bytes, tuple[int, int]] = {}
    paths: dict[bytes, tuple[int, int]] = {}
    endings: dict[int, dict[bytes, tuple[int, int]]] = {}
    globs: list[int] = []
    for number, rule in enumerate(rules):
        if not rule.can_match:
            continue
        if rule.groups is None:
            _add_position(names if rule.matches_name else paths, rule.literal_start, rule, number)
        elif rule.matches_name and (ending := _literal_ending(rule)) is not None:
            _add_position(endings.setdefault(len(ending), {}), ending, rule, number)
        else:
            globs.append(number)
    return Patterns(tuple(rules), names, paths, tuple(endings.items()), tuple(reversed(globs)))


def _add_position(table: dict[bytes, tuple[int, int]], text: bytes, rule: IgnoreRule, position: int) -> None:
    """Store the position of a rule in `table` for a text. A rule only for folders keeps the position for files."""
    table[text] = (table.get(text, _NO_MATCH)[0] if rule.is_folder_only else position, position)


def _literal_ending(rule: IgnoreRule) -> bytes | None:
    """Return the bytes after the star of a pattern such as `*.md`; None if the pattern has no such form."""
    text = rule.text[1:] if rule.is_negative else rule.text
    pattern_text = text[:-1] if rule.is_folder_only else text
    return pattern_text[1:] if pattern_text.startswith(b"*") and not _WILDCARD.search(pattern_text, 1) else None


def parse_rule(line: bytes, line_number: int) -> IgnoreRule | None:
    """Parse a line, and return its pattern; None if the line is empty or a comment. `line_number` is 1-based."""
    if not line or line.startswith(b"#"):
        return None
    text = _without_trailing_spaces(line.partition(b"\0")[0])
    is_negative = text.startswith(b"!")
    pattern_text = text[1:] if is_negative else text
    is_folder_only = pattern_text.endswith(b"/")
    pattern_text = pattern_text[:-1] if is_folder_only else pattern_text
    matches_name = b"/" not in pattern_text
    text_below_folder = pattern_text[1:] if pattern_text.startswith(b"/") else pattern_text
    match = _WILDCARD.search(text_below_folder)
    if match is None:
        has_text = bool(text_below_folder)
        return IgnoreRule(
            line_number, text, is_negative, is_folder_only, matches_name, text_below_folder, None, has_text
        )
    literal, rest = (
        (b"", text_below_folder)
        if matches_name
        else (text_below_folder[: match.start()], text_below_folder[match.start() :])
    )
    tokens = _tokenize(rest, allows_deep=not matches_name)
    groups = None if tokens is None else _split_into_groups(tokens)
    can_match = groups is not None
    return IgnoreRule(line_number, text, is_negative, is_folder_only, matches_name, literal, groups or (), can_match)


def _without_trailing_spaces(text: bytes) -> bytes:
    """Return `text` without trailing spaces. As in git, a space after a backslash stays.

    If the last character of the text is a backslash, all spaces stay.
    """
    end, index = 0, 0
    while index < len(text):
        if text[index : index + 1] == b"\\":
            if index + 1 == len(text):
                return text
            index += 1
            end = index + 1
        elif text[index : index + 1] != b" ":
            end = index + 1
        index += 1
    return text[:end]


def _tokenize(pattern: bytes, *, allows_deep: bool) -> list[Token] | None:
    """Return the tokens of a pattern; None if no name can match. If `allows_deep`, `**` can match several segments."""
    tokens: list[Token] = []
    index, end = 0, len(pattern)
    while index < end:
        letter = pattern[index : index + 1]
        if letter == b"\\":
            if index + 1 == end:
                return None
            tokens.append(pattern[index + 1])
            index += 2
        elif letter == b"?":
            tokens.append(_ALL_BYTES)
            index += 1
        elif letter == b"[":
            char_class = _parse_character_class(pattern, index + 1)
            if char_class is None:
                return None
            tokens.append(char_class[0])
            index = char_class[1]
        elif letter == b"*":
            begin = index
            while pattern[index : index + 1] == b"*":
                index += 1
            is_deep = allows_deep and index - begin > 1 and (begin == 0 or pattern[begin - 1 : begin] == b"/")
            if is_deep and pattern[index : index + 1] == b"/":
                tokens.append(DEEP)
                index += 1
            elif is_deep and (index == end or pattern.startswith(b"\\/", index)):
                tokens.append(DEEP_BELOW)
                index += 2
            else:
                tokens.append(STAR)
        else:
            tokens.append(pattern[index])
            index += 1
    return tokens


def _parse_character_class(pattern: bytes, index: int) -> tuple[frozenset[int], int] | None:
    """Return two values: the bytes that a character class matches, and the index after the class.

    Return None if the class is invalid.

    `index` is the index after the `[` of the class in `pattern`.
    """
    is_negated = pattern[index : index + 1] in (b"!", b"^")
    index += is_negated
    result: set[int] = set()
    range_start, is_first = 0, True
    while is_first or pattern[index : index + 1] != b"]":
        is_first = False
        letter = pattern[index : index + 1]
        if not letter:
            return None
        next_letter = pattern[index + 1 : index + 2]
        if letter == b"\\":
            if not next_letter:
                return None
            range_start = next_letter[0]
            result.add(range_start)
            index += 2
        elif letter == b"-" and range_start and next_letter and next_letter != b"]":
            index += 1
            if next_letter == b"\\":
                index += 1
                if index == len(pattern):
                    return None
            result.update(range(range_start, pattern[index] + 1))
            range_start = 0
            index += 1
        elif letter == b"[" and next_letter == b":" and (class_end := pattern.find(b"]", index + 2)) != index + 2:
            if class_end < 0:
                return None
            if pattern[class_end - 1 : class_end] == b":":
                class_characters = BYTES_BY_CLASS.get(pattern[index + 2 : class_end - 1])
                if class_characters is None:
                    return None
                result |= class_characters
                range_start = 0
                index = class_end + 1
            else:
                range_start = letter[0]
                result.add(range_start)
                index += 1
        else:
            range_start = letter[0]
            result.add(range_start)
            index += 1
    return (_ALL_BYTES - result if is_negated else frozenset(result) - {_SLASH}), index + 1


def _split_into_groups(tokens: list[Token]) -> tuple[PatternGroup, ...]:
    """Split the tokens of a pattern at DEEP and DEEP_BELOW, and return the groups of segments between them.

    If the last token is DEEP_BELOW, the last group has no segments: it matches any path.
    """
    groups: list[PatternGroup] = []
    segments: list[SegmentGlob] = []
    segment: list[Token] = []
    min_gap = 0
    for token in tokens:
        if token in (DEEP, DEEP_BELOW):
            groups.append(PatternGroup(tuple(segments), min_gap))
            segments, segment, min_gap = [], [], int(token == DEEP_BELOW)
        elif token == _SLASH:
            segments.append(_glob_of_segment(segment))
            segment = []
        else:
            segment.append(token)
    ends_open = bool(tokens) and tokens[-1] == DEEP_BELOW
    groups.append(PatternGroup(tuple(segments) if ends_open else (*segments, _glob_of_segment(segment)), min_gap))
    return tuple(groups)


def _glob_of_segment(segment: list[Token]) -> SegmentGlob:
    """Return the pattern of the segment with these tokens."""
    chunks: list[list[Token]] = [[]]
    for token in segment:
        if token != STAR:
            chunks[-1].append(token)
        elif chunks[-1] or len(chunks) == 1:
            chunks.append([])
    return SegmentGlob(tuple((_compile_chunk(chunk), len(chunk)) for chunk in chunks))


def _compile_chunk(tokens: list[Token]) -> Chunk:
    """Return bytes if each of the tokens is a byte, else a regular expression."""
    if all(isinstance(token, int) for token in tokens):
        return bytes(token for token in tokens if isinstance(token, int))
    parts = (re.escape(bytes([token])) if isinstance(token, int) else _byte_set_pattern(token) for token in tokens)
    return re.compile(b"".join(parts), re.DOTALL)


def _byte_set_pattern(token: Token) -> bytes:
    """Return a regular expression that matches one byte of `token`, a set of bytes.

    For an empty set nothing matches.
    """
    if token == _ALL_BYTES:
        return b"[^/]"
    assert isinstance(token, frozenset)
    return b"[" + b"".join(b"\\x%02x" % number for number in sorted(token)) + b"]" if token else b"(?!)."


def _matches_wildcards(rule: IgnoreRule, path: bytes) -> bool:
    """Tell whether the part of a rule with wildcards matches a name or a path."""
    if rule.groups is None:
        return False
    if rule.matches_name:
        return _segment_matches(rule.groups[0].segments[0].chunks, path)
    if not path.startswith(rule.literal_start):
        return False
    path_rest = path[len(rule.literal_start) :]
    first_group, *later_groups = rule.groups
    if not later_groups:
        return _segments_match_at(first_group.segments, path_rest.split(b"/"), 0) and path_rest.count(b"/") + 1 == len(
            first_group.segments
        )
    names = path_rest.split(b"/")
    if len(first_group.segments) > len(names) or not _segments_match_at(first_group.segments, names, 0):
        return False
    return _groups_match(later_groups, names, len(first_group.segments))


def _groups_match(groups: list[PatternGroup], names: list[bytes], begin: int) -> bool:
    """Tell whether the groups match all names from position `begin` on.

    `names` are the segments of the path. The last group must match at the end of the path. Each earlier group takes its
    first match after the previous group.
    """
    *earlier_groups, last_group = groups
    for group in earlier_groups:
        count = len(group.segments)
        begin += group.min_gap
        begin = next(
            (
                index
                for index in range(begin, len(names) - count + 1)
                if _segments_match_at(group.segments, names, index)
            ),
            -1,
        )
        if begin < 0:
            return False
        begin += count
    end = len(names) - len(last_group.segments)
    return end >= begin + last_group.min_gap and _segments_match_at(last_group.segments, names, end)


def _segments_match_at(segments: tuple[SegmentGlob, ...], names: list[bytes], index: int) -> bool:
    """Tell whether the segments match the names from position `index` on."""
    return len(names) - index >= len(segments) and all(
        _segment_matches(glob.chunks, names[index + number]) for number, glob in enumerate(segments)
    )


def _segment_matches(chunks: tuple[tuple[Chunk, int], ...], name: bytes) -> bool:
    """Tell whether the chunks occur in a name in this order: the first at its start, and the last at its end."""
    first_chunk, begin = chunks[0]
    if len(chunks) == 1:
        return len(name) == begin and _chunk_matches_at(first_chunk, name, 0)
    last_chunk, length = chunks[-1]
    end = len(name) - length
    if end < begin or not _chunk_matches_at(first_chunk, name, 0) or not _chunk_matches_at(last_chunk, name, end):
        return False
    for chunk, size in chunks[1:-1]:
        index = _find_chunk(chunk, name, begin, end)
        if index < 0:
            return False
        begin = index + size
    return True


def _chunk_matches_at(chunk: Chunk, name: bytes, index: int) -> bool:
    return name.startswith(chunk, index) if isinstance(chunk, bytes) else chunk.match(name, index) is not None


def _find_chunk(chunk: Chunk, name: bytes, begin: int, end: int) -> int:
    """Return the index of the first match of a chunk in `name` between `begin` and `end`; -1 if there is no match."""
    if isinstance(chunk, bytes):
        return name.find(chunk, begin, end)
    match = chunk.search(name, begin, end)
    return match.start() if match else -1
