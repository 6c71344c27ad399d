"""The sandbox's state behind one lock, with the look-ups that every endpoint needs."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sandbox.model import (
    ROLES,
    Installation,
    Issue,
    Label,
    Milestone,
    Repository,
    Role,
    State,
    User,
    UserKind,
)
from planbot.sandbox.news import News
from planbot.sandbox.persistence import load, save

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.sandbox.clock import Clock


class Store:
    """Hold the state; whoever reads or changes it holds `lock`, whoever pushes `push_lock` before it."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self.clock = clock
        self.news = News()
        self.lock = threading.RLock()
        self.push_lock = threading.Lock()
        self.state = State() if path is None else load(path)
        self._path = path
        self._places = {i.id: (r, i) for r in self.state.repositories.values() for i in r.issues.values()}

    def save(self) -> None:
        """Keep the state in its file, if it has one, and let know who waits for a change."""
        if self._path is not None:
            save(self.state, self._path)
        self.news.changed()

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.state = State()
            self._places = {}
            self.save()

    def next_id(self) -> int:
        """Return a fresh id."""
        self.state.last_id += 1
        return self.state.last_id

    def add_user(self, login: str, *, role: Role, kind: UserKind) -> User:
        """Add a user; raises ValueError if the login is taken."""
        if login.lower() in self.state.users:
            raise ValueError(f"the login {login} is taken")
        user = User(self.next_id(), login, kind, role, self.clock.now())
        self.state.users[login.lower()] = user
        return user

    def add_token(self, login: str) -> str:
        """Return a fresh token for a user, the same in every run, with GitHub's prefix for its kind.

        https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
        """
        user = self.state.users[login.lower()]
        digest = hashlib.sha256(f"{user.login}/{len(self.state.tokens)}".encode()).hexdigest()
        token = f"{'ghs' if user.kind == 'bot' else 'ghp'}_{digest[:36]}"
        self.state.tokens[token] = user.login
        return token

    def user(self, login: str) -> User | None:
        """Return a user by login, whatever its case."""
        return self.state.users.get(login.lower())

    def known_user(self, login: str) -> User:
        """Return a user that something in the state names."""
        return self.state.users[login.lower()]

    def user_of_token(self, token: str) -> User | None:
        """Return whose token this is; that of an App's installation is good for an hour."""
        login = self.state.tokens.get(token)
        if login is None:
            return None
        grant = self.state.grants.get(token)
        if grant is None:
            return self.known_user(login)
        if grant.expires_at <= self.clock.now() or self.installation(grant.installation) is None:
            return None
        return replace(self.known_user(login), installation=grant.installation)

    def installation(self, number: int | None) -> Installation | None:
        """Return an App's installation by its id."""
        return next(
            (a.installations[number] for a in self.state.apps.values() if number in a.installations), None
        )

    def repository(self, owner: str, name: str) -> Repository | None:
        """Return a repository by its present name, whatever its case."""
        wanted = f"{owner}/{name}".lower()
        return next((r for r in self.state.repositories.values() if r.full_name.lower() == wanted), None)

    def repository_named(self, full_name: str) -> Repository:
        """Return a repository by `owner/name`. Raises LookupError if there is none."""
        owner, _, name = full_name.partition("/")
        repository = self.repository(owner, name)
        if repository is None:
            raise LookupError(f"there is no repository {full_name}")
        return repository

    def add_repository(self, full_name: str) -> Repository:
        """Add a repository; its owner becomes an organization unless it is a user already.

        Raises ValueError if the name is taken.
        """
        owner, _, name = full_name.partition("/")
        if self.repository(owner, name):
            raise ValueError(f"the repository {full_name} is there already")
        now = self.clock.now()
        repository = Repository(self.next_id(), self._owner(owner), name, now, now, now)
        self.state.repositories[repository.id] = repository
        return repository

    def rename_repository(self, repository: Repository, full_name: str) -> None:
        """Give a repository another name or owner; the former one leads on to it."""
        self.state.moved[repository.full_name.lower()] = repository.id
        owner, _, repository.name = full_name.partition("/")
        repository.owner = self._owner(owner)
        self.state.moved.pop(full_name.lower(), None)

    def role(self, user: User | None, repository: Repository) -> Role:
        """Return what a user, or a stranger, may do in a repository; everyone reads a public one."""
        role: Role = "none"
        if user is not None and user.installation is not None:
            installation = self.installation(user.installation)
            covered = installation is not None and covers(installation, repository)
            role = "write" if covered else "none"
        elif user is not None:
            owns = user.login.lower() == repository.owner.lower()
            role = "admin" if owns else repository.roles.get(user.login.lower(), user.role)
        return "read" if role == "none" and not repository.private else role

    def has_role(self, user: User, repository: Repository) -> bool:
        """Tell whether a user has a role in a repository beyond what everyone has."""
        owns = user.login.lower() == repository.owner.lower()
        return owns or repository.roles.get(user.login.lower(), user.role) != "none"

    def can(self, user: User | None, repository: Repository, role: Role) -> bool:
        """Tell whether a user has at least this role in a repository."""
        return ROLES.index(self.role(user, repository)) >= ROLES.index(role)

    def add_issue(self, repository: Repository, issue: Issue) -> None:
        """Add an issue to a repository."""
        repository.issues[issue.number] = issue
        self._places[issue.id] = repository, issue

    def delete_issue(self, repository: Repository, number: int) -> None:
        """Delete an issue for good, with its place among other issues."""
        issue = repository.issues[number]
        self._remove_issue(repository, issue)
        repository.deleted_issues.append(number)
        for _, other in self._places.values():
            other.parent = None if other.parent == issue.id else other.parent
            for ids in (other.sub_issues, other.blocked_by, other.blocking):
                if issue.id in ids:
                    ids.remove(issue.id)

    def move_issue(self, source: Repository, number: int, target: Repository) -> int:
        """Move an issue into another repository and return its number there.

        It keeps its id; labels and milestone stay behind.
        https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/transferring-an-issue-to-another-repository
        """
        issue = source.issues[number]
        self._remove_issue(source, issue)
        source.moved_issues[number] = issue.id
        target.last_number += 1
        issue.number, issue.labels, issue.milestone = target.last_number, [], None
        self.add_issue(target, issue)
        return issue.number

    def convert_issue(self, repository: Repository, number: int) -> None:
        """Close and lock an issue for good, as one that was converted to a discussion.

        Lists go on showing it, and nobody can comment on it. What GitHub says to other changes is told nowhere.
        https://docs.github.com/discussions/managing-discussions-for-your-community/moderating-discussions#converting-an-issue-to-a-discussion
        https://github.com/dessant/lock-threads/issues/24
        """
        issue, now = repository.issues[number], self.clock.now()
        issue.state, issue.state_reason, issue.closed_at = "closed", "completed", now
        issue.locked = issue.converted = True
        issue.updated_at = now

    def issue_by_id(self, issue_id: int) -> tuple[Repository, Issue] | None:
        """Return an issue and its repository by the issue's id."""
        return self._places.get(issue_id)

    def _remove_issue(self, repository: Repository, issue: Issue) -> None:
        del repository.issues[issue.number]
        del self._places[issue.id]

    def _owner(self, login: str) -> str:
        if self.user(login) is None:
            self.add_user(login, role="none", kind="organization")
        return self.known_user(login).login


def covers(installation: Installation, repository: Repository) -> bool:
    """Tell whether an App's installation covers a repository."""
    if installation.repositories is None:
        return installation.account.lower() == repository.owner.lower()
    return repository.id in installation.repositories


def label_named(repository: Repository, name: str) -> Label | None:
    """Return a label by name; GitHub ignores the case."""
    wanted = name.casefold()
    return next((label for label in repository.labels.values() if label.name.casefold() == wanted), None)


def milestone_titled(repository: Repository, title: str) -> Milestone | None:
    """Return a milestone by title; GitHub heeds the case."""
    return next((m for m in repository.milestones.values() if m.title == title), None)
