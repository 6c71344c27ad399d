"""One git repository and its remote: what a pass fetches, reads and pushes."""

from __future__ import annotations

import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planbot.errors import GitError, UsageError
from planbot.repo.git import Credentials, Git, without_secrets
from planbot.repo.objects import Objects
from planbot.repo.push import PushResult, RefUpdate, read_push, settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

JOURNAL_REF = "refs/planbot/journal"
PROGRESS_BRANCH = "planbot/progress"
PROGRESS_REF = f"refs/heads/{PROGRESS_BRANCH}"

_PRIVATE = "refs/planbot-remote"
_KEPT = f"{_PRIVATE}/kept"
_FETCH = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--refmap=",  # else a fetch of named refs moves the user's remote-tracking refs as well
    "--no-write-fetch-head",
    "--no-prune",
    "--no-prune-tags",
    "--no-recurse-submodules",
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Hold what the remote had: commits of the branch, the journal, the progress branch; None: not there."""

    head: str | None
    journal: str | None
    progress: str | None


class Repository(Objects):
    """Read and write one repository and one of its remotes, by way of refs of its own."""

    def __init__(self, git: Git, *, remote: str = "origin", bare: bool = False) -> None:
        super().__init__(git)
        self._remote = remote
        self._bare = bare

    @classmethod
    def open(
        cls,
        path: Path,
        remote: str = "origin",
        credentials: Credentials | None = None,
        timeout: float | None = None,
    ) -> Repository:
        """Return the repository that a folder belongs to; `timeout` is in seconds a git command.

        Raises:
            UsageError: if it belongs to none.
            GitError: if git fails otherwise.
        """
        command = ("rev-parse", "--show-toplevel")
        top = Git(path).run(*command, check=False)
        bare = "must be run in a work tree" in top.stderr
        if "not a git repository" in top.stderr:
            raise UsageError(
                f"{path.absolute()} is not a git repository, nor in one",
                hint="Run planbot inside a clone, or name its folder with -C.",
            )
        if top.code != 0 and not bare:
            raise Git(path).failure(command, top)
        root = path if bare else Path(top.text)
        return cls(Git(root, credentials=credentials, timeout=timeout), remote=remote, bare=bare)

    @property
    def root(self) -> Path:
        """Return the top folder of the work tree, or the folder of a bare repository."""
        return self._git.directory

    @property
    def origin_url(self) -> str:
        """Return the remote's address without any password in it."""
        return without_secrets(self._fetch_url)

    def commit(self, revision: str) -> str:
        """Return the commit that a revision names; raise `UsageError` where it names none."""
        name = f"{revision}^{{commit}}"
        output = self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
        if output.code != 0:
            raise UsageError(f"{revision} names no commit in {self.root}")
        return output.text

    def is_behind(self, commit: str) -> bool:
        """Return whether the work tree's commit lacks another; False where a shallow clone cannot tell."""
        head = self._git.run("rev-parse", "--verify", "--quiet", "HEAD", check=False).text
        if head == commit or not head:
            return not head
        if self._descends(commit, head):
            return True
        return not self._depth and not self._descends(head, commit)

    @property
    def last_head(self) -> str | None:
        """Return the commit of the branch as it was when it was last fetched here, None for never."""
        return self._refs(_KEPT).get("branch")

    @property
    def has_journal(self) -> bool:
        """Return whether a journal was fetched here."""
        return "planbot/journal" in self._refs(_KEPT)

    def default_branch(self) -> str:
        """Return the branch that the remote's HEAD points to."""
        output = self._git.run("ls-remote", "--symref", self._remote, "HEAD", remote_url=self._fetch_url)
        for line in output.text.split("\n"):
            target, _, name = line.partition("\t")
            if name == "HEAD" and target.startswith("ref: refs/heads/"):
                return target.removeprefix("ref: refs/heads/")
        raise GitError(
            f"{self._remote} ({self.origin_url}) names no default branch",
            hint="Set `branch:` in the settings.",
        )

    def fetch(self, branch: str) -> Fetched:
        """Fetch the branch, the journal and the progress branch at once, and say what the remote has.

        The refs land under a name that is new each time: passes that run side by side do not meet, and a
        ref that the remote has no more cannot seem to be there.
        """
        self._require_branch_name(branch)
        space = f"{_PRIVATE}/{secrets.token_hex(8)}"
        try:
            self._fetch_into(space, branch)
        finally:
            found = self._refs(space)
            self._keep(space, found)
        return Fetched(found.get("branch"), found.get("planbot/journal"), found.get("heads/progress"))

    def bring(self, commit: str) -> bool:
        """Return whether a commit is here, fetched by its name if need be, as one beyond a shallow clone's end."""
        exists = ("cat-file", "-e", f"{commit}^{{commit}}")
        if self._git.run(*exists, check=False).code == 0:
            return True
        command = (*_FETCH, *self._depth, self._remote, commit)
        self._git.run(*command, remote_url=self._fetch_url, check=False)
        return self._git.run(*exists, check=False).code == 0

    def ls_remote(self, *refs: str) -> dict[str, str]:
        """Return what these refs point to on the remote; one that is not there is left out."""
        output = self._git.run("ls-remote", self._remote, *refs, remote_url=self._fetch_url)
        lines = (line.partition("\t") for line in output.text.split("\n"))
        return {name: commit for commit, _, name in lines if name in refs}

    def push(self, updates: Sequence[RefUpdate]) -> PushResult:
        """Move refs on the remote all together or not at all, each only from its expected old value."""
        for update in updates:
            self._require_descent(update)
        leases = [f"--force-with-lease={update.ref}:{update.old or ''}" for update in updates]
        refs = [f"{update.new or ''}:{update.ref}" for update in updates]
        options = ("--porcelain", "--atomic", "--no-follow-tags", "--no-recurse-submodules")
        output = self._git.run(
            "push", *options, *leases, self._remote, *refs, remote_url=self._push_url, check=False
        )
        result = read_push(updates, output)
        if result.kind == "unknown":
            with suppress(GitError):  # what cannot be asked stays unknown
                result = settle(updates, result, self.ls_remote(*(update.ref for update in updates)))
        return result

    def forget(self) -> None:
        """Delete every ref that fetching left in this clone."""
        self._update_refs(f"delete {_PRIVATE}/{name}" for name in self._refs(_PRIVATE))

    def read_blobs(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of these blobs, read by one process."""
        wanted = tuple(blobs)
        if wanted and self._partial:
            self._fetch_blobs(wanted)
        return super().read_blobs(wanted)

    def worktree_files(self) -> tuple[str, ...]:
        """Return the regular files of the work tree, tracked or not, that .gitignore does not leave out."""
        self._require_worktree()
        options = ("-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        names = self._git.run("ls-files", *options).stdout.decode("utf-8", "surrogateescape").split("\0")
        return tuple(sorted(name for name in names if name and _is_regular(self.root / name)))

    def read_worktree(self, path: str) -> bytes:
        """Return the bytes of a file of the work tree; raise `UsageError` for one that is outside of it."""
        self._require_worktree()
        full = (self.root / path).resolve()
        if not full.is_relative_to(self.root.resolve()):
            raise UsageError(f"{path} lies outside the repository {self.root}")
        try:
            return full.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error

    @cached_property
    def _fetch_url(self) -> str:
        return self._git.run("remote", "get-url", self._remote).text

    @cached_property
    def _push_url(self) -> str:
        return self._git.run("remote", "get-url", "--push", self._remote).text

    @cached_property
    def _partial(self) -> bool:
        key = f"remote.{self._remote}.promisor"
        return self._git.run("config", "--type=bool", "--get", key, check=False).text == "true"

    @cached_property
    def _depth(self) -> tuple[str, ...]:
        """Return how much history to fetch with a commit that may stand far below what a shallow clone has."""
        shallow = self._git.run("rev-parse", "--is-shallow-repository").text == "true"
        return ("--depth=1",) if shallow else ()

    def _fetch_into(self, space: str, branch: str) -> None:
        wild = [f"+refs/planbot/*:{space}/planbot/*"]
        heads = f"+refs/heads/planbot/*:{space}/heads/*"
        if not self._depth:
            wild.append(heads)
        command = (*_FETCH, self._remote, f"+refs/heads/{branch}:{space}/branch", *wild)
        output = self._git.run(*command, remote_url=self._fetch_url, check=False)
        if "couldn't find remote ref" in output.stderr:  # one missing ref fails a fetch as a whole
            self._git.run(*_FETCH, self._remote, *wild, remote_url=self._fetch_url)
        elif output.code != 0:
            raise self._git.failure(command, output)
        if self._depth:
            command = (*_FETCH, *self._depth, self._remote, heads)
            output = self._git.run(*command, remote_url=self._fetch_url, check=False)
            if output.code != 0 and output.stderr:  # where a wildcard names nothing it fails without a word
                raise self._git.failure(command, output)

    def _fetch_blobs(self, blobs: Sequence[str]) -> None:
        """Fetch at once what a partial clone would otherwise fetch blob by blob, and without the token."""
        names = "".join(f"{blob}\n" for blob in blobs).encode()
        alone = ("-c", "fetch.negotiationAlgorithm=noop")
        self._git.run(*alone, *_FETCH, "--stdin", self._remote, stdin=names, remote_url=self._fetch_url)

    def _keep(self, space: str, found: Mapping[str, str]) -> None:
        """Keep what was fetched, so that the next fetch need not download it again, and clear the space.

        A pass beside this one may hold the lock: then its refs are kept, and nothing is lost but time.
        """
        self._update_refs((f"update {_KEPT}/{name} {commit}" for name, commit in found.items()), check=False)
        self._update_refs((f"delete {space}/{name}" for name in found), check=False)

    def _refs(self, space: str) -> dict[str, str]:
        """Return the commits of the refs under a prefix, by name without it."""
        output = self._git.run("for-each-ref", "--format=%(objectname) %(refname)", f"{space}/")
        pairs = (line.split(" ", 1) for line in output.text.split("\n") if line)
        return {name.removeprefix(f"{space}/"): commit for commit, name in pairs}

    def _update_refs(self, commands: Iterable[str], *, check: bool = True) -> None:
        stdin = "".join(f"{command}\n" for command in commands).encode()
        self._git.run("update-ref", "--stdin", stdin=stdin, check=check)

    def _require_branch_name(self, branch: str) -> None:
        if self._git.run("check-ref-format", f"refs/heads/{branch}", check=False).code != 0:
            raise UsageError(f"{branch!r} is not a branch name")

    def _require_descent(self, update: RefUpdate) -> None:
        """Refuse to drop commits: a lease that holds switches git's own check of this off."""
        if update.rewind or update.old is None or update.new is None:
            return
        if not self._descends(update.new, update.old):
            raise GitError(
                f"{update.new} does not descend from {update.old}: {update.ref} would lose commits"
            )

    def _descends(self, commit: str, ancestor: str) -> bool:
        command = ("merge-base", "--is-ancestor", ancestor, commit)
        output = self._git.run(*command, check=False)
        if output.code not in (0, 1):
            raise self._git.failure(command, output)
        return output.code == 0

    def _require_worktree(self) -> None:
        if self._bare:
            raise GitError(f"{self.root} is a bare repository, without a work tree")


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:  # tracked, and not there
        return False
