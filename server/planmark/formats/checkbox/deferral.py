"""Detection of words that say that a task is deferred, skipped or cancelled.

Such words are mostly the subject of a task ("cancel the repair", "handle cancelled orders"). They count only as a
remark: after a bracket, a dash or a colon, or at the start, and not before a noun. They also count in upper case, or if
the title is struck through. A word that is also a common name of a status (skipped, cancelled) never counts in a list.
"""

from __future__ import annotations

import re

_DEFERRED_WORDS = (
    r"(?:deferred|postponed|descoped|won['’]?t ?(?:do|fix)|out of scope|отлож[её]н[оаы]?|aplazad[oa]s?|pospuest[oa]s?|"
    r"diferid[oa]s?|postergad[oa]s?|adiad[oa]s?|verschoben|zurückgestellt|aufgeschoben|reportée?s?|différée?s?|"
    r"rimandat[oaie]|rinviat[oaie]|مؤجلة?)"
)
_DROPPED_WORDS = (
    r"(?:skip|skipped|cancell?ed|dropped|omitted|superseded|отмен[её]н[оаы]?|пропущен[оаы]?|cancelad[oa]s?|omitid[oa]s?|"
    r"annulée?s?|übersprungen|gestrichen|entfällt|annullat[oaie]|n/a)"
)
_EAST_ASIAN_WORDS = (
    r"(?:已?(?:延期|延后|延後|推迟|推遲|暂缓|暫緩)|后续再做|暂不(?:实现|处理|做)|不做|見送り|後回し|先送り|"
    r"보류(?:됨|중)?|연기(?:됨)?|保留中|已(?:跳过|跳過|取消|撤销|撤銷|废弃|廢棄)|取り消し|취소됨|건너뜀)"
)
_EAST_ENDS = re.compile(
    r"[\s，,：:；;（(]不(?:执行|執行|做)(?=[)）。\s]*$)|^[*_]{0,3}已(?:撤销|撤銷|取消|废弃|廢棄|跳过|跳過)[，,：:\s]"
)
_EAST_WHOLE = r"(?:跳过|跳過|略過|取消|保留|スキップ|中止|취소|후속)"
_LEAD = r"(?:[(（\[【—–:：]|(?<=\s)-(?=\s)|⏭️?|⏸️?)"
_MARKS = r"\s{0,4}[*_(\[]{0,4}"
_END_OF_PHRASE = r"(?![\w`-])(?=[*_~]{0,3}(?:\s{0,2}(?:[)\]）】.;:：—–(]|-\s|$)"
_REASON_AFTER = (
    r"|\s(?:to|until|till|for|because|by|as|due|since|pending|per|in|on|with|from|here|and|в|до|из-за|hasta|para|por|a|al|"
    r"até|bis|auf|wegen|à|au|fino)\b"
)
_REMARK = re.compile(
    rf"(?:{_LEAD}|(?<=\s)→){_MARKS}{_DEFERRED_WORDS}{_END_OF_PHRASE}{_REASON_AFTER}|,))|{_LEAD}{_MARKS}{_DROPPED_WORDS}{_END_OF_PHRASE}{_REASON_AFTER}))",
    re.IGNORECASE,
)
_LAST_IN_BRACKETS = re.compile(rf"[(\[][^()\[\]]{{0,60}}[,;/–—-]\s{{0,4}}{_DEFERRED_WORDS}[)\]]", re.IGNORECASE)
_EAST_REMARK = re.compile(
    rf"(?:[—–:：]|\s-\s|(?<=\s)→|^)\s{{0,4}}[*_]{{0,3}}{_EAST_ASIAN_WORDS}(?=[\s，,。：:；;（(*]|至|到|$)"
)
_EAST_BRACKETS = (
    rf"[(（【\[](?:{_EAST_WHOLE}|(?:[^)）】\]/、]{{0,40}}[-—–，,：:\s])?{_EAST_ASIAN_WORDS}"
    rf"(?:(?=[，,。：:；;\s至到])[^)）】\]]{{0,80}})?)[)）】\]]"
)
_EAST_FIRST = re.compile(rf"[*_]{{0,3}}{_EAST_BRACKETS}")
_EAST_LAST = re.compile(rf"{_EAST_BRACKETS}(?=[\s，,。*_（(]|$)")
_UPPER_WORD = re.compile(
    r"(?<![\w`-])(?<!INITIALLY )(?:DEFERRED|POSTPONED|DESCOPED|WONTFIX|WON'T DO|ОТЛОЖЕНО|APLAZAD[OA]|POSPUEST[OA]|"
    r"DIFERID[OA]|ADIAD[OA]|VERSCHOBEN|ZURÜCKGESTELLT)(?![\w`-])(?! constraint|.{0,12} INITIALLY)"
    r"|\*\*(?:SKIPPED|CANCELL?ED|SUPERSEDED|DROPPED|OBSOLETE)(?![\w`-])"
)
_AT_START = re.compile(
    rf"[*_(（\[]{{0,4}}(?:(?:{_DEFERRED_WORDS}|{_DROPPED_WORDS})(?=[*_]{{0,3}}\s{{0,2}}(?:[—–:：)\]）]|-\s|$))|(?-i:(?:DEFERRED|SKIPPED|CANCELL?ED|SUPERSEDED|DROPPED)\b|SKIP:|N/A,))",
    re.IGNORECASE,
)
_STRUCK_START = re.compile(r"[*_]{0,3}~~")
_HEADING = re.compile(
    r"(?:(?:deferred|postponed)(?=$|\s*[-—–:(]|\s+(?:follow|task|item|work|to\b|until|scope|for\b|from\b|out\b))"
    r"|aplazad|pospuest|postergad|adiad[oa]|отлож|verschoben|zurückgestellt|aufgeschoben|rimandat|مؤجل"
    r"|延期(?!发|发布|申|付)|延后|推迟|暂缓|見送り|보류)",
    re.IGNORECASE,
)
_PARTLY_DONE = re.compile(
    r"(?<!\w)(?:DONE|SHIPPED|PARTIAL(?:LY)?|LANDED|COMPLETE|REMAINING)(?!\w)|✅|\bpartial(?:ly)?\b"
)


def says_deferred(text: str, *, partly: bool = False) -> bool:
    """Tell whether the text of an open task says that it is deferred.

    `partly` is True for a task whose box already says more than open.
    """
    if _STRUCK_START.match(text):
        return True
    if partly:
        return not _PARTLY_DONE.search(text) and _remarks(text)
    return bool(_UPPER_WORD.search(text)) or _remarks(text)


def done_says_deferred(text: str) -> bool:
    """Tell whether the text of a ticked task says that the task was not done."""
    if _STRUCK_START.match(text) or _AT_START.match(text):
        return True
    return not _PARTLY_DONE.search(text) and (bool(_UPPER_WORD.search(text)) or _remarks(text))


def defers_all(heading: str) -> bool:
    """Tell whether a heading says that all tasks below it are deferred."""
    return bool(_HEADING.match(heading) or _UPPER_WORD.search(heading)) or _remarks(heading)


def _remarks(text: str) -> bool:
    return bool(
        _AT_START.match(text)
        or _REMARK.search(text)
        or _LAST_IN_BRACKETS.search(text)
        or (
            not text.isascii()
            and (
                any(pattern.search(text) for pattern in (_EAST_REMARK, _EAST_ENDS, _EAST_LAST))
                or _EAST_FIRST.match(text)
            )
        )
    )
