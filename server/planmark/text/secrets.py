"""What looks like a credential in a text, and the text without it.

A narrow table of formats that those who issue them have published, not a scanner: it must cost a prompt no time and take
nothing from it that is no secret.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

MIN_BITS = 2.5
"""Fewer bits a character have placeholders, as `xxxxxxxx`."""
ASSIGNED_BITS = 3.0
LONG = 16
"""So long is what is assigned to a token or a key, at least; a password may be shorter."""
_DRY = re.compile(r"\d{4}-\d\d|.*(?:EXAMPLE|example)\b|.*(?:\.\.\.|…)")
"""Dates, and what documentation writes in place of a secret."""
_WORD = re.compile(r"[A-Za-z]*\d{0,4}|\d+[A-Za-z]{0,3}")
_PLACEHOLDERS = frozenset(
    ("password", "passwd", "pass", "pwd", "secret", "user", "username", "token", "changeme", "pw")
)
_STARTS_LINE = re.compile(r"\n([> \t]*)[^\n]*")


class Kind(NamedTuple):
    """One kind of credential.

    It begins with one of `hints`, which are lower case; the group `secret` of `pattern`, else all that it matches there, is
    masked where `holds` says so; `source` is where the format is published.
    """

    name: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    source: str
    holds: Callable[[re.Match[str]], bool]


class Masked(NamedTuple):
    """A text without its credentials, and how many of which kind (`Kind.name`) there were."""

    text: str
    found: dict[str, int]


def mask(name: str) -> str:
    """What stands in place of a credential."""
    return f"[masked: {name}]"


def masked(text: str) -> Masked:
    """`text` with a word in place of each credential; it keeps its number of lines, and is the same object without any."""
    found: dict[str, int] = {}
    for kind in KINDS:
        text = _without(kind, text, found)
    return Masked(text, found)


def _without(kind: Kind, text: str, found: dict[str, int]) -> str:
    parts, end = [], 0
    for start in _places(kind.hints, text):
        match = kind.pattern.match(text, start) if start >= end else None
        if match is None or not kind.holds(match):
            continue
        group = "secret" if "secret" in kind.pattern.groupindex else 0
        found[kind.name] = found.get(kind.name, 0) + 1
        lines = "".join(f"\n{prefix}" for prefix in _STARTS_LINE.findall(match[group]))
        parts += [text[end : match.start(group)], mask(kind.name), lines]
        end = match.end(group)
    return "".join((*parts, text[end:])) if parts else text


def _places(hints: Sequence[str], text: str) -> list[int]:
    """Where one of `hints` stands in `text`, in any case."""
    lowered = _lowered(text)
    found: set[int] = set()
    for hint in hints:
        place = lowered.find(hint)
        while place >= 0:
            found.add(place)
            place = lowered.find(hint, place + 1)
    return sorted(found)


@functools.lru_cache(maxsize=1)
def _lowered(text: str) -> str:
    """`text` in lower case, each character where it was: only one has a longer lower case."""
    return text.replace("\u0130", "I").lower()


def _is_random(match: re.Match[str]) -> bool:
    """Whether what was found is no placeholder."""
    return not match[0].endswith("EXAMPLE") and _bits(match[0]) >= MIN_BITS


def _is_assigned(match: re.Match[str]) -> bool:
    """Whether what is assigned to a name like `token` looks like one: no word, path, date, variable or placeholder."""
    value = match["secret"]
    password = match["name"].lower().startswith("pass") or match["name"].lower() == "pwd"
    if len(value) < LONG and not password:
        return False
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    if not mixed or _DRY.match(value) or _bits(value) < ASSIGNED_BITS:
        return False
    words = all(_WORD.fullmatch(part) for part in re.split(r"[^A-Za-z0-9]", value))
    return not words or (password and any(c in "!@#%^&*+?~" for c in value))


def _is_password(match: re.Match[str]) -> bool:
    """Whether the password of a URL is none of the words that documentation writes there."""
    value = match["secret"].lower()
    return value not in _PLACEHOLDERS and not _DRY.match(value) and len(set(value)) > 1


def _always(_match: re.Match[str]) -> bool:
    return True


def _bits(value: str) -> float:
    """Shannon's entropy, in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _kind(
    name: str, hints: str, pattern: str, source: str, holds: Callable[[re.Match[str]], bool] = _is_random
) -> Kind:
    """`hints` are words. A token stands alone: no letter or digit goes on before or after it."""
    alone = rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])"
    return Kind(name, tuple(hints.split()), re.compile(alone), source, holds)


_KEY = re.compile(
    r"""-----BEGIN[ ](?:[A-Z0-9]{1,12}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
    (?: [^-]{0,20000}(?:-(?!----)[^-]{0,20000}){0,200} -----END[ ](?:[A-Z0-9]{1,12}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
      | (?:(?:[\s>]|\\[nr])* [A-Za-z0-9+/=]{32,})* )""",
    re.VERBOSE,
)
"""A key to its end; one that was cut off, to its last line of base64. Quoted lines begin with `>`."""

_NAMES = (
    *("password", "passwd", "passphrase", "pwd", "secret", "token"),
    *(
        f"{whose}{joined}key"
        for whose in ("api", "access", "private", "account", "auth", "signing")
        for joined in ("", " ", "_", "-")
    ),
)
_ASSIGNED = re.compile(
    rf"""(?P<name>{"|".join(re.escape(name) for name in _NAMES)})
    [\w-]{{0,20}} ["'`*\]]{{0,3}} [ \t]{{0,3}} (?: := | => | = | : )
    [ \t]{{0,3}} [*`]{{0,2}} [ \t]? ["'`]? (?P<secret>[^\s"'`<>,;|(){{}}\[\]$\\]{{8,200}}) (?![(\[{{\w])""",
    re.VERBOSE | re.IGNORECASE,
)

_RFC = "https://www.rfc-editor.org/rfc"

KINDS: tuple[Kind, ...] = (
    Kind("private key", ("-----begin ",), _KEY, f"{_RFC}/rfc7468 (PEM), {_RFC}/rfc9580 (OpenPGP)", _always),
    _kind(
        "AWS access key",
        "akia asia",
        "(?:AKIA|ASIA)[A-Z2-7]{16}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    _kind(
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255}",
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
    ),
    _kind(
        "GitLab token",
        "glpat- gloas- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- glwt- glsoat- glffct-",
        r"gl[a-z]{2,5}-[\w.-]{20,255}",
        "https://docs.gitlab.com/security/tokens/#token-prefixes",
    ),
    _kind(
        "Slack token",
        "xox xapp- https://hooks.slack.com/",
        r"xox[abepors]-[\w.-]{10,255}|xapp-\d-[\w-]{10,255}|https://hooks\.slack\.com/(?:services|workflows)/[\w/]{20,255}",
        "https://docs.slack.dev/authentication/tokens",
    ),
    _kind(
        "Stripe key",
        "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
        r"(?:[rs]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,255}",
        "https://docs.stripe.com/keys",
    ),
    _kind("Anthropic key", "sk-ant-", r"sk-ant-[\w-]{20,255}", "https://docs.anthropic.com/en/api/overview"),
    _kind(
        "OpenAI key",
        "sk-",
        r"sk-(?:proj|svcacct|admin)-[\w-]{20,255}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    _kind(
        "Google key",
        "aiza gocspx- ya29.",
        r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w.-]{30,512}",
        "https://cloud.google.com/docs/authentication/api-keys",
    ),
    _kind(
        "npm token",
        "npm_",
        r"npm_[A-Za-z0-9]{36}",
        "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/",
    ),
    _kind("PyPI token", "pypi-ag", r"pypi-Ag[\w-]{50,512}", "https://pypi.org/help/#apitoken"),
    _kind("JWT", "eyj", r"(?<![_-])eyJ[\w-]{8,2048}\.eyJ[\w-]{8,8192}\.[\w-]{16,2048}", f"{_RFC}/rfc7519"),
    Kind(
        "credentials of a request",
        ("bearer", "authorization"),
        re.compile(
            r"""(?P<name>\bBearer|Authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:Basic|Token))[ ]{1,3}"""
            r"""(?P<secret>[\w.~+/-]{16,2048}={0,2})""",
            re.IGNORECASE,
        ),
        f"{_RFC}/rfc6750 (Bearer), {_RFC}/rfc7617 (Basic)",
        _is_assigned,
    ),
    Kind(
        "password in a URL",
        ("://",),
        re.compile(r"://[^\s/?#:@\[\]<>`\"']{0,64}:(?P<secret>[^\s/?#@\[\]<>`\"'${}*%]{3,256})@(?=[\w\[])"),
        f"{_RFC}/rfc3986#section-3.2.1",
        _is_password,
    ),
    Kind(
        "secret",
        _NAMES,
        _ASSIGNED,
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        _is_assigned,
    ),
)
"""In the order in which they are looked for: private keys first, at last what no other one knows."""
