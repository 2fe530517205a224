"""The refs of a git remote: listed, read, and changed by compare-and-swap.

Only these calls of git reach a network. They use git's own transports, with the credentials that the user gave git. If
the repository's own configuration names a program for a transport, that program is never started.
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
"""The transports of git itself. Any other transport would start a program that the address names."""
TRANSPORT_VARIABLES: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": PROTOCOLS,
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": str(REMOTE_SECONDS),
}
"""The variables of every call that reaches the remote. A stalled transport ends by itself, even after git was ended."""
PROGRAM_KEYS_PATTERN = re.compile(
    r"core\.(?:sshcommand|askpass|gitproxy|alternaterefscommand)|credential\.(?:.*\.)?helper", re.IGNORECASE
)
"""The keys of git's configuration that name a program which a transport would start."""
SCOPES_OF_USER = frozenset({"system", "global", "command"})
SETTING_KEYS_PATTERN = (
    r"^(planmark\.(remote|offline)|core\.(sshcommand|askpass|gitproxy|alternaterefscommand)|credential\..*)$"
)
MAX_REFS_OF_PUSH = 50
"""Maximum number of refs in one push. More refs need several pushes."""
LEASE_FILE_IN_COMMIT = "lease.json"
"""The name of the only file in a commit that replaces a blob, for remotes that refuse refs to blobs."""
AUTHOR_VARIABLES: Mapping[str, str] = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "planmark"), ("EMAIL", "planmark@localhost"), ("DATE", "@0 +0000"))
}
"""The author of these commits. It is always the same, so that equal blobs give equal commits."""


class RemoteAwayError(GitError):
    """The remote does not answer."""


class RemoteSettingError(GitError):
    """The remote is configured in a way that cannot be used."""


class Remote(NamedTuple):
    """A remote by its name, its address for pushes, and the repository whose remote it is."""

    repository: Repository
    name: str
    address: str


class RefChange(NamedTuple):
    """A change of a ref from one object to another, by their ids; "" is no ref."""

    ref: str
    old_id: str
    new_id: str


def remote_settings(repository: Repository) -> tuple[str, str]:
    """Return the values of `planmark.remote` and `planmark.offline` in git's configuration, "" without a value.

    Raises RemoteSettingError if a remote is set, and the repository's own configuration names a program for transports.
    """
    values = {REMOTE_KEY: "", OFFLINE_KEY: ""}
    programs: list[str] = []
    listed_output = call(repository, "config", "-z", "--show-scope", "--get-regexp", SETTING_KEYS_PATTERN)
    if listed_output.code > 1:
        raise RemoteSettingError(f"git cannot read its configuration: {listed_output.error_line}")
    parts = listed_output.out.decode("utf-8", "surrogateescape").split("\0")
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


def remote_named(repository: Repository, name: str) -> Remote:
    """Return a remote by its name, or by its address. Raises RemoteSettingError if there is none."""
    if not name.startswith("-"):
        output = call(repository, "remote", "get-url", "--push", name)
        address = os.fsdecode(output.out).partition("\n")[0]
        if output.code == 0 and address and not address.startswith("-"):
            return Remote(repository, name, address)
        if "/" in name or ":" in name:
            return Remote(repository, name, name)
    raise RemoteSettingError(f"git knows no remote `{name}`: set planmark.remote to one of `git remote`")


def visible_address(address: str) -> str:
    """Return an address without the name and the password in it."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def list_refs(remote: Remote, prefix: str) -> dict[str, str]:
    """Return the refs below a prefix such as `refs/planmark/`, with the ids of their objects. Raises RemoteAwayError."""
    output = _call_remote(remote, "ls-remote", "--refs", "--", remote.address, f"{prefix}*")
    if output.code:
        raise _remote_away_error(remote, output)
    lines = (line.split("\t", 1) for line in output.out.decode("utf-8", "surrogateescape").splitlines())
    return {parts[1]: parts[0] for parts in lines if len(parts) == 2 and parts[1].startswith(prefix)}


def fetch_objects(remote: Remote, refs: Mapping[str, str]) -> dict[str, bytes] | None:
    """Return the content of refs to blobs, or to commits that replace blobs, by the ids of their objects.

    `refs` are refs that `list_refs` returned, with their ids. Return None if one has changed since. Raises
    RemoteAwayError and GitError.
    """
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
    input_bytes = "".join(f"{ref}\n" for ref in refs).encode()
    output = _call_remote(remote, "fetch", *options, "--stdin", "--", remote.address, input_bytes=input_bytes)
    ids = sorted(set(refs.values()))
    objects = _objects(remote.repository, ids)
    if len(objects) == len(ids):
        return objects
    if output.code and "find remote ref" not in output.error_line:
        raise _remote_away_error(remote, output)
    return None


def _objects(repository: Repository, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the content of each blob, and of the blob in each commit, by id, without ids that the repository lacks."""
    names = [name for commit_id in ids for name in (commit_id, f"{commit_id}:{LEASE_FILE_IN_COMMIT}")]
    output = call(repository, "cat-file", "--batch", input_bytes="".join(f"{name}\n" for name in names).encode())
    if output.code:
        raise GitError(f"git cannot read the objects of leases: {output.error_line}")
    objects: dict[str, bytes] = {}
    index = 0
    for name in names:
        end = output.out.index(b"\n", index)
        head = output.out[index:end].split(b" ")
        index = end + 1
        if len(head) == 3 and head[2].isdigit():
            size = int(head[2])
            if head[1] == b"blob":
                objects[name.partition(":")[0]] = output.out[index : index + size]
            elif head[1] != b"commit":
                objects.setdefault(name.partition(":")[0], b"")
            index += size + 1
    return objects


def store_blob(repository: Repository, data: bytes) -> str:
    """Put a blob into the repository, and return the blob's id. Raises GitError."""
    return _object_id(call(repository, "hash-object", "-w", "--stdin", input_bytes=data))


def store_commit(repository: Repository, data: bytes) -> str:
    """Put a commit with the data as its only file into the repository, and return the commit's id. Raises GitError."""
    entry = f"100644 blob {store_blob(repository, data)}\t{LEASE_FILE_IN_COMMIT}\n".encode()
    tree = _object_id(call(repository, "mktree", input_bytes=entry))
    return _object_id(
        call(repository, "commit-tree", "--no-gpg-sign", tree, input_bytes=b"A lease\n", variables=AUTHOR_VARIABLES)
    )


def _object_id(output: Output) -> str:
    if output.code:
        raise GitError(f"git cannot store a lease: {output.error_line}")
    return output.out.decode("ascii").strip()


def push_refs(remote: Remote, changes: Sequence[RefChange], *, is_atomic: bool = False) -> dict[str, str]:
    """Change each ref of the remote only if it still has its old object; with `is_atomic`, change all refs or none.

    Return the refs that were not changed, each with the reason in the words of git. Raises RemoteAwayError.
    """
    refusals: dict[str, str] = {}
    for index in range(0, len(changes), MAX_REFS_OF_PUSH):
        refusals.update(_push(remote, changes[index : index + MAX_REFS_OF_PUSH], ("--atomic",) if is_atomic else ()))
    return refusals


def _push(remote: Remote, changes: Sequence[RefChange], options: Sequence[str]) -> dict[str, str]:
    lease_options = [f"--force-with-lease={change.ref}:{change.old_id}" for change in changes]
    refspecs = [f"{change.new_id}:{change.ref}" for change in changes]
    fixed_options = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
    output = _call_remote(remote, "push", *fixed_options, *options, *lease_options, "--", remote.address, *refspecs)
    reports = [line.split("\t") for line in output.out.decode("utf-8", "replace").splitlines() if line.count("\t") == 2]
    if output.code and not reports:
        raise _remote_away_error(remote, output)
    return {spec.rpartition(":")[2]: reason for flag, spec, reason in reports if flag == "!"}


def _call_remote(remote: Remote, *arguments: str, input_bytes: bytes = b"") -> Output:
    """Run a call that reaches the remote. Raises RemoteAwayError if it does not end in time."""
    try:
        return call(
            remote.repository,
            *arguments,
            variables=TRANSPORT_VARIABLES,
            seconds=REMOTE_SECONDS,
            input_bytes=input_bytes,
        )
    except GitError as error:
        raise RemoteAwayError(f"the remote {remote.name} does not answer: {error}") from None


def _remote_away_error(remote: Remote, output: Output) -> RemoteAwayError:
    return RemoteAwayError(
        f"the remote {remote.name} does not answer: {output.error_line or f'exit code {output.code}'}"
    )
