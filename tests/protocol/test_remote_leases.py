"""Leases that clones share through a bare repository on disk: one winner each, and no stale change.

The usual run has three clones and few keys; `make soak` has 8 clones and 25 keys.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from command_line import Run, runner
from fixture import write_files
from lease_process import work
from lease_processes import SOAK, answer, processes, tell
from planmark.cli.errors import BAD_USAGE, DONE, UNREADABLE, WAITING
from planmark.coordination import remote_leases as remote_module
from planmark.coordination.lease import Lease, lease_bytes
from planmark.coordination.lease_acts import LeaseRefusedError, refuse_lost_lease, release, renew, steal
from planmark.coordination.lease_rules import (
    DEFAULT_LEASE_TERMS,
    LeaseRequester,
    MachineState,
    give_lease,
    lease_key_of,
    refusal,
)
from planmark.coordination.lease_store import LeaseStore
from planmark.coordination.remote_leases import RemoteLeases, remote_leases
from planmark.coordination.remote_rules import MIN_RENEWAL_PUSH_SECONDS
from planmark.storage import git_remote
from planmark.storage.git_remote import RemoteAwayError

CLONES, KEYS = (8, 25) if SOAK else (3, 4)
PLAN = "work-space/plans/PAY/PLAN_PAY.md"
TEXT = """# PLAN: Pay

**Status**: In Progress

## Achievement Index

- Achievement 1.1: Part
- Achievement 1.2: Part

**Achievement 1.1**: Part

**Achievement 1.2**: Part

## Goal

x
"""
ONLY_COMMITS = """#!/bin/sh
case "$1" in refs/planmark/*) test "$3" = 0000000000000000000000000000000000000000 ||
  test "$(git cat-file -t "$3")" = commit || { echo "only commits here"; exit 1; };; esac
"""
NO_REFS = "#!/bin/sh\nwhile read old new ref; do case $ref in refs/planmark/*) echo 'no such refs here'; exit 1;; esac; done\n"
NO_BLOBS = """#!/bin/sh
while read old new ref; do
  expr "$new" : '0*$' >/dev/null || test "$(git cat-file -t "$new")" = commit || { echo "no blobs here"; exit 1; }
done
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """Return a bare repository with one plan."""
    hub, first = tmp_path.resolve() / "hub.git", tmp_path.resolve() / "first"
    hub.mkdir()
    git(hub, "init", "-q", "--bare")
    write_files(first, {PLAN: TEXT})
    git(first, "init", "-q")
    git(first, "add", "-A")
    git(first, "commit", "-q", "-m", "A plan")
    git(first, "push", "-q", str(hub), "HEAD:refs/heads/main")
    git(hub, "symbolic-ref", "HEAD", "refs/heads/main")
    return hub


def clone(hub: Path, name: str) -> Path:
    """Return a clone that shares its leases."""
    folder = hub.parent / name
    git(hub.parent, "clone", "-q", str(hub), name)
    git(folder, "config", "planmark.remote", "origin")
    return folder


def hook(hub: Path, name: str, text: str) -> None:
    path = hub / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def refs(hub: Path, kind: str = "leases") -> dict[str, str]:
    """Return the refs of leases by item, with the agent of each."""
    found: dict[str, str] = {}
    for line in git(hub, "for-each-ref", "--format=%(objecttype) %(refname)", f"refs/planmark/{kind}").splitlines():
        what, ref = line.split(" ")
        content = git(hub, "cat-file", "-p", f"{ref}:lease.json" if what == "commit" else ref)
        found[ref.rpartition("/")[2]] = msgspec.json.decode(content, type=Lease).agent
    return found


class Site(NamedTuple):
    """A clone on a machine of its own, whose clock a test sets."""

    store: LeaseStore
    remote: RemoteLeases
    host: str
    skew: float = 0

    def now(self, after: float = 0) -> MachineState:
        return MachineState(time.time() + after + self.skew, self.host, lambda _: False)

    def asker(self) -> LeaseRequester:
        return LeaseRequester(f"agent-of-{self.host}", self.host, str(self.store.place.tree))

    def take(self, key: int, after: float = 0) -> Lease:
        """Lease a key here, and share it; it must be free."""
        with self.store.locked_leases() as leases:
            assert refusal(work(key), leases, self.asker(), self.now(after), DEFAULT_LEASE_TERMS) is None
            lease = give_lease(
                work(key), leases.get(work(key).key), self.asker(), self.now(after), DEFAULT_LEASE_TERMS, new_id()
            )
            self.store.write(leases, lease)
        return self.share(lease, after, is_new=True)

    def share(self, lease: Lease, after: float = 0, *, is_new: bool = False) -> Lease:
        self.remote.push(self.now(after))
        refuse_lost_lease(self.store.read(), lease, "origin", is_new=is_new)
        return lease

    def renew(self, lease: Lease, after: float) -> Lease:
        with self.store.locked_leases() as leases:
            renewed = renew(leases, lease.id, None, self.now(after), DEFAULT_LEASE_TERMS)
            self.store.write(leases, renewed)
        return self.share(renewed, after)

    def steal(self, key: int, after: float = 0, why: str = "") -> Lease:
        with self.store.locked_leases() as leases:
            lease = steal(work(key), leases, self.asker(), self.now(after), DEFAULT_LEASE_TERMS, new_id(), why=why)
            self.store.write(leases, lease)
        return self.share(lease, after, is_new=True)

    def at(self, key: int) -> Lease:
        lease = self.store.read()[work(key).key].lease
        assert lease is not None
        return lease


IDS = iter(range(1, 1_000_000))


def new_id() -> str:
    return f"lse_{next(IDS):016x}"


def site(hub: Path, name: str, skew: float = 0) -> Site:
    store = LeaseStore(clone(hub, name))
    remote = remote_leases(store)
    assert remote is not None
    return Site(store, remote, name, skew)


@pytest.fixture
def sites(hub: Path) -> tuple[Site, Site]:
    return site(hub, "a"), site(hub, "b")


def planmark_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(folder))


def given(run: Run, agent: str) -> Any:
    done = run("next", "--lease", "--agent", agent, "--json")
    assert done.code == DONE, done.err
    return done.data["lease"]


def test_each_key_has_one_winner_among_clones(hub: Path) -> None:
    clones = [clone(hub, f"clone-{number}") for number in range(CLONES)]
    with processes(CLONES) as running:
        for process, folder in zip(running, clones, strict=True):
            tell(process, "race_remote", str(folder), KEYS)
        answers = [answer(process) for process in running]
    assert [one["errors"] for one in answers] == [[]] * CLONES
    assert Counter(key for one in answers for key in one["won"]) == Counter(range(KEYS))
    winners = {f"1.{key}": f"agent-{number}" for number, one in enumerate(answers) for key in one["won"]}
    assert refs(hub) == winners
    for number, (folder, one) in enumerate(zip(clones, answers, strict=True)):
        here = LeaseStore(folder).read()
        for key in one["lost"]:
            lease = here[work(key).key].lease
            assert lease is not None and lease.agent == winners[f"1.{key}"]
            assert [former.reason for former in lease.former if former.agent == f"agent-{number}"] == ["lost"]


def test_a_stale_renewal_is_rejected_and_names_the_winner(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    b.remote.pull(b.now())
    b.steal(1, why="it hangs")
    with pytest.raises(LeaseRefusedError, match=r"taken by agent-of-b at .* by force\. Stop; commit nothing"):
        a.renew(lease, MIN_RENEWAL_PUSH_SECONDS + 1)
    assert refs(hub) == {"1.1": "agent-of-b"}
    assert a.at(1).generation == 2


def test_a_stale_steal_is_rejected(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    b.remote.pull(b.now())
    a.renew(lease, MIN_RENEWAL_PUSH_SECONDS + 1)
    with pytest.raises(LeaseRefusedError, match="is lost: agent-of-a on a has leased it through origin until"):
        b.steal(1, MIN_RENEWAL_PUSH_SECONDS + 1, why="it hangs")
    assert refs(hub) == {"1.1": "agent-of-a"}
    assert b.at(1).id == lease.id and b.at(1).former[-1].reason == "lost"


def test_a_stale_release_deletes_nothing(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    b.remote.pull(b.now())
    b.steal(1, why="it hangs")
    with a.store.locked_leases() as leases:
        released = release(leases, lease.id, a.now())
        a.store.write(leases, released)
    with pytest.raises(LeaseRefusedError, match="taken by agent-of-b"):
        a.share(released)
    assert refs(hub) == {"1.1": "agent-of-b"} and refs(hub, "ended") == {}
    assert a.at(1).agent == "agent-of-b"


def test_renewals_are_sent_once_a_minute_and_together(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = sites
    pushes: list[int] = []
    push = remote_module.push_refs

    def counted(remote: Any, changes: Any, **more: Any) -> Any:
        pushes.append(len(changes))
        return push(remote, changes, **more)

    with a.store.locked_leases() as leases:
        held = [give_lease(work(key), None, a.asker(), a.now(), DEFAULT_LEASE_TERMS, new_id()) for key in range(3)]
        for lease in held:
            a.store.write(leases, lease)
    monkeypatch.setattr(remote_module, "push_refs", counted)
    a.remote.push(a.now())
    for after in (10, 30, 50):
        a.renew(held[0], after)
    assert pushes == [3]
    with a.store.locked_leases() as leases:
        for lease in held:
            a.store.write(
                leases, renew(leases, lease.id, None, a.now(MIN_RENEWAL_PUSH_SECONDS + 1), DEFAULT_LEASE_TERMS)
            )
    a.remote.push(a.now(MIN_RENEWAL_PUSH_SECONDS + 1))
    assert pushes == [3, 3]


@pytest.mark.parametrize("skew", [-600, 0, 600])
def test_a_lease_of_another_machine_is_free_only_after_it_was_seen_for_its_time(hub: Path, skew: float) -> None:
    a, b = site(hub, "a"), site(hub, "b", skew)
    lease = a.take(1)
    other = give_lease(work(2), None, a.asker(), a.now(-3_000), DEFAULT_LEASE_TERMS, new_id())
    with a.store.locked_leases() as leases:
        a.store.write(leases, other)
    object_ = git(a.store.place.tree, "hash-object", "-w", str(a.store.path_of(lease_key_of(other))))
    git(a.store.place.tree, "push", "-q", "origin", f"{object_}:refs/planmark/leases/{'/'.join(lease_key_of(other))}")
    b.remote.pull(b.now())
    free = {}
    for key in (1, 2):
        # The clock of b's disk has the skew as well.
        path = b.store.path_of(work(key).key)
        written = path.stat().st_mtime + skew
        os.utime(path, (written, written))
        for after in (0, 300, 900):
            free[key, after] = refusal(work(key), b.store.read(), b.asker(), b.now(after), DEFAULT_LEASE_TERMS) is None
    assert not any(free.values())
    late = 900 + 600 + 60 + 10
    a.renew(lease, 700)
    b.remote.pull(b.now(700))
    assert refusal(work(2), b.store.read(), b.asker(), b.now(late), DEFAULT_LEASE_TERMS) is None
    assert not refusal(work(1), b.store.read(), b.asker(), b.now(late + 700), DEFAULT_LEASE_TERMS)
    cut_off = b.now(late)._replace(is_cut_off=True)
    assert refusal(work(2), b.store.read(), b.asker(), cut_off, DEFAULT_LEASE_TERMS) is not None


def test_the_end_of_a_lease_is_seen_and_generations_grow_on_all_machines(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    with a.store.locked_leases() as leases:
        released = release(leases, lease.id, a.now())
        a.store.write(leases, released)
    a.share(released)
    assert refs(hub) == {} and refs(hub, "ended") == {"1.1": "agent-of-a"}
    b.remote.pull(b.now())
    assert b.take(1).generation == 2
    assert refs(hub) == {"1.1": "agent-of-b"}
    third = site(hub, "c")
    third.remote.pull(third.now())
    assert [one.agent for one in third.at(1).former] == ["agent-of-a"]


def test_work_that_is_done_elsewhere_is_not_given_again(sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    done = msgspec.structs.replace(lease, state="ended", reason="done", ended=lease.renewed, ended_in=a.asker().place)
    with a.store.locked_leases() as leases:
        a.store.write(leases, done)
    a.share(done)
    b.remote.pull(b.now())
    reason = refusal(work(1), b.store.read(), b.asker(), b.now(), DEFAULT_LEASE_TERMS)
    assert reason is not None and reason.kind == "done_elsewhere"


def test_a_ref_that_a_person_deletes_ends_its_lease(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    b.remote.pull(b.now())
    (ref,) = git(hub, "for-each-ref", "--format=%(refname)", "refs/planmark").splitlines()
    git(hub, "update-ref", "-d", ref)
    b.remote.pull(b.now())
    assert b.at(1).reason == "released"
    b.take(1)
    with pytest.raises(LeaseRefusedError, match=r"released\. Stop; commit nothing"):
        a.renew(lease, MIN_RENEWAL_PUSH_SECONDS + 1)
    assert refs(hub) == {"1.1": "agent-of-b"}


def test_what_is_no_lease_counts_as_held(hub: Path, sites: tuple[Site, Site]) -> None:
    a, b = sites
    lease = a.take(1)
    tree = a.store.place.tree
    for key, content in (
        (2, b'{"schema":"planmark.lease/9","generation":7}'),
        (3, b"\xff\x00no JSON"),
        (4, lease_bytes(lease)),
    ):
        path = hub.parent / f"content-{key}"
        path.write_bytes(content)
        identity = git(tree, "hash-object", "-w", str(path))
        git(tree, "push", "-q", "origin", f"{identity}:refs/planmark/leases/{'/'.join(work(key).key)}")
    git(tree, "push", "-q", "origin", "HEAD:refs/planmark/leases/elsewhere", "HEAD^{tree}:refs/planmark/leases/x/y")
    b.remote.pull(b.now())
    for key in (2, 3):
        reason = refusal(work(key), b.store.read(), b.asker(), b.now(), DEFAULT_LEASE_TERMS)
        assert reason is not None and reason.kind == "unreadable"
    # A lease of a different item says nothing about this one.
    assert b.at(1).agent == "agent-of-a"
    assert refusal(work(5), b.store.read(), b.asker(), b.now(), DEFAULT_LEASE_TERMS) is None


@pytest.mark.parametrize(("name", "text"), [("update", ONLY_COMMITS), ("pre-receive", NO_BLOBS)])
def test_a_remote_that_refuses_blobs_gets_commits(hub: Path, name: str, text: str) -> None:
    hook(hub, name, text)
    a, b = site(hub, "a"), site(hub, "b")
    lease = a.take(1)
    assert git(hub, "for-each-ref", "--format=%(objecttype)", "refs/planmark") == "commit"
    b.remote.pull(b.now())
    assert b.at(1) == lease
    with pytest.raises(LeaseRefusedError, match="agent-of-a"):
        b.steal(1)
    with a.store.locked_leases() as leases:
        released = release(leases, lease.id, a.now())
        a.store.write(leases, released)
    a.share(released)
    assert refs(hub) == {} and refs(hub, "ended") == {"1.1": "agent-of-a"}


def test_a_remote_that_deletes_no_ref_is_told_the_end(hub: Path) -> None:
    git(hub, "config", "receive.denyDeletes", "true")
    a, b = site(hub, "a"), site(hub, "b")
    lease = a.take(1)
    b.remote.pull(b.now())
    with a.store.locked_leases() as leases:
        released = release(leases, lease.id, a.now())
        a.store.write(leases, released)
    a.share(released)
    b.remote.pull(b.now())
    assert b.at(1).reason == "released"
    assert b.take(1).generation == 2
    assert refs(hub) == {"1.1": "agent-of-b"}


def test_a_remote_that_refuses_the_refs_is_named(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook(hub, "pre-receive", NO_REFS)
    run = planmark_in(clone(hub, "a"), capsys)
    done = run("next", "--lease", "--agent", "ada")
    assert done.code == UNREADABLE and done.out == ""
    assert "the remote origin refuses refs/planmark/leases/" in done.err
    assert "as a blob and as a commit: [remote rejected] (pre-receive hook declined)" in done.err
    assert "no lease is held" in run("lease", "list").out


def test_commands_share_leases_and_say_through_what(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (planmark_in(clone(hub, name), capsys) for name in "ab")
    first = a("next", "--lease", "--agent", "ada")
    assert first.code == DONE and f"shared through origin, {hub}" in first.err
    assert given(b, "bob")["achievement"] == "1.2"
    third = b("next", "--lease", "--agent", "cyd")
    assert third.code == WAITING and "PAY 1.1: held by ada until" in third.err
    assert a("lease", "release", "@PAY", "1.1", "--agent", "ada").code == DONE
    assert refs(hub) == {"1.2": "bob"}
    assert given(b, "cyd")["generation"] == 2
    assert a("lease", "assign", "@PAY", "--to", "eve,fay", "--write").code == DONE
    assert refs(hub) == {"1.1": "cyd", "1.2": "bob"}


def test_without_an_answer_nothing_is_leased(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = clone(hub, "a")
    run = planmark_in(folder, capsys)
    lease = given(run, "ada")
    gone = hub.rename(hub.parent / "gone.git")
    refused = run("next", "--lease", "--agent", "bob")
    assert refused.code == WAITING and refused.out == ""
    assert "the remote origin does not answer" in refused.err
    released = run("lease", "release", lease["id"])
    assert released.code == WAITING
    assert "has ended on this machine; other machines see its end at the next push, or when it expires" in released.err
    git(folder, "config", "planmark.offline", "local")
    alone = run("next", "--lease", "--agent", "bob")
    assert alone.code == DONE and "no other machine sees this (planmark.offline)" in alone.err
    gone.rename(hub)
    assert refs(hub) == {"1.1": "ada"}
    # What happened meanwhile is told with the next call.
    assert given(run, "cyd")["achievement"] == "1.2"
    assert refs(hub) == {"1.1": "bob", "1.2": "cyd"}


def test_a_renewal_without_an_answer_does_not_hold_longer(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = clone(hub, "a")
    run = planmark_in(folder, capsys)
    lease = given(run, "ada")
    notes = LeaseStore(folder).place.folder / "remote.json"
    # As if it had been sent long ago.
    sent = msgspec.json.decode(notes.read_bytes())
    for one in sent["held"].values():
        one["sent"], one["renewed"] = 0.0, "2020-01-01T00:00:00Z"
    notes.write_bytes(msgspec.json.encode(sent))
    hub.rename(hub.parent / "gone.git")
    refused = run("lease", "renew", lease["id"])
    assert refused.code == WAITING and "the remote origin does not answer" in refused.err
    (kept,) = (stored.lease for stored in LeaseStore(folder).read().values())
    assert kept is not None and (kept.state, kept.until) == ("held", lease["until"])


def test_two_remotes_are_two_worlds_and_each_lease_names_its_own(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = clone(hub, "a"), clone(hub, "b")
    git(hub.parent, "clone", "-q", "--bare", str(hub), "other.git")
    git(b, "remote", "set-url", "origin", str(hub.parent / "other.git"))
    ada = planmark_in(a, capsys)("next", "--lease", "--agent", "ada")
    bob = planmark_in(b, capsys)("next", "--lease", "--agent", "bob")
    assert f"shared through origin, {hub}" in ada.err
    assert f"shared through origin, {hub.parent / 'other.git'}" in bob.err
    git(b, "remote", "set-url", "origin", str(hub))
    # Through the common remote, the first lease there counts.
    assert given(planmark_in(b, capsys), "cyd")["achievement"] == "1.2"
    assert refs(hub) == {"1.1": "ada", "1.2": "cyd"}


def test_a_versioned_file_sets_no_remote(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = clone(hub, "a")
    git(folder, "config", "--unset", "planmark.remote")
    write_files(folder, {"planmark.toml": '[leases]\nremote = "origin"\noffline = "local"\n'})
    run = planmark_in(folder, capsys)
    assert given(run, "ada")["achievement"] == "1.1"
    assert git(hub, "for-each-ref", "refs/planmark") == ""
    said = run("check").out
    assert "sets `leases.remote`, which only your own settings may" in said
    assert "set it with `git config planmark.remote`" in said


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("planmark.remote", "nowhere", "git knows no remote `nowhere`"),
        ("planmark.remote", "--upload-pack=x", "git knows no remote `--upload-pack=x`"),
        ("planmark.offline", "maybe", "it takes refuse or local"),
        ("core.sshCommand", "touch started", "names a program in core.sshcommand"),
        ("credential.helper", "!touch started", "names a program in credential.helper"),
        ("credential.https://x.helper", "!touch started", "names a program in credential.https://x.helper"),
    ],
)
def test_a_remote_that_cannot_be_used_is_named(
    hub: Path, capsys: pytest.CaptureFixture[str], key: str, value: str, says: str
) -> None:
    folder = clone(hub, "a")
    git(folder, "config", key, value)
    done = planmark_in(folder, capsys)("next", "--lease", "--agent", "ada")
    assert done.code == BAD_USAGE and says in done.err
    assert not (folder / "started").exists()
    assert git(hub, "for-each-ref", "refs/planmark") == ""


@pytest.mark.parametrize(
    "configuration",
    [
        {"remote.origin.url": "ext::sh -c 'touch {marker}'"},
        {"remote.origin.vcs": "ext"},
        {"remote.origin.receivepack": "touch {marker};", "remote.origin.uploadpack": "touch {marker};"},
        {"url.ext::touch {marker} #.insteadOf": "/"},
        {"push.gpgSign": "true", "gpg.program": "touch {marker};"},
        {"core.fsmonitor": "touch {marker};", "core.hooksPath": "hooks"},
    ],
    ids=lambda configuration: next(iter(configuration)),
)
def test_no_program_of_the_repository_is_started(
    hub: Path, capsys: pytest.CaptureFixture[str], configuration: dict[str, str]
) -> None:
    folder, marker = clone(hub, "a"), hub.parent / "started"
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        hook(folder / ".git", name, f"#!/bin/sh\ntouch {marker}\n")
    for key, value in configuration.items():
        git(folder, "config", key.format(marker=marker), value.format(marker=marker))
    marker.unlink(missing_ok=True)
    done = planmark_in(folder, capsys)("next", "--lease", "--agent", "ada")
    assert done.code in (DONE, WAITING, BAD_USAGE), done.err
    assert not marker.exists()


def test_a_password_in_an_address_is_not_shown(hub: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = clone(hub, "a")
    git(folder, "remote", "set-url", "origin", f"file://ada:hunter22@localhost{hub}")
    done = planmark_in(folder, capsys)("next", "--lease", "--agent", "ada")
    assert "hunter22" not in done.err + done.out


def test_a_lease_reaches_the_remote_twice(
    hub: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = (planmark_in(clone(hub, name), capsys) for name in "ab")
    reached: list[str] = []
    call = git_remote.call

    def counted(inside: Any, *arguments: str, **options: Any) -> Any:
        reached.extend(arguments[:1] if options.get("variables") is git_remote.TRANSPORT_VARIABLES else ())
        return call(inside, *arguments, **options)

    monkeypatch.setattr(git_remote, "call", counted)
    given(a, "ada")
    assert reached == ["ls-remote", "push"]
    reached.clear()
    given(b, "bob")
    assert reached == ["ls-remote", "fetch", "push"]


def test_a_remote_that_hangs_is_left_in_time(
    hub: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = clone(hub, "a")
    run = planmark_in(folder, capsys)
    silent = hub.parent / "ssh"
    silent.write_text("#!/bin/sh\nexec sleep 20\n", encoding="utf-8")
    silent.chmod(0o755)
    git(folder, "remote", "set-url", "origin", "ssh://localhost/hub.git")
    monkeypatch.setenv("GIT_SSH", str(silent))
    monkeypatch.setattr(git_remote, "REMOTE_SECONDS", 0.5)
    done = run("next", "--lease", "--agent", "ada")
    assert done.code == WAITING
    assert "the remote origin does not answer: git ls-remote did not end within 0.5 seconds" in done.err


def test_an_unanswered_pull_raises_or_tells(hub: Path) -> None:
    a = site(hub, "a")
    hub.rename(hub.parent / "gone.git")
    with pytest.raises(RemoteAwayError, match="origin does not answer"):
        a.remote.pull(a.now())
    alone = RemoteLeases(a.store, a.remote.remote, "local")
    assert not alone.pull(a.now())
