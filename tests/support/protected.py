"""A world whose branch takes pull requests alone, and whose bot pushes over HTTP, where that is enforced."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import requests
from support.crash import CrashWorld
from support.world import NAME, World, git

from planbot.repo.git import Credentials
from planbot.repo.repository import PROGRESS_BRANCH, Repository
from planbot.sandbox import BranchRule

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.sandbox import Sandbox

REMOTE = "github"


class Protected(World):
    """Hold a world with a protected branch; people reach it past the rule, as administrators do."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        super().__init__(folder, sandbox)
        git(self.work, "remote", "add", REMOTE, f"{sandbox.url}/{NAME}.git")
        sandbox.protect_branch(NAME, BranchRule("main", "protection", pull_request=True))

    def repository(self) -> Repository:
        credentials = Credentials(self.bot_token, self.sandbox.url)
        return Repository.open(self.work, remote=REMOTE, credentials=credentials)

    def unprotect(self) -> None:
        """Lift the rule."""
        with self.sandbox.edit(NAME) as repository:
            repository.rules.clear()

    def act_for_a_workflow(self) -> None:
        """Let the bot be what a workflow's own token stands for."""
        self.bot_token = self.sandbox.add_user("github-actions", role="write", kind="bot")

    def allow_pull_requests(self, *, allowed: bool) -> None:
        """Set whether a workflow may open pull requests."""
        with self.sandbox.edit(NAME) as repository:
            repository.bots_open_pulls = allowed

    def pulls(self, state: str = "all") -> list[dict[str, Any]]:
        """Return the pull requests as the API tells them, oldest first."""
        listed: list[dict[str, Any]] = self._call("GET", f"pulls?state={state}&direction=asc&sort=created")
        return listed

    def pull(self) -> dict[str, Any]:
        """Return the one open pull request."""
        (found,) = self.pulls("open")
        return found

    def boxes(self) -> list[str]:
        """Return the lines of boxes in the body of the open pull request, links left out."""
        lines = [line for line in self.pull()["body"].splitlines() if line.startswith("- [")]
        return [f"{line[:6]}{line.partition('): ')[2]}" for line in lines]

    def merge(self, method: str = "merge") -> None:
        """Merge the open pull request, as a person does on its page."""
        self._call("PUT", f"pulls/{self.pull()['number']}/merge", merge_method=method)

    def close_pull(self) -> None:
        """Close the open pull request unmerged."""
        self._call("PATCH", f"pulls/{self.pull()['number']}", state="closed")

    def open_pull(self) -> None:
        """Open a pull request from planbot's branch by hand."""
        self._call("POST", "pulls", title="By hand", body="Mine.", head=PROGRESS_BRANCH, base="main")

    def retarget(self, base: str) -> None:
        """Let the open pull request be for another branch."""
        self._call("PATCH", f"pulls/{self.pull()['number']}", base=base)

    def describe(self, body: str) -> None:
        """Change the description of the open pull request."""
        self._call("PATCH", f"pulls/{self.pull()['number']}", body=body)

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""
        self._call("PATCH", f"pulls/{number}", state="open")

    def proposed(self, path: str = "PLAN.md") -> bytes:
        """Return a file as the branch of the pull request has it."""
        return git(self.origin, "cat-file", "blob", f"{PROGRESS_BRANCH}:{path}").encode() + b"\n"

    def has_branch(self) -> bool:
        """Return whether the branch of the pull request is there."""
        return bool(git(self.origin, "for-each-ref", f"refs/heads/{PROGRESS_BRANCH}"))

    def edit_proposal(self, old: str, new: str, path: str = "PLAN.md") -> str:
        """Commit a change to the branch of the pull request, as a person would, and return the commit."""
        git(self.work, "fetch", "--quiet", "origin", PROGRESS_BRANCH)
        git(self.work, "reset", "--quiet", "--hard", "FETCH_HEAD")
        text = (self.work / path).read_text()
        assert old in text, old
        (self.work / path).write_text(text.replace(old, new))
        git(self.work, "commit", "--quiet", "--all", "--message", "Mine")
        git(self.work, "push", "--quiet", "origin", f"HEAD:{PROGRESS_BRANCH}")
        return git(self.work, "rev-parse", "HEAD")

    def _call(self, method: str, path: str, **body: str) -> Any:
        headers = {"Authorization": f"Bearer {self.person_token}", "User-Agent": "tests"}
        url = f"{self.sandbox.url}/repos/{NAME}/{path}"
        answer = requests.request(method, url, headers=headers, json=body or None, timeout=60)
        assert answer.ok, answer.text
        return answer.json()


class ShallowProtected(Protected):
    """Hold such a world whose bot works in a fresh clone without history each time, as a workflow does."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        super().__init__(folder, sandbox)
        self._clones = itertools.count()

    def repository(self) -> Repository:
        clone = self.folder / f"checkout{next(self._clones)}"
        git(self.folder, "clone", "--quiet", "--depth=1", f"{self.sandbox.url}/{NAME}.git", clone.name)
        return Repository.open(clone, credentials=Credentials(self.bot_token, self.sandbox.url))


class ProtectedCrashWorld(Protected, CrashWorld):
    """Hold such a world whose passes can die."""

    def beside(self) -> dict[str, Any]:
        """Return the pull requests, and the branch of the open one."""
        pulls = [
            (pull["number"], pull["state"], bool(pull["merged_at"]), pull["title"], pull["body"])
            for pull in self.pulls()
        ]
        if not self.has_branch():
            return {"pulls": pulls}
        log = git(self.origin, "log", "--format=%s", f"main..{PROGRESS_BRANCH}")
        return {"pulls": pulls, "branch": (log, self.proposed())}
