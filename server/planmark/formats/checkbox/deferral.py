"""Words that say that a task is deferred, skipped or cancelled.

Such words are mostly the subject of a task ("cancel the repair"). They count only in a fixed place: in upper case, or
behind a bracket, a dash or a colon; or if the title is struck through.
"""

from __future__ import annotations

import re

_UPPER = r"DEFERRED|POSTPONED|SKIPPED|CANCELL?ED|WONTFIX|WON'T DO|SUPERSEDED"
_LOWER = (
    r"deferred|postponed|skipped|cancell?ed|won't do|superseded by|отменен[оа]?|отложен[оа]?|aplazad[oa]|pospuest[oa]|"
    r"diferid[oa]|cancelad[oa]|adiad[oa]|verschoben|zurückgestellt|entfällt|reporté|annulé"
)
_CJK = r"已?(?:延期|延后|推迟|暂缓)|已(?:跳过|取消|撤销|废弃)|不执行|不做|見送り|保留中|보류|연기"
_UPPER_WORD = re.compile(rf"(?<![\w`-])(?:{_UPPER})(?![\w`-])")
_REMARK = re.compile(
    rf"(?:[(（—–:]|(?<=\s)-(?=\s)|(?<=\s)→)\s{{0,4}}[*_(]{{0,4}}(?:(?:{_LOWER})(?![\w`-])|{_CJK})", re.IGNORECASE
)
_CJK_IN_BRACKETS = re.compile(rf"[(（][^)）]{{0,40}}(?:{_CJK})")
_AT_START = re.compile(rf"[*_(（\[]{{0,4}}(?:{_UPPER}|N/A|SKIP:)(?![\w`-])")
_STRUCK = re.compile(r"[*_]{0,3}~~")
_HEADING = re.compile(r"(?:deferred|postponed|aplazad|отложен)\w*\b", re.IGNORECASE)
_PARTLY = re.compile(r"(?<!\w)(?:DONE|SHIPPED|PARTIAL(?:LY)?|LANDED|COMPLETE|REMAINING)(?!\w)|✅|\bpartial(?:ly)?\b")


def says_deferred(text: str, *, partly: bool = False) -> bool:
    """Tell whether the text of an open task says that it is deferred. `partly` is for a task whose box says more."""
    if _STRUCK.match(text):
        return True
    if partly and _PARTLY.search(text):
        return False
    return bool(
        (not partly and _UPPER_WORD.search(text))
        or _AT_START.match(text)
        or _REMARK.search(text)
        or _CJK_IN_BRACKETS.search(text)
    )


def done_says_deferred(text: str) -> bool:
    """Tell whether the text of a ticked task says that it was not done."""
    if _STRUCK.match(text) or _AT_START.match(text):
        return True
    return not _PARTLY.search(text) and bool(
        _REMARK.search(text) or _UPPER_WORD.search(text) or _CJK_IN_BRACKETS.search(text)
    )


def defers_all(heading: str) -> bool:
    """Tell whether a heading says that all tasks below it are deferred."""
    return bool(_HEADING.match(heading) or _UPPER_WORD.search(heading) or _REMARK.search(heading))
