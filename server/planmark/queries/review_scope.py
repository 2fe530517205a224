"""The reviews that a change needs: tables of sensitive paths and lines, and of the reviews for each type of change.

`docs/prompts.md`, "Which reviews", lists the types in the same order. The first type that applies decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from planmark.storage.git_diff import ChangedFile
from planmark.text.credentials import mask_credentials
from planmark.text.pluralize import counted_noun

ChangeType = Literal["sensitive", "none", "documentation", "configuration", "tests", "small", "full"]
Reviewer = Literal["security", "quality", "docs"]
SMALL_CHANGE_LINES = 3
"""A change with fewer changed lines than this number, in one existing file, is small."""


class Reviewed(msgspec.Struct, frozen=True):
    """A review that a type of change asks for, and the tier of model that it needs."""

    reviewer: Reviewer
    tier: int


class ScopeRow(NamedTuple):
    """The reviews of a type of change, in the order in which reviewers begin, and the reviews that may be omitted."""

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
"""Type of change → its reviews."""


class ReviewScope(NamedTuple):
    """The type of a change, the reason for the type, and its reviews.

    `evidence` are the paths that decided, at most MAX_EVIDENCE.
    """

    type: ChangeType
    reason: str
    evidence: tuple[str, ...]
    reviews: tuple[Reviewed, ...]
    skipped: tuple[str, ...]


MAX_EVIDENCE = 5
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]+|[0-9]+")
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
"""A word of a path → its sensitive topic. A path is split into words at separators and at capitals."""
_SENSITIVE_STEMS = re.compile(r"authenti|authori[sz]|encrypt|decrypt|cryptograph")
SENSITIVE_PATHS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("secrets", re.compile(r"(?:^|/)(?:\.env(?:\.[^/]*)?|\.envrc|\.npmrc|\.pypirc|\.netrc|\.htpasswd|id_[a-z0-9]+)$")),
    ("secrets", re.compile(r"\.(?:pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg)$")),
    ("migrations", re.compile(r"\.sql$|(?:^|/)(?:schema\.prisma|db/schema\.rb)$")),
    (
        "continuous integration",
        re.compile(
            r"(?:^|/)(?:\.github/(?:workflows|actions)/|\.circleci/|\.buildkite/|\.husky/|\.githooks/|\.gitlab-ci[^/]*\.ya?ml$"
            r"|\.travis\.yml$|\.drone\.yml$|\.pre-commit-config\.yaml$|appveyor\.yml$|azure-pipelines[^/]*\.ya?ml$"
            r"|bitbucket-pipelines\.yml$|cloudbuild\.ya?ml$|jenkinsfile|dockerfile|containerfile|(?:docker-)?compose[^/]*\.ya?ml$"
            r"|\.github/dependabot\.yml$|renovate\.json5?$|\.claude/settings[^/]*\.json$|\.mcp\.json$)|\.tf$"
        ),
    ),
    (
        "locked dependencies",
        re.compile(
            r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb?|go\.sum|gradle\.lockfile"
            r"|packages\.lock\.json|(?:[^/]*[-_.])?requirements[^/]*\.(?:txt|in|lock)|constraints[^/]*\.txt|\.gitmodules|[^/]+\.lock)$"
        ),
    ),
)
"""Pattern of a whole path in lower case → the sensitive topic of the path."""
_CODE_WORDS = (
    r"passwords?|passwd|secrets?|credentials?|api_?keys?|private_?keys?|access_?tokens?|jwt|oauth2?|csrf|bcrypt|argon2|scrypt|pbkdf2"
    r"|hmac|sha1|md5|aes|rsa|encrypt\w*|decrypt\w*|authenticat\w*|authori[sz]\w*|permissions?|setuid|chmod|chown|sudo"
)
SENSITIVE_CODE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "names of secrets, cryptography or rights",
        re.compile(rf"(?<![A-Za-z])(?:{_CODE_WORDS})(?![a-z])", re.IGNORECASE),
    ),
    (
        "a program or code that is started",
        re.compile(
            r"\b(?:eval|exec|popen|execfile|system)\s*\(|shell\s*=\s*True|\bsubprocess\b|child_process|\bProcessBuilder\b"
            r"|pickle\.loads?|yaml\.load\(|innerHTML|dangerouslySetInnerHTML|verify\s*=\s*False|rejectUnauthorized|InsecureSkipVerify"
        ),
    ),
    (
        "statements that change a database or its rights",
        re.compile(
            r"\b(?:DROP|ALTER|TRUNCATE)\s+(?:TABLE|DATABASE|SCHEMA)\b|\b(?:GRANT|REVOKE)\s+[A-Z]", re.IGNORECASE
        ),
    ),
)
"""Pattern of an added line → its sensitive topic. A line of prose only counts if the line contains a credential."""
PROSE_PATH = re.compile(
    r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|org|txt|png|jpe?g|gif|webp|ico|bmp|avif)$"
    r"|(?:^|/)(?:readme|license|licence|copying|notice|authors|contributors|changelog|changes|history)$"
)
TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|__mocks__|e2e|fixtures|testdata|testing)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py)$|[._-](?:test|tests|spec)\.[a-z]+$|[a-z0-9](?:_test|_tests|_spec)\.[a-z]+$"
)
TEST_CLASS_PATH = re.compile(r"[a-z0-9](?:Tests?|Spec)\.[a-z]+$")
"""The file of a test class, such as `OrderTest.java`; the capital tells it from `latest.js`."""
CONFIGURATION_PATH = re.compile(
    r"\.(?:json|json5|jsonc|ya?ml|toml|ini|cfg|conf|config|properties|editorconfig|plist|xml)$"
    r"|(?:^|/)\.(?:gitignore|gitattributes|dockerignore|prettierrc|eslintrc|babelrc|nvmrc|tool-versions|python-version)$"
)
SINGLE_TYPES: tuple[tuple[ChangeType, Callable[[str], bool], str], ...] = (
    ("documentation", lambda path: bool(PROSE_PATH.search(path.lower())), "only prose and images"),
    ("tests", lambda path: bool(TEST_PATH.search(path.lower()) or TEST_CLASS_PATH.search(path)), "only tests"),
    ("configuration", lambda path: bool(CONFIGURATION_PATH.search(path.lower())), "only configuration"),
)
"""Types of changes that consist only of files of one type: the type, the test for a path, and the reason in words."""
TEXT_CHANGES = frozenset({"added", "deleted", "modified", "renamed"})
"""Kinds of changes for which git shows all changed lines."""


def review_scope(changed_files: Sequence[ChangedFile]) -> ReviewScope:
    """Return the type of a change and its reviews. The documents of plans must not be among the files."""
    if sensitive := _sensitive_reason_and_paths(changed_files):
        return _scope("sensitive", *sensitive)
    if not changed_files:
        return _scope("none", "nothing changed", ())
    unseen_files = [file for file in changed_files if file.kind not in TEXT_CHANGES and not _is_image(file)]
    for change_type, has_type, reason in SINGLE_TYPES:
        if not unseen_files and all(has_type(path) for file in changed_files for path in _paths(file)):
            return _scope(change_type, reason, [file.path for file in changed_files])
    first_file = changed_files[0]
    if len(changed_files) == 1 and first_file.kind == "modified" and first_file.line_count < SMALL_CHANGE_LINES:
        return _scope("small", f"{counted_noun(first_file.line_count, 'changed line')} in one file", [first_file.path])
    if unseen_files:
        reason = f"{unseen_files[0].path} is {UNSHOWN_REASONS[unseen_files[0].kind]}"
        return _scope("full", reason, [file.path for file in unseen_files])
    lines = sum(file.line_count for file in changed_files)
    reason = f"{counted_noun(lines, 'changed line')} in {counted_noun(len(changed_files), 'file')}"
    return _scope("full", reason, [file.path for file in changed_files])


def unknown_scope(reason: str) -> ReviewScope:
    """Return the reviews of a change of which nothing is known, for example because git is missing."""
    return _scope("full", reason, ())


UNSHOWN_REASONS: dict[str, str] = {
    "binary": "no text",
    "link": "a link now, or was one",
    "mode": "a file with other permissions",
    "submodule": "another repository",
    "unmerged": "not merged yet",
}
"""Kind of change → the reason why git does not show the changed lines of the file."""


def _scope(change_type: ChangeType, reason: str, evidence: Iterable[str]) -> ReviewScope:
    row = SCOPES[change_type]
    return ReviewScope(change_type, reason, tuple(evidence)[:MAX_EVIDENCE], row.reviews, row.skipped)


def _is_image(file: ChangedFile) -> bool:
    return file.kind == "binary" and bool(PROSE_PATH.search(file.path.lower()))


def _paths(file: ChangedFile) -> tuple[str, ...]:
    """Return the path of a file and, after a rename, its earlier path."""
    return (file.path,) if file.old_path in ("", file.path) else (file.path, file.old_path)


def _sensitive_reason_and_paths(changed_files: Sequence[ChangedFile]) -> tuple[str, tuple[str, ...]] | None:
    """Return the reason why a change is sensitive, with the sensitive files; None if the change is not sensitive."""
    reasons = [(file.path, reason) for file in changed_files if (reason := sensitive_reason(file))]
    return (reasons[0][1], tuple(path for path, _ in reasons)) if reasons else None


def sensitive_reason(file: ChangedFile) -> str:
    """Return the reason why a file is sensitive: its path, its permissions, or an added line; "" for other files."""
    for path in _paths(file):
        if topic := sensitive_path(path):
            return f"the path {path} is about {topic}"
    if file.has_new_mode:
        return f"the permissions of {file.path} changed"
    text = "\n".join(file.added_lines)
    if mask_credentials(text).counts:
        return f"{file.path} gets a text that looks like a credential"
    if PROSE_PATH.search(file.path.lower()):
        return ""
    return next((f"{file.path} gets {topic}" for topic, pattern in SENSITIVE_CODE if pattern.search(text)), "")


def sensitive_path(path: str) -> str:
    """Return the sensitive topic of a path; "" if the path is not sensitive."""
    lowercase_text = path.lower()
    for topic, pattern in SENSITIVE_PATHS:
        if pattern.search(lowercase_text):
            return topic
    for word in map(str.lower, _WORD.findall(path)):
        if word in SENSITIVE_WORDS:
            return SENSITIVE_WORDS[word]
        if stem := _SENSITIVE_STEMS.match(word):
            return "cryptography" if "crypt" in stem[0] else "authentication"
    return ""
