"""Detection of words that say that a task is deferred, skipped or cancelled.

Such words are mostly the subject of a task ("cancel the repair", "handle cancelled orders"). They say that a task is
deferred only in a remark: after a bracket, a dash or a colon, or at the start of the title, and not before a noun. A
word in upper case always says that the task is deferred. A title that is struck through also says this. In a list in
brackets, "deferred" and similar words say this, but "skipped" and "cancelled" do not: both are common names of a
status.
"""

from __future__ import annotations

import re

from planmark.text.lazy_pattern import lazy_pattern

_DEFERRED_WORDS = (
    r"(?:deferred|postponed|descoped|won['’]?t ?(?:do|fix)|out of scope|отлож[её]н[оаы]?|aplazad[oa]s?|pospuest[oa]s?|"
    r"diferid[oa]s?|postergad[oa]s?|adiad[oa]s?|verschoben|zurückgestellt|aufgeschoben|reportée?s?|différée?s?|"
    r"rimandat[oaie]|rinviat[oaie]|مؤجلة?)"
)
_DROPPED_WORDS = (
    r"(?:skip|skipped|cancell?ed|dropped|omitted|superseded|отмен[её]н[оаы]?|пропущен[оаы]?|cancelad[oa]s?|omitid[oa]s?|"
    r"annulée?s?|übersprungen|gestrichen|entfällt|annullat[oaie]|n/a)"
)
_EAST_ASIAN_DEFERRED_WORDS = (
    r"(?:已?(?:延期|延后|延後|推迟|推遲|暂缓|暫緩)|后续再做|暂不(?:实现|处理|做)|不做|見送り|後回し|先送り|"
    r"보류(?:됨|중)?|연기(?:됨)?|保留中|已(?:跳过|跳過|取消|撤销|撤銷|废弃|廢棄)|取り消し|취소됨|건너뜀)"
)
_EAST_ASIAN_DEFERRED_AT_START_OR_END = lazy_pattern(
    r"[\s，,：:；;（(]不(?:执行|執行|做)(?=[)）。\s]*$)|^[*_]{0,3}已(?:撤销|撤銷|取消|废弃|廢棄|跳过|跳過)[，,：:\s]"
)
_EAST_ASIAN_WORDS_ALONE_IN_BRACKETS = r"(?:跳过|跳過|略過|取消|保留|スキップ|中止|취소|후속)"
"""Words that say that a task is deferred only if they are the whole text in brackets."""
_MARK_BEFORE_REMARK = r"(?:[(（\[【—–:：]|(?<=\s)-(?=\s)|⏭️?|⏸️?)"
_OPENING_EMPHASIS_OR_BRACKETS = r"\s{0,4}[*_(\[]{0,4}"
_END_OF_PHRASE = r"(?![\w`-])(?=[*_~]{0,3}(?:\s{0,2}(?:[)\]）】.;:：—–(]|-\s|$)"
"""Beginning of a pattern for the end of a phrase. A pattern that uses it adds alternatives, and closes the groups."""
_REASON_OR_TIME_WORDS = (
    r"|\s(?:to|until|till|for|because|by|as|due|since|pending|per|in|on|with|from|here|and|в|до|из-за|hasta|para|por|a|al|"
    r"até|bis|auf|wegen|à|au|fino)\b"
)
"""Words that may follow a word such as “deferred” in a remark, because a reason or a time follows them."""
_DEFERRING_REMARK = lazy_pattern(
    rf"(?:{_MARK_BEFORE_REMARK}|(?<=\s)→){_OPENING_EMPHASIS_OR_BRACKETS}{_DEFERRED_WORDS}{_END_OF_PHRASE}{_REASON_OR_TIME_WORDS}|,))|{_MARK_BEFORE_REMARK}{_OPENING_EMPHASIS_OR_BRACKETS}{_DROPPED_WORDS}{_END_OF_PHRASE}{_REASON_OR_TIME_WORDS}))",
    re.IGNORECASE,
)
_DEFERRED_LAST_IN_BRACKETS = lazy_pattern(
    rf"[(\[][^()\[\]]{{0,60}}[,;/–—-]\s{{0,4}}{_DEFERRED_WORDS}[)\]]", re.IGNORECASE
)
_EAST_ASIAN_DEFERRING_REMARK = lazy_pattern(
    rf"(?:[—–:：]|\s-\s|(?<=\s)→|^)\s{{0,4}}[*_]{{0,3}}{_EAST_ASIAN_DEFERRED_WORDS}(?=[\s，,。：:；;（(*]|至|到|$)"
)
_EAST_ASIAN_DEFERRED_IN_BRACKETS = (
    rf"[(（【\[](?:{_EAST_ASIAN_WORDS_ALONE_IN_BRACKETS}|(?:[^)）】\]/、]{{0,40}}[-—–，,：:\s])?{_EAST_ASIAN_DEFERRED_WORDS}"
    rf"(?:(?=[，,。：:；;\s至到])[^)）】\]]{{0,80}})?)[)）】\]]"
)
_EAST_ASIAN_DEFERRED_IN_FIRST_BRACKETS = lazy_pattern(rf"[*_]{{0,3}}{_EAST_ASIAN_DEFERRED_IN_BRACKETS}")
_EAST_ASIAN_DEFERRED_IN_LATER_BRACKETS = lazy_pattern(rf"{_EAST_ASIAN_DEFERRED_IN_BRACKETS}(?=[\s，,。*_（(]|$)")
_UPPER_CASE_DEFERRED_WORD = lazy_pattern(
    r"(?<![\w`-])(?<!INITIALLY )(?:DEFERRED|POSTPONED|DESCOPED|WONTFIX|WON'T DO|ОТЛОЖЕНО|APLAZAD[OA]|POSPUEST[OA]|"
    r"DIFERID[OA]|ADIAD[OA]|VERSCHOBEN|ZURÜCKGESTELLT)(?![\w`-])(?! constraint|.{0,12} INITIALLY)"
    r"|\*\*(?:SKIPPED|CANCELL?ED|SUPERSEDED|DROPPED|OBSOLETE)(?![\w`-])"
)
_DEFERRING_REMARK_AT_START = lazy_pattern(
    rf"[*_(（\[]{{0,4}}(?:(?:{_DEFERRED_WORDS}|{_DROPPED_WORDS})(?=[*_]{{0,3}}\s{{0,2}}(?:[—–:：)\]）]|-\s|$))|(?-i:(?:DEFERRED|SKIPPED|CANCELL?ED|SUPERSEDED|DROPPED)\b|SKIP:|N/A,))",
    re.IGNORECASE,
)
_STRIKETHROUGH_AT_START = lazy_pattern(r"[*_]{0,3}~~")
"""Pattern for the beginning of a title that is struck through."""
_DEFERRING_HEADING = lazy_pattern(
    r"(?:(?:deferred|postponed)(?=$|\s*[-—–:(]|\s+(?:follow|task|item|work|to\b|until|scope|for\b|from\b|out\b))"
    r"|aplazad|pospuest|postergad|adiad[oa]|отлож|verschoben|zurückgestellt|aufgeschoben|rimandat|مؤجل"
    r"|延期(?!发|发布|申|付)|延后|推迟|暂缓|見送り|보류)",
    re.IGNORECASE,
)
"""Pattern for the beginning of a heading that says that all tasks below the heading are deferred."""
_PARTLY_DONE_WORDS = lazy_pattern(
    r"(?<!\w)(?:DONE|SHIPPED|PARTIAL(?:LY)?|LANDED|COMPLETE|REMAINING)(?!\w)|✅|\bpartial(?:ly)?\b"
)
"""Pattern for words that say that a part of a task is done."""


def says_deferred(text: str, *, has_mark: bool = False) -> bool:
    """Tell whether the text of an open task says that the task is deferred.

    `has_mark` tells whether the box of the task contains a mark. A marked task is not deferred if its text says that a
    part of the task is done.
    """
    if _STRIKETHROUGH_AT_START.match(text):
        return True
    if has_mark:
        return not _PARTLY_DONE_WORDS.search(text) and _has_deferring_remark(text)
    return bool(_UPPER_CASE_DEFERRED_WORD.search(text)) or _has_deferring_remark(text)


def ticked_text_says_not_done(text: str) -> bool:
    """Tell whether the text of a ticked task says that the task was not done."""
    if _STRIKETHROUGH_AT_START.match(text) or _DEFERRING_REMARK_AT_START.match(text):
        return True
    return not _PARTLY_DONE_WORDS.search(text) and (
        bool(_UPPER_CASE_DEFERRED_WORD.search(text)) or _has_deferring_remark(text)
    )


def heading_defers_tasks(heading: str) -> bool:
    """Tell whether a heading says that all tasks below the heading are deferred."""
    return bool(
        _DEFERRING_HEADING.match(heading) or _UPPER_CASE_DEFERRED_WORD.search(heading)
    ) or _has_deferring_remark(heading)


def _has_deferring_remark(text: str) -> bool:
    """Tell whether a text has a remark that says that something is deferred, skipped or cancelled."""
    return bool(
        _DEFERRING_REMARK_AT_START.match(text)
        or _DEFERRING_REMARK.search(text)
        or _DEFERRED_LAST_IN_BRACKETS.search(text)
        or (
            not text.isascii()
            and (
                any(
                    pattern.search(text)
                    for pattern in (
                        _EAST_ASIAN_DEFERRING_REMARK,
                        _EAST_ASIAN_DEFERRED_AT_START_OR_END,
                        _EAST_ASIAN_DEFERRED_IN_LATER_BRACKETS,
                    )
                )
                or _EAST_ASIAN_DEFERRED_IN_FIRST_BRACKETS.match(text)
            )
        )
    )
