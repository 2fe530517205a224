"""Text that looks like a credential is masked, and nothing else.

The tests assemble the credentials here, so that no text in this repository looks like one.
"""

from __future__ import annotations

import base64
import random
import string
import sys
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from planmark.text.credentials import mask_credentials, mask_of
from planmark.text.secret_kinds import KINDS, scanner_kinds

if sys.version_info >= (3, 11):
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_parse as parser

LETTERS = string.ascii_letters + string.digits


def made(length: int, signs: str = LETTERS, seed: int = 1) -> str:
    """Return a random text with a digit in it, the same for equal arguments."""
    return "".join(random.Random(seed).choices(signs, k=length - 1)) + "7"


def key(kind: str = "RSA ", prefix: str = "", ends: bool = True) -> str:
    """Return a private key in PEM, each line after `prefix`."""
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
    assert mask_credentials(around.format(token)) == (around.format(mask_of(name)), {name: 1})


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"
PAIR = base64.b64encode(b"admin:hunter2").decode()
OTHERS = {
    "SendGrid": "SG." + made(22) + "." + made(43),
    "Hugging Face": "hf_" + made(34),
    "Vault": "hvs." + made(95),
    "Docker": "dckr_pat_" + made(27),
    "DigitalOcean": "dop_v1_" + made(64, HEX),
    "Shopify": "shpat_" + made(32, HEX),
    "OpenRouter": "sk-or-v1-" + made(64, HEX),
    "Replicate": "r8_" + made(37),
    "Linear": "lin_api_" + made(40),
    "New Relic": "NRAK-" + made(27, UPPER),
    "Atlassian": "ATATT3xFfGF0" + made(180),
    "Artifactory": "AKCp" + made(69),
    "Square": "sq0csp-" + made(43),
    "Mailgun": "key-" + made(32, HEX),
    "Mailchimp": made(32, HEX) + "-us12",
    "Postman": "PMAK-" + made(24, HEX) + "-" + made(34, HEX),
    "RubyGems": "rubygems_" + made(48, HEX),
    "Pulumi": "pul-" + made(40, HEX),
    "Databricks": "dapi" + made(32, HEX),
    "Figma": "figd_" + made(40),
    "Notion": "ntn_" + made(11, string.digits) + made(35),
    "Contentful": "CFPAT-" + made(43),
    "Grafana": "glsa_" + made(32) + "_" + made(8, HEX),
    "Dynatrace": "dt0c01." + made(24, UPPER) + "." + made(64, UPPER),
    "Tailscale": "tskey-auth-" + made(16) + "-" + made(32),
    "NVIDIA": "nvapi-" + made(64),
    "PlanetScale": "pscale_tkn_" + made(43),
    "Telegram": "123456789:AA" + made(33),
    "Azure": made(3) + "8Q~" + made(34),
    "Terraform": made(14) + ".atlasv1." + made(67),
    "Twilio": "SK" + made(32, HEX),
    "OpenShift": "sha256~" + made(43),
    "Clojars": "CLOJARS_" + made(60, HEX),
    "Supabase": "sb_secret_" + made(31),
    "Vercel": "vcp_" + made(56),
    "Netlify": "nfp_" + made(36),
    "PostHog": "phx_" + made(43),
}
"""Formats of other issuers."""


@pytest.mark.parametrize("issuer", OTHERS)
@pytest.mark.parametrize(
    "around", ["{}", "export X={}", "the key `{}`.", '{{"key": "{}"}}', "> {}", "a\n\n  {}\nb", "\\n{}\\n"]
)
def test_tokens_of_other_issuers_are_masked(issuer: str, around: str) -> None:
    shown = mask_credentials(around.format(OTHERS[issuer])).text
    assert OTHERS[issuer] not in shown
    assert OTHERS[issuer][-10:] not in shown
    assert "[masked: " in shown


SECRETS_BESIDE_WORDS = [
    ("curl -u admin:{} https://x", "hunter2secret"),
    ("curl https://x --user 'bob:{}'", "s3cr3t!pw"),
    ("Authorization: token {}", made(40, HEX)),
    ("Authorization: {}", made(32)),
    ("-H 'authorization: basic {}'", PAIR),
    ("Proxy-Authorization: Basic {}", PAIR),
    ('"Authorization": "Token {}"', made(40, HEX)),
    ("Cookie: session={}; theme=dark", made(32)),
    ("Set-Cookie: sid={}; Path=/", made(24)),
    ("mytool --token {} run", made(24)),
    ("mytool --api-key={}", made(20)),
    ("mytool --client-secret '{}'", made(20)),
    ("mytool --password {}", "hunter2pw"),
    ("password={}", "hunter2"),
    ("PGPASSWORD={} psql", "s3cretpw"),
    ("x-api-key: {}", made(32)),
    ("X-Auth-Token: {}", made(20)),
    ("Server=db;User Id=sa;Password={};", "letmein"),
    ("AccountName=a;AccountKey={};", made(86, LETTERS + "/+") + "=="),
    ("https://x/y?access_token={}&a=b", made(30)),
    ("https://a.example/c?sv=2020&sig={}", made(43) + "%3D"),
    ("mongodb+srv://u:{}@c.mongodb.net", "Pa55word"),
    ("redis://:{}@h:6379", "s3cretpass"),
    ("machine x.com login bob password {}", "s3cr3tpw"),
    ("//npm.example.org/:_authToken={}", "123e4567-" + "e89b-12d3-a456-426614174000"),
    ('"auth": "{}"', PAIR),
    ("mysql -u root -p{} shop", "S3cretpw"),
    ("sshpass -p {} ssh x", "S3cretpw"),
    ("docker login -u bob -p {} reg", "S3cretpw"),
    ("password: {}", "Tr0ub4dor&3"),
    ("**Password**: `{}`", "Tr0ub4dor&3x"),
    ("SECRET_KEY=django-insecure-{}", made(20) + "+(ml#_r=v" + made(20)),
    ("STRIPE_LIVE_KEY={}", made(32)),
    ("snyk_token={}", "123e4567-" + "e89b-12d3-a456-426614174000"),
    ("datadog_api_key: {}", made(32, HEX)),
]


@pytest.mark.parametrize(("around", "secret"), SECRETS_BESIDE_WORDS, ids=lambda value: value[:24])
@pytest.mark.parametrize("line", ["{}", "> {}", "- run `{}`", "a\n{}\nb"])
def test_what_words_beside_it_call_a_secret_is_masked(around: str, secret: str, line: str) -> None:
    shown = mask_credentials(line.format(around.format(secret))).text
    assert secret not in shown
    assert secret[-6:] not in shown


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("prefix", ["", "> ", "    "])
@pytest.mark.parametrize("ends", [True, False], ids=["whole", "cut off"])
def test_a_private_key_is_masked_to_its_end_and_the_lines_stay(kind: str, prefix: str, ends: bool) -> None:
    text = f"before\n{key(kind, prefix, ends)}\n{prefix}after\n"
    shown = mask_credentials(text)
    assert shown.counts == {"private key": 1}
    assert shown.text.split("\n")[:2] == ["before", f"{prefix}[masked: private key]"]
    assert shown.text.endswith(f"\n{prefix}after\n")
    assert shown.text.count("\n") == text.count("\n")
    assert not any(made(64, seed=n)[:16] in shown.text for n in range(4))


def test_a_private_key_on_one_line_is_masked() -> None:
    text = '"private_key": "' + key("").replace("\n", "\\n") + '\\n", "x": 1'
    assert mask_credentials(text).text == '"private_key": "[masked: private key]\\n", "x": 1'


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
    assert mask_credentials(before + secret + after) == (f"{before}[masked: secret]{after}", {"secret": 1})


def test_requests_and_addresses_keep_all_but_their_secret() -> None:
    bearer, url = made(30), "postgres://shop:" + "n0t-this-one" + "@db.internal:5432/shop"
    text = f"curl -H 'Authorization: Bearer {bearer}' x\nDATABASE_URL={url}\n"
    assert mask_credentials(text).text == (
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
        "docker run -u 1000:1000 x; chown -R app:app /srv; ssh -p 2222 h",
        "curl -u $USER:$PASSWORD x; curl -u user:password x; curl -u <name>:<secret> x",
        "--token TOKEN, --password <secret>, --max-tokens 8000, --token-budget 9000, --key value, --pass",
        "Cookie: see the docs; cookies are set by login. Authorization: required for every request",
        "Authorization: Bearer authentication, then Authorization: role-based-access-control",
        "password=None, password=args.password, password=getpass(), password='password', pass=1",
        "https://x/y?key=summary&token=next-page-of-results, ?sig=none",
        "SUBPLAN_API_KEY=EXECUTION_TASK_API_KEY_ROTATION_11_01, CACHE_KEY=user_profile_settings_v2",
        "work-space/plans/API-KEYS/execution/EXECUTION_TASK_API-KEYS_11_01.md:120 re_export_all_modules_2",
        "machine learning needs data, login is next; the password reset comes later",
        "MySQL -p asks for a password; redis-cli -a needs one; docker login -p is deprecated",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    shown = mask_credentials(text)
    assert shown == (text, {})
    assert shown.text is text


@given(st.lists(st.one_of(st.sampled_from([*(token for _, token in TOKENS), key(), "> "]), st.text(max_size=20))))
def test_masking_keeps_lines_and_leaves_nothing_to_mask(parts: list[str]) -> None:
    text = " \n".join(parts)
    shown = mask_credentials(text)
    assert shown.text.count("\n") == text.count("\n")
    assert mask_credentials(shown.text).text == shown.text
    assert all(token not in shown.text.split() for _, token in TOKENS)


def test_lower_case_leaves_every_character_where_it_is() -> None:
    """Search the hints in the text in lower case, and find them at the same place in the text itself."""
    longer = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).lower()) != 1]
    assert longer == ["\u0130"]
    assert mask_credentials("\u0130" * 9 + " ghp_" + made(36)).text == "\u0130" * 9 + " [masked: GitHub token]"


def test_no_pattern_repeats_what_is_repeated() -> None:
    """Reject a repetition inside a repetition, because it takes quadratic time or worse.

    A repetition that may vary by at most 300 characters is allowed. The lines of a private key are longer;
    `test_no_text_takes_long` in `tests/process` tries that pattern.
    """
    patterns = [kind.pattern for kind in (*KINDS, *scanner_kinds()) if kind.name != "private key"]
    assert len(patterns) > 400
    assert [pattern for pattern in patterns if opens_within(list(parser.parse(pattern)))] == []


def opens_within(items: list[Any], within: bool = False) -> bool:
    for kind, value in items:
        name = str(kind)
        parts: list[Any] = []
        inside = within
        if name.endswith("_REPEAT"):
            if within and value[1] - value[0] > 300:
                return True
            inside, parts = within or value[1] - value[0] > 300, [value[2]]
        elif name == "SUBPATTERN":
            parts = [value[3]]
        elif name == "BRANCH":
            parts = value[1]
        if any(opens_within(list(part), inside) for part in parts):
            return True
    return False


def test_every_format_names_where_it_is_published() -> None:
    assert all(kind.source.startswith("https://") and kind.hints for kind in KINDS)
    assert all(hint == hint.lower() for kind in KINDS for hint in kind.hints)
