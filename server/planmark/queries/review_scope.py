"""The reviews that a change of files needs: tables of sensitive paths and lines, and of the reviews for each type.

The table in `docs/prompts.md`, "Which reviews", has the types in the same order. The first type that applies decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.storage.git_diff import ChangedFile
from planmark.text.credentials import mask_credentials
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.pluralize import counted_noun

ChangeType = Literal["sensitive", "none", "documentation", "configuration", "tests", "small", "full"]
Reviewer = Literal["security", "quality", "docs"]
SMALL_CHANGE_LINES = 3
"""A change is small if it changes fewer lines than this number, all in one file that existed before."""


class Reviewed(msgspec.Struct, frozen=True):
    """A review that a type of change asks for, and the tier of model that it needs."""

    reviewer: Reviewer
    tier: int


class ScopeRow(NamedTuple):
    """The reviews that a type of change needs, in the order in which they begin, and the reviews that may be omitted.

    `skipped` may also name other work, such as `tests`.
    """

    reviews: tuple[Reviewed, ...]
    skipped: tuple[str, ...]


SECURITY, QUALITY, DOCS = Reviewed("security", 3), Reviewed("quality", 1), Reviewed("docs", 1)
SCOPES: dict[ChangeType, ScopeRow] = {
    "sensitive": ScopeRow((SECURITY, QUALITY, DOCS), ()),
    "none": ScopeRow((), ("security", "quality", "docs", "tests", "research")),
    "documentation": ScopeRow((DOCS,), ("tests", "security")),
    "configuration": ScopeRow((QUALITY,), ("research",)),
    "tests": ScopeRow((QUALITY,), ("security",)),
    "small": ScopeRow((QUALITY,), ("research",)),
    "full": ScopeRow((SECURITY, QUALITY, DOCS), ()),
}
"""Mapping from a type of change to its reviews."""


class ReviewScope(NamedTuple):
    """The type of a change, the reason for the type, and the reviews that the change needs.

    `evidence` are at most MAX_EVIDENCE paths of files that decided the type. `skipped` is as in `ScopeRow`.
    """

    type: ChangeType
    reason: str
    evidence: tuple[str, ...]
    reviews: tuple[Reviewed, ...]
    skipped: tuple[str, ...]


MAX_EVIDENCE = 5
"""Maximum number of paths that a scope names as evidence."""
_PATH_WORD = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]+|[0-9]+")
_WORDS_BY_TOPIC = {
    "authentication": (
        "2fa auth authn authz login logon logout mfa oauth oauth2 oidc otp passkey passwd password passwords saml signin"
        " signup sso jwt session sessions cookie cookies csrf cors"
    ),
    "cryptography": "crypto cipher ciphers certificate certificates cert certs pgp gpg ssl tls x509 hmac",
    "secrets": "credential credentials secret secrets token tokens vault keystore keyring",
    "permissions": "acl acls permission permissions privilege privileges rbac sudoers codeowners sandbox security",
    "payments": "billing payment payments checkout",
    "migrations": "alembic migration migrations",
}
SENSITIVE_WORDS = {word: topic for topic, words in _WORDS_BY_TOPIC.items() for word in words.split()}
"""Mapping from a word in a path to its sensitive topic. Separators and capitals divide a path into words."""
_SENSITIVE_STEMS = lazy_pattern(r"authenti|authori[sz]|encrypt|decrypt|cryptograph")
SENSITIVE_PATHS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "secrets",
        lazy_pattern(r"(?:^|/)(?:\.env(?:\.[^/]*)?|\.envrc|\.npmrc|\.pypirc|\.netrc|\.htpasswd|id_[a-z0-9]+)$"),
    ),
    ("secrets", lazy_pattern(r"\.(?:pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg)$")),
    ("migrations", lazy_pattern(r"\.sql$|(?:^|/)(?:schema\.prisma|db/schema\.rb)$")),
    (
        "continuous integration",
        lazy_pattern(
            r"(?:^|/)(?:\.github/(?:workflows|actions)/|\.circleci/|\.buildkite/|\.husky/|\.githooks/|\.gitlab-ci[^/]*\.ya?ml$"
            r"|\.travis\.yml$|\.drone\.yml$|\.pre-commit-config\.yaml$|appveyor\.yml$|azure-pipelines[^/]*\.ya?ml$"
            r"|bitbucket-pipelines\.yml$|cloudbuild\.ya?ml$|jenkinsfile|dockerfile|containerfile|(?:docker-)?compose[^/]*\.ya?ml$"
            r"|\.github/dependabot\.yml$|renovate\.json5?$|\.claude/settings[^/]*\.json$|\.mcp\.json$)|\.tf$"
        ),
    ),
    (
        "locked dependencies",
        lazy_pattern(
            r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb?|go\.sum|gradle\.lockfile"
            r"|packages\.lock\.json|(?:[^/]*[-_.])?requirements[^/]*\.(?:txt|in|lock)|constraints[^/]*\.txt|\.gitmodules|[^/]+\.lock)$"
        ),
    ),
)
"""Pairs: a sensitive topic, and the pattern that a path about this topic contains. The path is in lower case."""
_CODE_WORDS = (
    r"passwords?|passwd|secrets?|credentials?|api_?keys?|private_?keys?|access_?tokens?|jwt|oauth2?|csrf|bcrypt|argon2|scrypt|pbkdf2"
    r"|hmac|sha1|md5|aes|rsa|encrypt\w*|decrypt\w*|authenticat\w*|authori[sz]\w*|permissions?|setuid|chmod|chown|sudo"
)
SENSITIVE_CODE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "names of secrets, cryptography or rights",
        lazy_pattern(rf"(?<![A-Za-z])(?:{_CODE_WORDS})(?![a-z])", re.IGNORECASE),
    ),
    (
        "a program or code that is started",
        lazy_pattern(
            r"\b(?:eval|exec|popen|execfile|system)\s*\(|shell\s*=\s*True|\bsubprocess\b|child_process|\bProcessBuilder\b"
            r"|pickle\.loads?|yaml\.load\(|innerHTML|dangerouslySetInnerHTML|verify\s*=\s*False|rejectUnauthorized|InsecureSkipVerify"
        ),
    ),
    (
        "statements that change a database or its rights",
        lazy_pattern(
            r"\b(?:DROP|ALTER|TRUNCATE)\s+(?:TABLE|DATABASE|SCHEMA)\b|\b(?:GRANT|REVOKE)\s+[A-Z]", re.IGNORECASE
        ),
    ),
)
"""Pairs: a sensitive topic, and the pattern that an added line about this topic contains.

Files of prose are not searched for these patterns.
"""
PROSE_PATH = lazy_pattern(
    r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|org|txt|png|jpe?g|gif|webp|ico|bmp|avif)$"
    r"|(?:^|/)(?:readme|license|licence|copying|notice|authors|contributors|changelog|changes|history)$"
)
TEST_PATH = lazy_pattern(
    r"(?:^|/)(?:tests?|specs?|__tests__|__mocks__|e2e|fixtures|testdata|testing)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py)$|[._-](?:test|tests|spec)\.[a-z]+$|[a-z0-9](?:_test|_tests|_spec)\.[a-z]+$"
)
TEST_CLASS_PATH = lazy_pattern(r"[a-z0-9](?:Tests?|Spec)\.[a-z]+$")
"""The path of a test class, such as `OrderTest.java`. The pattern needs the capital, so `latest.js` does not match."""
CONFIGURATION_PATH = lazy_pattern(
    r"\.(?:json|json5|jsonc|ya?ml|toml|ini|cfg|conf|config|properties|editorconfig|plist|xml)$"
    r"|(?:^|/)\.(?:gitignore|gitattributes|dockerignore|prettierrc|eslintrc|babelrc|nvmrc|tool-versions|python-version)$"
)
UNIFORM_CHANGE_TYPES: tuple[tuple[ChangeType, Callable[[str], bool], str], ...] = (
    ("documentation", lambda path: bool(PROSE_PATH.search(path.lower())), "only prose and images"),
    ("tests", lambda path: bool(TEST_PATH.search(path.lower()) or TEST_CLASS_PATH.search(path)), "only tests"),
    ("configuration", lambda path: bool(CONFIGURATION_PATH.search(path.lower())), "only configuration"),
)
"""The types of changes in which all files have the same type. A tuple holds the type, a function that tells whether a
path has the type, and the reason in words.
"""
KINDS_WITH_SHOWN_LINES = frozenset({"added", "deleted", "modified", "renamed"})
"""Kinds of changes for which git shows all changed lines."""


def review_scope(changed_files: Sequence[ChangedFile]) -> ReviewScope:
    """Return the type of a change and its reviews. `changed_files` must not contain documents of plans."""
    if reason_and_paths := _sensitive_reason_and_paths(changed_files):
        return _scope("sensitive", *reason_and_paths)
    if not changed_files:
        return _scope("none", "nothing changed", ())
    unseen_files = [file for file in changed_files if file.kind not in KINDS_WITH_SHOWN_LINES and not _is_image(file)]
    for change_type, has_type, reason in UNIFORM_CHANGE_TYPES:
        if not unseen_files and all(has_type(path) for file in changed_files for path in _paths(file)):
            return _scope(change_type, reason, [file.path for file in changed_files])
    first_file = changed_files[0]
    if len(changed_files) == 1 and first_file.kind == "modified" and first_file.line_count < SMALL_CHANGE_LINES:
        return _scope("small", f"{counted_noun(first_file.line_count, 'changed line')} in one file", [first_file.path])
    if unseen_files:
        reason = f"{unseen_files[0].path} is {UNSHOWN_REASONS[unseen_files[0].kind]}"
        return _scope("full", reason, [file.path for file in unseen_files])
    line_count = sum(file.line_count for file in changed_files)
    reason = f"{counted_noun(line_count, 'changed line')} in {counted_noun(len(changed_files), 'file')}"
    return _scope("full", reason, [file.path for file in changed_files])


def unknown_scope(reason: str) -> ReviewScope:
    """Return all reviews, for a change whose files are unknown. `reason` says why, for example that git is missing."""
    return _scope("full", reason, ())


UNSHOWN_REASONS: dict[str, str] = {
    "binary": "no text",
    "link": "a link now, or was one",
    "mode": "a file with other permissions",
    "submodule": "another repository",
    "unmerged": "not merged yet",
}
"""Mapping from a kind of change to the words that say why git does not show the changed lines of the file."""


def _scope(change_type: ChangeType, reason: str, evidence: Iterable[str]) -> ReviewScope:
    """Return the scope of a type of change: its reviews from `SCOPES`, the reason, and the evidence.

    `evidence` are the paths that decided the type.
    """
    row = SCOPES[change_type]
    return ReviewScope(change_type, reason, tuple(evidence)[:MAX_EVIDENCE], row.reviews, row.skipped)


def _is_image(file: ChangedFile) -> bool:
    return file.kind == "binary" and bool(PROSE_PATH.search(file.path.lower()))


def _paths(file: ChangedFile) -> tuple[str, ...]:
    """Return a tuple: the path of a file, and also its earlier path if the file was renamed."""
    return (file.path,) if file.old_path in ("", file.path) else (file.path, file.old_path)


def _sensitive_reason_and_paths(changed_files: Sequence[ChangedFile]) -> tuple[str, tuple[str, ...]] | None:
    """Return a pair: the reason why a change is sensitive, and the paths of the sensitive files.

    Return None if the change is not sensitive.
    """
    reasons = [(file.path, reason) for file in changed_files if (reason := sensitive_reason(file))]
    return (reasons[0][1], tuple(path for path, _ in reasons)) if reasons else None


def sensitive_reason(file: ChangedFile) -> str:
    """Return the reason why a changed file is sensitive; "" if it is not sensitive.

    The reason is a path of the file, changed permissions, or an added line.
    """
    for path in _paths(file):
        if topic := sensitive_topic(path):
            return f"the path {path} is about {topic}"
    if file.has_new_mode:
        return f"the permissions of {file.path} changed"
    text = "\n".join(file.added_lines)
    if mask_credentials(text).counts:
        return f"{file.path} gets a text that looks like a credential"
    if PROSE_PATH.search(file.path.lower()):
        return ""
    return next((f"{file.path} gets {topic}" for topic, pattern in SENSITIVE_CODE if pattern.search(text)), "")


def sensitive_topic(path: str) -> str:
    """Return the sensitive topic of a path; "" if the path is not sensitive."""
    lowercase_path = path.lower()
    for topic, pattern in SENSITIVE_PATHS:
        if pattern.search(lowercase_path):
            return topic
    for word in map(str.lower, _PATH_WORD.findall(path)):
        if word in SENSITIVE_WORDS:
            return SENSITIVE_WORDS[word]
        if stem := _SENSITIVE_STEMS.match(word):
            return "cryptography" if "crypt" in stem[0] else "authentication"
    return ""
