"""The kinds of credentials: the formats of other scanners (`secret_formats.py`), and values that a name or a command
marks as a credential.

For the most used formats, this table has looser patterns than the scanners. A credential that stays visible is worse
than a mask in place of harmless text.
"""

from __future__ import annotations

import binascii
import functools
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.secret_formats import TABLE

MIN_TOKEN_ENTROPY, MIN_ASSIGNED_ENTROPY = 2.5, 3.0
"""Minimum entropy of a token, and of a value assigned to a name, in bits per character. Placeholders have less."""
MIN_SECRET_LENGTH = 16
"""Minimum characters of a secret in a header, or assigned to a name such as `token`. A password may be shorter."""
_DATE_OR_PLACEHOLDER = lazy_pattern(r"\d{4}-\d\d|.*(?:EXAMPLE|example)\b|.*(?:\.\.\.|…)")
"""Dates, and placeholders that documentation writes instead of a secret."""
_BASE64 = lazy_pattern(r"[A-Za-z0-9+/]+")
_UUID = lazy_pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SEPARATOR = lazy_pattern(r"[^A-Za-z0-9]")
_WORD_OR_NUMBER = lazy_pattern(r"[A-Za-z]*\d{0,4}|\d+[A-Za-z]{0,3}")
_PLACEHOLDERS = frozenset(
    (
        *("password", "passwd", "pass", "pwd", "secret", "user", "username", "token", "changeme", "pw", "none", "null"),
        *("true", "false", "your-password", "your_password", "mypassword", "yourpassword", "string", "str", "value"),
        *("api_key", "apikey", "key", "credentials", "redacted", "masked", "hidden", "required", "optional", "text"),
    )
)


class CredentialKind(NamedTuple):
    """One kind of credential.

    The credential begins at one of `hints` (lower case), or at most `lead` characters before it. If `is_credential`
    accepts the match, the group `secret` of `pattern` is masked, or the whole match if there is no such group. `source`
    is the publication of the format.
    """

    name: str
    hints: tuple[str, ...]
    pattern: str
    source: str
    is_credential: Callable[[re.Match[str]], bool]
    lead: int = 0


def _is_random(match: re.Match[str]) -> bool:
    """Tell whether a match looks random. A placeholder does not look random."""
    return not match[0].endswith("EXAMPLE") and _entropy_bits(match[0]) >= MIN_TOKEN_ENTROPY


def is_token(match: re.Match[str]) -> bool:
    """Tell whether a match in the format of a token is a token: a UUID, or a random text that has a digit."""
    value = match["secret"] if "secret" in match.re.groupindex else match[0]
    return _UUID.search(value) is not None or (
        any(c.isdigit() for c in value)
        and not _DATE_OR_PLACEHOLDER.match(value)
        and _entropy_bits(value) >= MIN_TOKEN_ENTROPY
        and not is_made_of_words(value)
    )


def is_made_of_words(value: str) -> bool:
    """Tell whether a text consists only of words and numbers, with any separators. The result is False for a UUID."""
    return all(_WORD_OR_NUMBER.fullmatch(part) for part in _SEPARATOR.split(value)) and not _UUID.search(value)


def _is_assigned_secret(match: re.Match[str]) -> bool:
    """Tell whether the value of a name like `token` looks like a secret.

    A word, a path, a date, a variable or a placeholder is not a secret.
    """
    value = match["secret"]
    is_password = match["name"].lower().startswith("pass") or match["name"].lower() == "pwd"
    if len(value) < MIN_SECRET_LENGTH and not is_password:
        return False
    is_mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    if _UUID.fullmatch(value):
        return True
    if not is_mixed or _DATE_OR_PLACEHOLDER.match(value) or _entropy_bits(value) < MIN_ASSIGNED_ENTROPY:
        return False
    has_only_words = all(_WORD_OR_NUMBER.fullmatch(part) for part in re.split(r"[^A-Za-z0-9]", value))
    return not has_only_words or (is_password and any(c in "!@#%^&*+?~" for c in value))


def _is_attached_password(match: re.Match[str]) -> bool:
    """Tell whether a password directly after `=`, as in a shell, is a real password.

    A real password has letters and digits, and is not a date or placeholder.
    """
    value = match["secret"]
    is_mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return is_mixed and not _DATE_OR_PLACEHOLDER.match(value) and value.lower() not in _PLACEHOLDERS


def _is_header_credential(match: re.Match[str]) -> bool:
    """Tell whether the value of a header is a credential: user and password in base64, or a text that looks like a
    token.
    """
    return _is_user_and_password(match) or (len(match["secret"]) >= MIN_SECRET_LENGTH and is_token(match))


def _is_user_and_password(match: re.Match[str]) -> bool:
    """Tell whether a value is a user and a password in base64, as in Basic authentication."""
    value = match["secret"].rstrip("=")
    if not _BASE64.fullmatch(value) or len(value) % 4 == 1:
        return False
    decoded_bytes = binascii.a2b_base64(value + "=" * (-len(value) % 4))
    return b":" in decoded_bytes and decoded_bytes.isascii() and decoded_bytes.decode("ascii").isprintable()


def _is_session_cookie(match: re.Match[str]) -> bool:
    """Tell whether a Cookie header has a value that could be a session: at least 6 characters, with a digit."""
    return any(
        len(value) >= 6 and any(c.isdigit() for c in value) and not _DATE_OR_PLACEHOLDER.match(value)
        for value in re.findall(r"=([^;=\s]+)", match["secret"])
    )


def _is_http_login(match: re.Match[str]) -> bool:
    """Tell whether `user:password` is the value of an option of an HTTP client such as curl.

    In commands of other programs, `-u` may give the ids of a user and a group.
    """
    line = match.string[max(0, match.string.rfind("\n", 0, match.start()), match.start() - 500) : match.start()]
    return _is_real_password(match) and re.search(r"\b(?:curl|wget|http|https|xh|lftp|svn|mvn)\b", line) is not None


def _is_option_secret(match: re.Match[str]) -> bool:
    """Tell whether the value of an option such as `--token` is a secret.

    A word, a number, a variable or a placeholder is not a secret.
    """
    value = match["secret"]
    is_mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return is_mixed and len(value) >= 6 and not _DATE_OR_PLACEHOLDER.match(value) and value.lower() not in _PLACEHOLDERS


def _is_real_password(match: re.Match[str]) -> bool:
    """Tell whether the secret in a match is a real password, and not a placeholder from documentation."""
    value = match["secret"].lower()
    return value not in _PLACEHOLDERS and not _DATE_OR_PLACEHOLDER.match(value) and len(set(value)) > 1


def _accept_any(_match: re.Match[str]) -> bool:
    return True


def _entropy_bits(value: str) -> float:
    """Return Shannon's entropy of `value`, in bits per character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _kind(
    name: str,
    hints: str,
    pattern: str,
    source: str,
    is_credential: Callable[[re.Match[str]], bool] = _is_random,
    lead: int = 0,
) -> CredentialKind:
    """Return a kind of credentials. Blanks separate the entries of `hints`.

    No letter or digit may be directly before or after a match of the pattern (see `_standalone`).
    """
    return CredentialKind(name, tuple(hints.split()), _standalone(pattern), source, is_credential, lead)


def _standalone(pattern: str) -> str:
    """Return `pattern` for matches between no letters or digits. An escape such as `\\n` may be before the match."""
    return rf"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))(?:{pattern})(?![A-Za-z0-9])"


@functools.cache
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern of a kind.

    Callers compile only kinds whose hints were found, because compiling all patterns takes longer than a command.
    """
    return re.compile(pattern)


@functools.cache
def scanner_kinds() -> tuple[CredentialKind, ...]:
    """Return the kinds of credentials in the formats of other scanners."""
    rows = (line.split("\t") for line in TABLE.strip().split("\n"))
    return tuple(
        CredentialKind(name, tuple(hints.split(" ")), _standalone(pattern), SCANNER_URLS, is_token)
        for name, hints, pattern in rows
    )


SCANNER_URLS = "https://github.com/Samsung/CredSweeper, https://github.com/betterleaks/betterleaks"


def _with_flags(flags: str, pattern: str) -> str:
    return f"(?{flags}:{pattern})"


_PRIVATE_KEY = _with_flags(
    "x",
    r"""-----BEGIN[ ](?:[A-Z0-9]{1,12}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
    (?: [^-]{0,20000}(?:-(?!----)[^-]{0,20000}){0,200} -----END[ ](?:[A-Z0-9]{1,12}[ ]){0,3}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
      | (?:(?:[\s>]|\\[nr])* [A-Za-z0-9+/=]{32,})* )""",
)
"""A private key up to its end.

If the end is missing, the key ends at its last line of base64. Quoted lines begin with `>`.
"""

_SERVICE_WORDS = (
    *(
        "api",
        "access",
        "private",
        "account",
        "auth",
        "signing",
        "encryption",
        "master",
        "shared",
        "client",
        "app",
        "session",
    ),
    *("storage", "service", "deploy", "hmac", "jwt", "admin", "webhook", "sharedaccess"),
)
_SECRET_NAMES = (
    *("password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "passcode"),
    *(f"{word}{separator}key" for word in _SERVICE_WORDS for separator in ("", " ", "_", "-")),
)
_ASSIGNED_SECRET = _with_flags(
    "ix",
    rf"""(?P<name>{"|".join(re.escape(name) for name in _SECRET_NAMES)})
    [\w-]{{0,20}} ["'`*\]]{{0,3}} [ \t]{{0,3}} (?: := | => | = | : )
    [ \t]{{0,3}} [*`]{{0,2}} [ \t]? ["'`]? (?P<secret>[^\s"'`<>,;|(){{}}\[\]$\\]{{8,200}}) (?=[\s"'`<>,;|)}}\]\\]|\Z)""",
)

_RFC = "https://www.rfc-editor.org/rfc"

TOKEN_KINDS: tuple[CredentialKind, ...] = (
    CredentialKind(
        "private key", ("-----begin ",), _PRIVATE_KEY, f"{_RFC}/rfc7468 (PEM), {_RFC}/rfc9580 (OpenPGP)", _accept_any
    ),
    _kind(
        "AWS access key",
        "akia asia",
        "(?:AKIA|ASIA)[A-Z2-7]{16}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
    ),
    # Only tokens contain these letters with so much text after them, so the token may follow other letters.
    CredentialKind(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})(?![A-Za-z0-9])",
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
        _is_random,
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
    _kind(
        "Azure client secret",
        "q~",
        r"[\w.~-]{3}\dQ~[\w.~-]{31,36}",
        "https://learn.microsoft.com/en-us/purview/sit-defn-azure-ad-client-secret",
        lead=4,
    ),
    _kind("Telegram token", ":aa", r"\d{8,10}:AA[\w-]{32,36}", "https://core.telegram.org/bots/api", lead=10),
    _kind("Mailchimp key", "-us", r"[0-9a-f]{32}-us\d{1,2}", "https://mailchimp.com/developer/marketing/", lead=32),
    _kind(
        "Terraform token",
        ".atlasv1.",
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,90}",
        "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        lead=14,
    ),
    _kind(
        "New Relic key",
        "nrak- nrii- nrjs- nral-",
        r"NR(?:AK|II|JS|AL)-[A-Za-z0-9-]{16,64}",
        "https://docs.newrelic.com/",
    ),
    _kind("Mailgun key", "key-", r"key-[0-9a-f]{32}", "https://documentation.mailgun.com/"),
    _kind(
        "Square key",
        "sq0",
        r"sq0[a-z]{3}-[\w-]{22,64}",
        "https://developer.squareup.com/docs/build-basics/access-tokens",
    ),
    _kind(
        "Notion token",
        "secret_",
        r"secret_[A-Za-z0-9]{43}",
        "https://developers.notion.com/docs/authorization",
        is_token,
    ),
    _kind(
        "Plaid token",
        "access-",
        r"access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "https://plaid.com/docs/api/tokens/",
    ),
    _kind(
        "Brevo key",
        "xkeysib- xsmtpsib-",
        r"x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
        "https://developers.brevo.com/",
    ),
    _kind("Fly token", "fo1_", r"fo1_[\w-]{43}", "https://fly.io/docs/security/tokens/"),
    _kind("Twilio key", "sk ac", r"(?:SK|AC)[0-9a-f]{32}", "https://www.twilio.com/docs/iam/api-keys"),
)
"""Kinds of credentials that have a recognizable format, in the order of the search.

The `scanner_kinds` follow.
"""

CONTEXT_KINDS: tuple[CredentialKind, ...] = (
    CredentialKind(
        "cookie",
        ("cookie",),
        _with_flags(
            "i", r"""(?<![\w-])(?:Set-)?Cookie["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?P<secret>[^\s"'`][^\n"'`]{7,4096})"""
        ),
        f"{_RFC}/rfc6265",
        _is_session_cookie,
        lead=4,
    ),
    CredentialKind(
        "credentials of a request",
        ("authorization",),
        _with_flags(
            "i",
            r"""(?<![\w-])(?:Proxy-)?Authorization["'`]?[ \t]{0,3}[:=][ \t]{0,3}["'`]?(?:[A-Za-z][A-Za-z0-9-]{1,19}[ ]{1,3})?"""
            r"""(?P<secret>[\w.~+/:=-]{8,4096})""",
        ),
        f"{_RFC}/rfc9110#section-11",
        _is_header_credential,
        lead=6,
    ),
    CredentialKind(
        "password of a command",
        ("-u", "--user", "--proxy-user"),
        r"""(?<![\w-])(?:-u|--user|--proxy-user)[= ]{0,3}["']?[^\s:"'`]{0,128}:(?P<secret>[^\s"'`<>${}\[\]]{3,256})""",
        "https://curl.se/docs/manpage.html#-u",
        _is_http_login,
    ),
    CredentialKind(
        "password of a command",
        ("sshpass", "redis-cli", "docker login", "mysql", "mariadb"),
        _with_flags(
            "i",
            r"""(?<![\w-])(?:sshpass[ ]{1,3}-p|redis-cli[ ](?:[^\n]{0,120}[ ])?(?:-a|--pass)[ ]|docker[ ]login[ ](?:[^\n]{0,120}[ ])?-p[ ]"""
            r"""|(?:mysql|mariadb)\w{0,10}[ ](?:[^\n]{0,120}[ ])?-p)[ ]{0,3}["']?(?P<secret>[^\s"'`<>${}\[\]-][^\s"'`<>${}\[\]]{3,127})""",
        ),
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        _is_option_secret,
    ),
    CredentialKind(
        "secret of an option",
        ("--",),
        _with_flags(
            "i",
            r"""(?<![\w-])--(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|passphrase|pass|token|secret|apikey|key|bearer|pat|auth)"""
            r"""(?:=|[ \t]{1,3})["']?(?P<secret>[^\s"'`<>$(){}\[\]|;,/\\-][^\s"'`<>$(){}\[\]|;,\\]{3,511})""",
        ),
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        _is_option_secret,
    ),
    CredentialKind(
        "secret of a connection",
        ("password=", "pwd=", "accountkey=", "sharedaccesskey=", "sharedaccesssignature="),
        _with_flags(
            "i",
            r"""(?<=[;"'`])[ ]?(?:Password|Pwd|AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<secret>[^\s;"'`<>${}]{3,1024})""",
        ),
        "https://www.connectionstrings.com/",
        _is_real_password,
        lead=1,
    ),
    CredentialKind(
        "secret in a URL",
        ("token=", "key=", "sig=", "signature=", "secret=", "password=", "passwd=", "auth=", "credential="),
        _with_flags(
            "i",
            r"""[?&](?:[\w.-]{0,30}[_-])?(?:token|key|apikey|sig|signature|secret|password|passwd|auth|credential)="""
            r"""(?P<secret>[^\s&#"'`<>(){}$]{8,2048})""",
        ),
        f"{_RFC}/rfc3986#section-3.4",
        is_token,
        lead=32,
    ),
    CredentialKind(
        "secret of a machine",
        ("machine ", "login "),
        r"(?<!\w)(?:machine[ ]\S{1,200}[ ])?login[ ]\S{1,200}[ ]password[ ](?P<secret>[^\s<>$]{3,256})",
        "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
        _is_real_password,
    ),
    CredentialKind(
        "credentials of a registry",
        ('"auth"', '"identitytoken"', "_auth"),
        r"""(?:"auth"|"identitytoken"|_auth)[ ]{0,3}[:=][ ]{0,3}["']?(?P<secret>[A-Za-z0-9+/]{8,2048}={0,2})""",
        "https://docs.docker.com/reference/cli/docker/login/",
        _is_header_credential,
    ),
    CredentialKind(
        "secret",
        ("password=", "passwd=", "pwd=", "passphrase=", "pass="),
        _with_flags(
            "i",
            r"""(?:password|passwd|pwd|passphrase|pass)=["']?(?P<secret>[^\s"'`<>,;|(){}\[\]$\\&.]{6,200})(?=[\s"'`<>,;|)}\]\\&]|\Z)""",
        ),
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        _is_attached_password,
    ),
    CredentialKind(
        "secret",
        ("_key",),
        r"""_KEY["']?[ ]?[:=][ ]?["']?(?P<secret>(?!\w+[(.\[])[^\s"'`<>,;|$\\]{20,200})(?=[\s"'`<>,;|\\]|\Z)""",
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        is_token,
    ),
    CredentialKind(
        "credentials of a request",
        ("bearer",),
        _with_flags(
            "i",
            r"""(?P<name>\bBearer|Authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:Basic|Token))[ ]{1,3}"""
            r"""(?P<secret>[\w.~+/-]{16,2048}={0,2})""",
        ),
        f"{_RFC}/rfc6750 (Bearer), {_RFC}/rfc7617 (Basic)",
        _is_assigned_secret,
    ),
    CredentialKind(
        "password in a URL",
        ("://",),
        r"://[^\s/?#:@\[\]<>`\"']{0,64}:(?P<secret>[^\s/?#@\[\]<>`\"'${}*%]{3,256})@(?=[\w\[])",
        f"{_RFC}/rfc3986#section-3.2.1",
        _is_real_password,
    ),
    CredentialKind(
        "secret",
        _SECRET_NAMES,
        _ASSIGNED_SECRET,
        "https://owasp.org/www-community/vulnerabilities/Use_of_hard-coded_password",
        _is_assigned_secret,
    ),
)
"""Kinds of credentials that are recognized by adjacent words, in the order of the search.

The search ends with the most general kinds.
"""
KINDS = (*TOKEN_KINDS, *CONTEXT_KINDS)
