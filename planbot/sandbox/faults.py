"""Faults on demand: what a network and a busy server do, when a test or a demo says so."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from planbot.sandbox.problems import ApiError, ConnectionDropped

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.sandbox.model import Issue, Repository
    from planbot.sandbox.store import Store

When = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """Hold what goes wrong with the requests that match, `before` or `after` the sandbox acts on them.

    `method` and `path` are globs, the path as routed (`/repos/*/issues/3`, `/octo/plans.git/*`); a GraphQL request
    that makes issues has the path `/graphql/createIssue`.
    The first `skip` matches pass, then it happens `times` times, or always for None.
    """

    method: str = "*"
    path: str = "*"
    when: When = "before"
    times: int | None = 1
    skip: int = 0
    delay: float = 0.0
    drop: bool = False
    status: int | None = None
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    action: Callable[[], object] | None = None

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is meant."""
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path)

    def strike(self, stopped: threading.Event) -> None:
        """Let it happen: act, wait, then raise `ConnectionDropped` or `ApiError` if it says so."""
        if self.action is not None:
            self.action()
        stopped.wait(self.delay)
        if self.drop:
            raise ConnectionDropped
        if self.status is not None:
            raise ApiError(self.status, self.message or "Server Error", headers=self.headers)


class Faults:
    """Hold the faults that wait for their requests.

    With an `old_schema`, the GraphQL API makes no issue under a parent, as that of an Enterprise Server of old.
    """

    def __init__(self, store: Store) -> None:
        self.stopped = threading.Event()
        self.old_schema = False
        self._store = store
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._lag = 0.0
        self._frozen: dict[int, dict[int, Issue]] | None = None

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its requests; of several that match, the oldest strikes."""
        with self._lock:
            self._waiting.append(fault)

    def fail(
        self, status: int, *, method: str = "*", path: str = "*", when: When = "before", times: int | None = 1
    ) -> None:
        """Answer the next matching requests with an error."""
        self.add(Fault(method, path, when, times, status=status))

    def drop(
        self, *, method: str = "*", path: str = "*", when: When = "before", times: int | None = 1
    ) -> None:
        """Cut the connection of the next matching requests without an answer."""
        self.add(Fault(method, path, when, times, drop=True))

    def delay(self, seconds: float, *, method: str = "*", path: str = "*", times: int | None = 1) -> None:
        """Let the next matching requests wait."""
        self.add(Fault(method, path, times=times, delay=seconds))

    def run(
        self,
        action: Callable[[], object],
        *,
        method: str = "*",
        path: str = "*",
        when: When = "before",
        times: int | None = 1,
    ) -> None:
        """Call a function around the next matching requests, such as what a person does just then."""
        self.add(Fault(method, path, when, times, action=action))

    def lag_lists(self, seconds: float) -> None:
        """Leave issues out of lists until so long after they were opened, by the sandbox's clock."""
        self._lag = seconds

    def freeze_lists(self) -> None:
        """Let lists of issues show what is there now, until `thaw_lists`."""
        with self._store.lock:
            repositories = self._store.state.repositories
            self._frozen = {key: copy.deepcopy(r.issues) for key, r in repositories.items()}

    def thaw_lists(self) -> None:
        """Let lists of issues show what is."""
        self._frozen = None

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._waiting.clear()
        self.old_schema = False
        self._lag = 0.0
        self._frozen = None

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes a request, and count it."""
        with self._lock:
            for fault in self._waiting:
                if fault.matches(method, path):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    self._count(fault)
                    return fault
        return None

    def listed(self, repository: Repository) -> list[Issue]:
        """Return the issues that lists of a repository know of."""
        issues = repository.issues
        if self._frozen is not None:
            issues = self._frozen.get(repository.id, {})
        fresh = self._store.clock.now() - self._lag
        return [issue for issue in issues.values() if not self._lag or issue.created_at <= fresh]

    def _count(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
