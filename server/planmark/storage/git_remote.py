"""The refs of a git remote: list them, read them, and change them by compare-and-swap.

Only the calls of git in this module reach a network. Git uses its own transports, with the credentials that the user
gave to git. Git never starts a transport program that the repository's own configuration names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from planmark.storage.git import GitError, GitOutput, Repository, call

REMOTE_SECONDS = 30
"""Maximum number of seconds of one call that reaches the remote."""
REMOTE_KEY, OFFLINE_KEY = "planmark.remote", "planmark.offline"
"""The keys in git's configuration: for the remote, and for what to do if the remote does not answer."""
PROTOCOLS = "file:git:http:https:ssh"
"""The transports of git itself. Any other transport would start a program that the address names."""
TRANSPORT_VARIABLES: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": PROTOCOLS,
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",
    "GIT_HTTP_LOW_SPEED_TIME": str(REMOTE_SECONDS),
}
"""The environment variables of every call that reaches the remote.

With these variables, a stalled HTTP transport ends by itself, even if the git process has already been stopped.
"""
PROGRAM_KEYS_PATTERN = re.compile(
    r"core\.(?:sshcommand|askpass|gitproxy|alternaterefscommand)|credential\.(?:.*\.)?helper", re.IGNORECASE
)
"""Pattern for the keys in git's configuration that name a program which a transport would start."""
TRUSTED_SCOPES = frozenset({"system", "global", "command"})
"""The scopes of git's configuration that a repository cannot set."""
SETTING_KEYS_PATTERN = (
    r"^(planmark\.(remote|offline)|core\.(sshcommand|askpass|gitproxy|alternaterefscommand)|credential\..*)$"
)
"""Regular expression, for git, of the keys that `remote_settings` reads."""
MAX_REFS_OF_PUSH = 50
"""Maximum number of refs in one push. If there are more refs, they are pushed in several calls."""
LEASE_FILE_IN_COMMIT = "lease.json"
"""The name of the only file in a commit that takes the place of a blob.

Such commits are for remotes that refuse refs to blobs.
"""
AUTHOR_VARIABLES: Mapping[str, str] = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "planmark"), ("EMAIL", "planmark@localhost"), ("DATE", "@0 +0000"))
}
"""The environment variables with the author of the commits that take the place of blobs.

The author and the time are always the same. So equal contents give equal commits.
"""


class RemoteAwayError(GitError):
    """The remote does not answer."""


class RemoteSettingError(GitError):
    """The remote, as it is configured, cannot be used."""


class Remote(NamedTuple):
    """A remote: its name, its address for pushes, and the repository that has the remote."""

    repository: Repository
    name: str
    address: str


class RefChange(NamedTuple):
    """A change of a ref from the object `old_id` to the object `new_id`.

    "" as an old id means that the ref does not exist yet. "" as a new id means that the ref is deleted.
    """

    ref: str
    old_id: str
    new_id: str


def remote_settings(repository: Repository) -> tuple[str, str]:
    """Return a tuple: the values of `planmark.remote` and `planmark.offline` in git's configuration.

    A value is "" if it is not set. Raises RemoteSettingError if a remote is set, but the repository's own configuration
    names a program for transports.
    """
    values = {REMOTE_KEY: "", OFFLINE_KEY: ""}
    program_keys: list[str] = []
    listed_output = call(repository, "config", "-z", "--show-scope", "--get-regexp", SETTING_KEYS_PATTERN)
    if listed_output.code > 1:
        raise RemoteSettingError(f"git cannot read its configuration: {listed_output.error_line}")
    scopes_and_pairs = listed_output.out.decode("utf-8", "surrogateescape").split("\0")
    for scope, pair in zip(scopes_and_pairs[::2], scopes_and_pairs[1::2], strict=False):
        key, _, value = pair.partition("\n")
        if key.lower() in values:
            values[key.lower()] = value
        elif PROGRAM_KEYS_PATTERN.fullmatch(key) and scope not in TRUSTED_SCOPES:
            program_keys.append(key)
    if values[REMOTE_KEY] and program_keys:
        raise RemoteSettingError(
            f"the repository's own configuration names a program in {program_keys[0]}, which Planmark does not start: "
            "set it with `git config --global`, or unset planmark.remote"
        )
    return values[REMOTE_KEY], values[OFFLINE_KEY]


def remote_named(repository: Repository, name: str) -> Remote:
    """Return the remote with a name or an address. Raises RemoteSettingError if there is no such remote."""
    if not name.startswith("-"):
        address_output = call(repository, "remote", "get-url", "--push", name)
        address = os.fsdecode(address_output.out).partition("\n")[0]
        if address_output.code == 0 and address and not address.startswith("-"):
            return Remote(repository, name, address)
        if "/" in name or ":" in name:
            return Remote(repository, name, name)
    raise RemoteSettingError(f"git knows no remote `{name}`: set planmark.remote to one of `git remote`")


def address_without_credentials(address: str) -> str:
    """Return an address without the user name and the password."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def list_refs(remote: Remote, prefix: str) -> dict[str, str]:
    """Return a mapping from the name of a ref to the id of its object. Raises RemoteAwayError.

    The mapping has all refs whose names begin with `prefix`, such as `refs/planmark/`.
    """
    refs_output = _call_remote(remote, "ls-remote", "--refs", "--", remote.address, f"{prefix}*")
    if refs_output.code:
        raise _remote_away_error(remote, refs_output)
    lines = (line.split("\t", 1) for line in refs_output.out.decode("utf-8", "surrogateescape").splitlines())
    return {parts[1]: parts[0] for parts in lines if len(parts) == 2 and parts[1].startswith(prefix)}


def fetch_objects(remote: Remote, refs: Mapping[str, str]) -> dict[str, bytes] | None:
    """Return a mapping from the id of an object to its content, for the objects of `refs`.

    `refs` maps the names of refs to ids, as `list_refs` returned them. An object is a blob, or a commit that takes the
    place of a blob. Return None if a ref has changed since then. Raises RemoteAwayError and GitError.
    """
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
    input_bytes = "".join(f"{ref}\n" for ref in refs).encode()
    fetch_output = _call_remote(remote, "fetch", *options, "--stdin", "--", remote.address, input_bytes=input_bytes)
    ids = sorted(set(refs.values()))
    objects = _object_contents(remote.repository, ids)
    if len(objects) == len(ids):
        return objects
    if fetch_output.code and "find remote ref" not in fetch_output.error_line:
        raise _remote_away_error(remote, fetch_output)
    return None


def _object_contents(repository: Repository, ids: Sequence[str]) -> dict[str, bytes]:
    """Return a mapping from the id of an object to its content. Missing objects are left out. Raises GitError.

    The content of a commit is the content of its file LEASE_FILE_IN_COMMIT.
    """
    object_names = [name for object_id in ids for name in (object_id, f"{object_id}:{LEASE_FILE_IN_COMMIT}")]
    objects_output = call(
        repository, "cat-file", "--batch", input_bytes="".join(f"{name}\n" for name in object_names).encode()
    )
    if objects_output.code:
        raise GitError(f"git cannot read the objects of leases: {objects_output.error_line}")
    objects: dict[str, bytes] = {}
    index = 0
    for name in object_names:
        end = objects_output.out.index(b"\n", index)
        header = objects_output.out[index:end].split(b" ")
        index = end + 1
        if len(header) == 3 and header[2].isdigit():
            size = int(header[2])
            if header[1] == b"blob":
                objects[name.partition(":")[0]] = objects_output.out[index : index + size]
            elif header[1] != b"commit":
                objects.setdefault(name.partition(":")[0], b"")
            index += size + 1
    return objects


def store_blob(repository: Repository, data: bytes) -> str:
    """Write a blob into the repository, and return the id of the blob. Raises GitError."""
    return _object_id(call(repository, "hash-object", "-w", "--stdin", input_bytes=data))


def store_commit(repository: Repository, data: bytes) -> str:
    """Write a commit into the repository, and return the id of the commit. Raises GitError.

    The only file of the commit has the content `data`.
    """
    entry = f"100644 blob {store_blob(repository, data)}\t{LEASE_FILE_IN_COMMIT}\n".encode()
    tree = _object_id(call(repository, "mktree", input_bytes=entry))
    return _object_id(
        call(repository, "commit-tree", "--no-gpg-sign", tree, input_bytes=b"A lease\n", variables=AUTHOR_VARIABLES)
    )


def _object_id(output: GitOutput) -> str:
    """Return the id of the object that a call of git has written, from the output of the call. Raises GitError if the
    call failed.
    """
    if output.code:
        raise GitError(f"git cannot store a lease: {output.error_line}")
    return output.out.decode("ascii").strip()


def push_refs(remote: Remote, changes: Sequence[RefChange], *, is_atomic: bool = False) -> dict[str, str]:
    """Change refs of the remote. A ref is changed only if the ref still points to the object `old_id` of its change.

    The refs are changed in pushes of at most MAX_REFS_OF_PUSH refs. If `is_atomic` is True, a push changes either all
    of its refs, or none. Return a mapping from each ref that was not changed to the reason, in the words of git. Raises
    RemoteAwayError.
    """
    refusals: dict[str, str] = {}
    for index in range(0, len(changes), MAX_REFS_OF_PUSH):
        refusals.update(_push(remote, changes[index : index + MAX_REFS_OF_PUSH], ("--atomic",) if is_atomic else ()))
    return refusals


def _push(remote: Remote, changes: Sequence[RefChange], options: Sequence[str]) -> dict[str, str]:
    """Push changes of refs in one call, with additional `options`. Return and raise as `push_refs` does."""
    lease_options = [f"--force-with-lease={change.ref}:{change.old_id}" for change in changes]
    refspecs = [f"{change.new_id}:{change.ref}" for change in changes]
    fixed_options = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
    push_output = _call_remote(
        remote, "push", *fixed_options, *options, *lease_options, "--", remote.address, *refspecs
    )
    reports = [
        line.split("\t") for line in push_output.out.decode("utf-8", "replace").splitlines() if line.count("\t") == 2
    ]
    if push_output.code and not reports:
        raise _remote_away_error(remote, push_output)
    return {spec.rpartition(":")[2]: reason for flag, spec, reason in reports if flag == "!"}


def _call_remote(remote: Remote, *arguments: str, input_bytes: bytes = b"") -> GitOutput:
    """Run a call of git that reaches the remote. Raises RemoteAwayError if the call does not end in time."""
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


def _remote_away_error(remote: Remote, output: GitOutput) -> RemoteAwayError:
    return RemoteAwayError(
        f"the remote {remote.name} does not answer: {output.error_line or f'exit code {output.code}'}"
    )
