"""The refs of a git remote: listed, read, and changed by compare-and-swap.

Only these calls of git reach a network. The transport is that of git, with the credentials that the user gave git. A
program for the transport that the repository's own configuration names is never started.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from planmark.storage.git import GitError, Output, Repository, call

REMOTE_SECONDS = 30
"""Maximum time of one call that reaches the remote."""
REMOTE_KEY, OFFLINE_KEY = "planmark.remote", "planmark.offline"
PROTOCOLS = "file:git:http:https:ssh"
"""The transports of git itself. The others would start a program that the address names."""
TRANSPORT_VARIABLES: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": PROTOCOLS,
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": str(REMOTE_SECONDS),
}
"""The variables of every call that reaches the remote. A transport that stalls ends, also if git was ended before it."""
PROGRAM_KEYS_PATTERN = re.compile(
    r"core\.(?:sshcommand|askpass|gitproxy|alternaterefscommand)|credential\.(?:.*\.)?helper", re.IGNORECASE
)
"""The keys of git's configuration that name a program which a transport would start."""
SCOPES_OF_USER = frozenset({"system", "global", "command"})
WHOLE_KEYS = r"^(planmark\.(remote|offline)|core\.(sshcommand|askpass|gitproxy|alternaterefscommand)|credential\..*)$"
MAX_PUSHED = 50
"""Maximum number of refs in one push; more go in several."""
INSIDE_COMMIT = "lease.json"
"""The name of the file in a commit that stands for a blob, for remotes that refuse refs to blobs."""
AUTHOR_VARIABLES: Mapping[str, str] = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "planmark"), ("EMAIL", "planmark@localhost"), ("DATE", "@0 +0000"))
}
"""The author of such a commit. It is always the same, so that equal blobs give equal commits."""


class RemoteAwayError(GitError):
    """The remote does not answer."""


class RemoteSettingError(GitError):
    """The remote is configured in a way that cannot be used."""


class Remote(NamedTuple):
    """A remote by its name, its address for pushes, and the repository whose remote it is."""

    inside: Repository
    name: str
    address: str


class RefChange(NamedTuple):
    """A change of a ref from one object to another, by their ids; "" is no ref."""

    ref: str
    old: str
    new: str


def remote_settings(inside: Repository) -> tuple[str, str]:
    """Return the values of `planmark.remote` and `planmark.offline` in git's configuration, "" without a value.

    Raises RemoteSettingError if a remote is set, and the repository's own configuration names a program for transports.
    """
    values = {REMOTE_KEY: "", OFFLINE_KEY: ""}
    programs: list[str] = []
    listed = call(inside, "config", "-z", "--show-scope", "--get-regexp", WHOLE_KEYS)
    if listed.code > 1:
        raise RemoteSettingError(f"git cannot read its configuration: {listed.says}")
    parts = listed.out.decode("utf-8", "surrogateescape").split("\0")
    for scope, pair in zip(parts[::2], parts[1::2], strict=False):
        key, _, value = pair.partition("\n")
        if key.lower() in values:
            values[key.lower()] = value
        elif PROGRAM_KEYS_PATTERN.fullmatch(key) and scope not in SCOPES_OF_USER:
            programs.append(key)
    if values[REMOTE_KEY] and programs:
        raise RemoteSettingError(
            f"the repository's own configuration names a program in {programs[0]}, which Planmark does not start: "
            "set it with `git config --global`, or unset planmark.remote"
        )
    return values[REMOTE_KEY], values[OFFLINE_KEY]


def remote_named(inside: Repository, name: str) -> Remote:
    """Return a remote by its name, or by its address. Raises RemoteSettingError if there is none."""
    if not name.startswith("-"):
        output = call(inside, "remote", "get-url", "--push", name)
        address = os.fsdecode(output.out).partition("\n")[0]
        if output.code == 0 and address and not address.startswith("-"):
            return Remote(inside, name, address)
        if "/" in name or ":" in name:
            return Remote(inside, name, name)
    raise RemoteSettingError(f"git knows no remote `{name}`: set planmark.remote to one of `git remote`")


def visible_address(address: str) -> str:
    """Return an address without the name and the password in it."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def list_refs(remote: Remote, below: str) -> dict[str, str]:
    """Return the refs below a prefix such as `refs/planmark/`, with the ids of their objects. Raises RemoteAwayError."""
    done = _call_remote(remote, "ls-remote", "--refs", "--", remote.address, f"{below}*")
    if done.code:
        raise _remote_away_error(remote, done)
    lines = (line.split("\t", 1) for line in done.out.decode("utf-8", "surrogateescape").splitlines())
    return {parts[1]: parts[0] for parts in lines if len(parts) == 2 and parts[1].startswith(below)}


def fetch_objects(remote: Remote, refs: Mapping[str, str]) -> dict[str, bytes] | None:
    """Return the bytes of refs to blobs, or to commits that stand for blobs, by the ids of their objects.

    `refs` are as listed; return None if they have changed since. Raises RemoteAwayError and GitError.
    """
    plain = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
    given = "".join(f"{ref}\n" for ref in refs).encode()
    done = _call_remote(remote, "fetch", *plain, "--stdin", "--", remote.address, given=given)
    ids = sorted(set(refs.values()))
    objects = _objects(remote.inside, ids)
    if len(objects) == len(ids):
        return objects
    if done.code and "find remote ref" not in done.says:
        raise _remote_away_error(remote, done)
    return None


def _objects(inside: Repository, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the bytes of the blobs with these ids, and of the blob inside each commit; without those that are not here."""
    names = [name for one in ids for name in (one, f"{one}:{INSIDE_COMMIT}")]
    done = call(inside, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    if done.code:
        raise GitError(f"git cannot read the objects of leases: {done.says}")
    objects: dict[str, bytes] = {}
    at = 0
    for name in names:
        end = done.out.index(b"\n", at)
        head = done.out[at:end].split(b" ")
        at = end + 1
        if len(head) == 3 and head[2].isdigit():
            size = int(head[2])
            if head[1] == b"blob":
                objects[name.partition(":")[0]] = done.out[at : at + size]
            elif head[1] != b"commit":
                objects.setdefault(name.partition(":")[0], b"")
            at += size + 1
    return objects


def store_blob(inside: Repository, data: bytes) -> str:
    """Put a blob into the repository, and return its id. Raises GitError."""
    return _id(call(inside, "hash-object", "-w", "--stdin", given=data))


def store_commit(inside: Repository, data: bytes) -> str:
    """Put a commit into the repository that has the data as its only file, and return its id. Raises GitError."""
    entry = f"100644 blob {store_blob(inside, data)}\t{INSIDE_COMMIT}\n".encode()
    tree = _id(call(inside, "mktree", given=entry))
    return _id(call(inside, "commit-tree", "--no-gpg-sign", tree, given=b"A lease\n", more=AUTHOR_VARIABLES))


def _id(done: Output) -> str:
    if done.code:
        raise GitError(f"git cannot store a lease: {done.says}")
    return done.out.decode("ascii").strip()


def push_refs(remote: Remote, changes: Sequence[RefChange], *, is_atomic: bool = False) -> dict[str, str]:
    """Change refs of the remote, each only from its old object; with `is_atomic`, all or none of them.

    Return the refs that were not changed, each with the reason in the words of git. Raises RemoteAwayError.
    """
    refused: dict[str, str] = {}
    for at in range(0, len(changes), MAX_PUSHED):
        refused.update(_push(remote, changes[at : at + MAX_PUSHED], ("--atomic",) if is_atomic else ()))
    return refused


def _push(remote: Remote, changes: Sequence[RefChange], options: Sequence[str]) -> dict[str, str]:
    expected = [f"--force-with-lease={change.ref}:{change.old}" for change in changes]
    specs = [f"{change.new}:{change.ref}" for change in changes]
    plain = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
    done = _call_remote(remote, "push", *plain, *options, *expected, "--", remote.address, *specs)
    reports = [line.split("\t") for line in done.out.decode("utf-8", "replace").splitlines() if line.count("\t") == 2]
    if done.code and not reports:
        raise _remote_away_error(remote, done)
    return {spec.rpartition(":")[2]: why for flag, spec, why in reports if flag == "!"}


def _call_remote(remote: Remote, *arguments: str, given: bytes = b"") -> Output:
    """Run a call that reaches the remote. Raises RemoteAwayError if it does not end in time."""
    try:
        return call(remote.inside, *arguments, more=TRANSPORT_VARIABLES, seconds=REMOTE_SECONDS, given=given)
    except GitError as error:
        raise RemoteAwayError(f"the remote {remote.name} does not answer: {error}") from None


def _remote_away_error(remote: Remote, done: Output) -> RemoteAwayError:
    return RemoteAwayError(f"the remote {remote.name} does not answer: {done.says or f'exit code {done.code}'}")
