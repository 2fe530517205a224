"""What looks like a credential is masked, and nothing else.

The credentials are put together here, so that no text in this repository looks like one.
"""

from __future__ import annotations

import random
import string
import sys

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.text.secrets import KINDS, mask, masked

LETTERS = string.ascii_letters + string.digits


def made(length: int, signs: str = LETTERS, seed: int = 1) -> str:
    """A random text with a digit in it, always the same one."""
    return "".join(random.Random(seed).choices(signs, k=length - 1)) + "7"


def key(kind: str = "RSA ", prefix: str = "", ends: bool = True) -> str:
    """A private key in PEM, each line behind `prefix`."""
    lines = [f"-----BEGIN {kind}PRIVATE KEY-----", *(made(64, seed=n) for n in range(4)), f"{made(39)}="]
    return "\n".join(prefix + line for line in (*lines, *([f"-----END {kind}PRIVATE KEY-----"] if ends else [])))


TOKENS = [
    ("AWS access key", "AKIA" + made(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
    ("AWS access key", "ASIA" + made(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
    *(("GitHub token", f"gh{kind}_" + made(36)) for kind in "pousr"),
    ("GitHub token", "github_pat_" + made(22) + "_" + made(59)),
    ("GitLab token", "glpat-" + made(20)),
    ("GitLab token", "glrt-" + made(24)),
    ("Slack token", "xoxb-" + made(12, string.digits) + "-" + made(24)),
    ("Slack token", "https://hooks.slack.com/" + "services/T" + made(9) + "/B" + made(9) + "/" + made(24)),
    ("Stripe key", "sk_live_" + made(24)),
    ("Stripe key", "rk_test_" + made(24)),
    ("Anthropic key", "sk-ant-" + "api03-" + made(80) + "-" + made(12)),
    ("OpenAI key", "sk-proj-" + made(48)),
    ("OpenAI key", "sk-" + made(20) + "T3Blbk" + "FJ" + made(20)),
    ("Google key", "AIza" + made(35)),
    ("Google key", "ya29." + made(60)),
    ("npm token", "npm_" + made(36)),
    ("PyPI token", "pypi-Ag" + "EIcHlwaS5vcmc" + made(80)),
    ("JWT", "eyJ" + made(30) + ".eyJ" + made(60) + "." + made(43)),
]


@pytest.mark.parametrize(("name", "token"), TOKENS, ids=lambda value: value[:8])
@pytest.mark.parametrize("around", ["{}", "export X={}", "the key `{}`.", '{{"key": "{}"}}', "> {}", "a\n\n  {}\nb"])
def test_a_token_is_masked_whatever_stands_around_it(name: str, token: str, around: str) -> None:
    assert masked(around.format(token)) == (around.format(mask(name)), {name: 1})


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("prefix", ["", "> ", "    "])
@pytest.mark.parametrize("ends", [True, False], ids=["whole", "cut off"])
def test_a_private_key_is_masked_to_its_end_and_the_lines_stay(kind: str, prefix: str, ends: bool) -> None:
    text = f"before\n{key(kind, prefix, ends)}\n{prefix}after\n"
    shown = masked(text)
    assert shown.found == {"private key": 1}
    assert shown.text.split("\n")[:2] == ["before", f"{prefix}[masked: private key]"]
    assert shown.text.endswith(f"\n{prefix}after\n")
    assert shown.text.count("\n") == text.count("\n")
    assert not any(made(64, seed=n)[:16] in shown.text for n in range(4))


def test_a_private_key_on_one_line_is_masked() -> None:
    text = '"private_key": "' + key("").replace("\n", "\\n") + '\\n", "x": 1'
    assert masked(text).text == '"private_key": "[masked: private key]\\n", "x": 1'


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ("password = ", made(14), ""),
        ("DB_PASSWORD=", "Sup3r-S3cret!9x", ""),
        ('"client_secret": "', made(32), '",'),
        ("api_key: '", made(40), "'"),
        ("**API key**: `", made(24), "`"),
        ("AWS_SECRET_ACCESS_KEY=", made(40, LETTERS + "/+"), ""),
        ("token => ", made(20, "0123456789abcdef"), ", next"),
        ("access-key: ", "123e4567-" + "e89b-12d3-a456-426614174000", ""),
    ],
)
def test_what_is_assigned_to_a_name_of_a_secret_is_masked(before: str, secret: str, after: str) -> None:
    assert masked(before + secret + after) == (f"{before}[masked: secret]{after}", {"secret": 1})


def test_requests_and_addresses_keep_all_but_their_secret() -> None:
    bearer, url = made(30), "postgres://shop:" + "n0t-this-one" + "@db.internal:5432/shop"
    text = f"curl -H 'Authorization: Bearer {bearer}' x\nDATABASE_URL={url}\n"
    assert masked(text).text == (
        "curl -H 'Authorization: Bearer [masked: credentials of a request]' x\n"
        "DATABASE_URL=postgres://shop:[masked: password in a URL]@db.internal:5432/shop\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "the budget is 8000 tokens: `prompts.tokenBudget`, and max_tokens=8192",
        "token: tests/unit/test_auth.py::test_token_2_expires",
        "password: see docs/runbook-2026.md, section 4",
        "password = os.environ['DB_PASSWORD_2']",
        "api_key: ${API_KEY_2}, secret = {{ secrets.DEPLOY_KEY_2 }}, token=$(cat /run/secrets/token1)",
        "secret: <your-secret-here-123>, token = xxxxxxxxxxxxxxxxxxxx1",
        "token_expires_at: 2026-11-21T10:00:00Z",
        "ghp_" + "x" * 36 + " and AKIA" + "IOSFODNN7EXAMPLE",
        "postgres://user:password@localhost/db, git@github.com:org/repo.git, https://host:8080/a@b",
        "redis://localhost:6379/0 and ssh://git@example.org:22/x, [a](http://x.org) mail me:you@there.org",
        "Bearer authentication is described in RFC 6750; Basic authentication too",
        "sk-learn, npm_config_registry, pypi-upload, ya29, eyJ, task-4711, glpat, glossary-of-terms-and-more-words",
        "commit 1f3870be274f6c49b3e31a0c6728957f2b1c9d11, sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "ssh-ed25519 " + made(68, LETTERS) + " somebody@host",
        "access_key = get_key_v2(), secretName: my-app-tls-2024, Passwords: 3 of 4 rotated",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    shown = masked(text)
    assert shown == (text, {})
    assert shown.text is text


@given(st.lists(st.one_of(st.sampled_from([*(token for _, token in TOKENS), key(), "> "]), st.text(max_size=20))))
def test_masking_keeps_lines_and_leaves_nothing_to_mask(parts: list[str]) -> None:
    text = " \n".join(parts)
    shown = masked(text)
    assert shown.text.count("\n") == text.count("\n")
    assert masked(shown.text).text == shown.text
    assert all(token not in shown.text.split() for _, token in TOKENS)


def test_lower_case_leaves_every_character_where_it_is() -> None:
    """Hints are looked for in lower case, and found at their place in the text."""
    longer = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).lower()) != 1]
    assert longer == ["\u0130"]
    assert masked("\u0130" * 9 + " ghp_" + made(36)).text == "\u0130" * 9 + " [masked: GitHub token]"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n" * 3000,
        "-----BEGIN PRIVATE KEY-----" + "-a" * 50_000,
        "-----BEGIN PRIVATE KEY-----" + "A" * 100_000,
        "-eyJaaaaaaaa.eyJ" * 6000,
        ".eyJ" * 20_000,
        "ya29." * 20_000,
        "password" * 12_000,
        "password=" * 12_000,
        "token: " * 14_000,
        "://a:" * 20_000,
        "Authorization: Basic " * 5000,
        "sk-ant-" * 14_000,
    ],
    ids=lambda text: text[:20].strip(),
)
def test_no_text_takes_long(text: str) -> None:
    """A pattern that goes back and forth would not end within the time of the test run."""
    assert masked(text).text.count("\n") == text.count("\n")


def test_every_format_names_where_it_is_published() -> None:
    assert all(kind.source.startswith("https://") and kind.hints for kind in KINDS)
    assert all(hint == hint.lower() for kind in KINDS for hint in kind.hints)
