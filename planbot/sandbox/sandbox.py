"""The sandbox as tests and commands hold it: start, stop, people, repositories, record."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from planbot.sandbox import apps
from planbot.sandbox.app import Application
from planbot.sandbox.model import Webhook
from planbot.sandbox.resources.webhooks import ping_payload
from planbot.sandbox.server import Server
from planbot.sandbox.services import Services
from planbot.sandbox.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from planbot.sandbox.clock import Clock
    from planbot.sandbox.faults import Faults
    from planbot.sandbox.limits import Limits
    from planbot.sandbox.model import BranchRule, Installation, Repository, Role, UserKind
    from planbot.sandbox.news import News
    from planbot.sandbox.record import Request
    from planbot.sandbox.webhooks import Delivery


class Sandbox:
    """Serve a look-alike of GitHub on this machine, from `start` to `stop` or as a context manager.

    With a state file it goes on where it stopped. Raises ValueError if that file is none of a sandbox's.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, state_file: Path | None = None) -> None:
        self._services = Services.create(state_file)
        self._store = self._services.store
        self._app = Application(self._services)
        self._host, self._port = host, port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Return the base URL, `http://HOST:PORT`; a port of 0 is known once the sandbox runs."""
        port = self._port if self._server is None else self._server.port
        return f"http://{self._host}:{port}"

    def start(self) -> None:
        """Listen, and answer in threads of its own. Raises OSError if the port is taken."""
        self._services.faults.stopped.clear()
        self.news.begin()
        self._services.deliverer.start()
        self._server = Server(self._host, self._port, self._app.respond)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait until all threads have ended."""
        self._services.faults.stopped.set()
        self.news.end()
        if self._server is not None and self._thread is not None:
            self._server.close()
            self._thread.join()
        self._services.deliverer.stop()
        self._server = self._thread = None

    def wait(self) -> None:
        """Wait until interrupted; the sandbox answers meanwhile."""
        threading.Event().wait()

    def reset(self) -> None:
        """Forget everything at once: state, requests, faults, limits, deliveries, a clock that was set."""
        self._services.reset()
        self.clear_requests()

    @property
    def clock(self) -> Clock:
        """Return the sandbox's clock."""
        return self._services.clock

    @property
    def limits(self) -> Limits:
        """Return the rate limits."""
        return self._services.limits

    @property
    def faults(self) -> Faults:
        """Return the faults."""
        return self._services.faults

    @property
    def news(self) -> News:
        """Return what tells of changes and requests."""
        return self._store.news

    @property
    def deliveries(self) -> list[Delivery]:
        """Return what was delivered to webhooks so far, once everything is."""
        self._services.deliverer.wait()
        return list(self._services.deliverer.deliveries)

    @property
    def requests(self) -> list[Request]:
        """Return the requests so far, oldest first."""
        return list(self._app.requests)

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._app.requests.clear()

    def add_user(self, login: str, role: Role = "write", kind: UserKind = "user") -> str:
        """Add a user with a role in every repository and return a token. Raises ValueError if it is there."""
        with self._store.lock:
            self._store.add_user(login, role=role, kind=kind)
            token = self._store.add_token(login)
            self._store.save()
            return token

    def add_app(self, slug: str) -> tuple[int, str]:
        """Register a GitHub App; return its id and its private key in PEM form."""
        with self._store.lock:
            app, key = apps.register(self._store, slug)
            self._store.save()
            return app.id, key

    def install_app(self, app_id: int, account: str, repositories: Sequence[str] | None = None) -> int:
        """Install an App on an account, for all of its repositories unless they are named; return the id.

        Raises LookupError if there is no such App, account or repository.
        """
        with self._store.lock:
            installation = apps.install(self._store, self._store.state.apps[app_id], account, repositories)
            self._store.save()
            return installation.id

    @contextmanager
    def edit_installation(self, number: int) -> Iterator[Installation]:
        """Hand out the record of an App's installation to be changed, such as `suspended_at` or `repositories`.

        Raises LookupError if there is none.
        """
        with self._store.lock:
            installation = self._store.installation(number)
            if installation is None:
                raise LookupError(f"there is no installation {number}")
            yield installation
            self._store.save()

    def let_act_as(self, login: str) -> None:
        """Let whoever opens the pages act as this user. Raises LookupError if there is none."""
        user = self._store.user(login)
        if user is None:
            raise LookupError(f"there is no user {login}")
        self._app.person = user.login

    def token_of(self, login: str) -> str | None:
        """Return a token of a user that is there already, as from a state file, or None."""
        with self._store.lock:
            return next((token for token, owner in self._store.state.tokens.items() if owner == login), None)

    def has_repository(self, full_name: str) -> bool:
        """Tell whether a repository is there already, as from a state file."""
        with self._store.lock:
            try:
                self._store.repository_named(full_name)
            except LookupError:
                return False
            return True

    def create_repository(
        self,
        full_name: str,
        *,
        default_branch: str | None = None,
        git_dir: Path | None = None,
        private: bool = False,
        fork: bool = False,
        archived: bool = False,
        has_issues: bool = True,
    ) -> None:
        """Add a repository; its owner becomes an organization unless it is a user already.

        Without a word about it, the default branch is the one that HEAD of the git repository names.

        Raises ValueError if the name is taken.
        """
        with self._store.lock:
            repository = self._store.add_repository(full_name)
            repository.default_branch = default_branch or _head(git_dir) or repository.default_branch
            repository.git_dir = None if git_dir is None else str(git_dir.absolute())
            repository.private, repository.fork, repository.archived = private, fork, archived
            repository.has_issues = has_issues
            self._store.save()

    @contextmanager
    def edit(self, full_name: str) -> Iterator[Repository]:
        """Hand out a repository's record to be changed, such as `archived` or `roles["bob"] = "read"`.

        Raises LookupError if there is none of that name.
        """
        with self._store.lock:
            yield self._store.repository_named(full_name)
            self._store.save()

    def protect_branch(self, full_name: str, rule: BranchRule) -> None:
        """Add a branch rule."""
        with self.edit(full_name) as repository:
            repository.rules.append(rule)

    def add_webhook(self, full_name: str, url: str, *, secret: str, events: Sequence[str] = ("*",)) -> None:
        """Register a webhook, for all events unless they are named, and ping it.

        https://docs.github.com/webhooks/using-webhooks/creating-webhooks
        """
        with self.edit(full_name) as repository:
            now = self.clock.now()
            webhook = Webhook(self._store.next_id(), url, list(events), now, now, secret)
            repository.webhooks[webhook.id] = webhook
            view = View(self._store, self.url, self.url, viewer=None)
            self._services.deliverer.ping(repository, webhook, ping_payload(view, repository, webhook))

    def rename_repository(self, full_name: str, new_name: str) -> None:
        """Rename or transfer a repository; the old name leads on to the new one."""
        with self.edit(full_name) as repository:
            self._store.rename_repository(repository, new_name)

    def delete_issue(self, full_name: str, number: int) -> None:
        """Delete an issue, which only GitHub's pages and GraphQL can."""
        with self.edit(full_name) as repository:
            self._store.delete_issue(repository, number)

    def convert_issue(self, full_name: str, number: int) -> None:
        """Convert an issue to a discussion, which only GitHub's pages can: it stays, closed and locked."""
        with self.edit(full_name) as repository:
            self._store.convert_issue(repository, number)

    def transfer_issue(self, full_name: str, number: int, target: str) -> int:
        """Move an issue into another repository and return its number there."""
        with self.edit(full_name) as repository:
            new_number = self._store.move_issue(repository, number, self._store.repository_named(target))
            self._store.save()
            return new_number


def _head(git_dir: Path | None) -> str:
    """Return the branch that HEAD of a bare repository names, "" where there is none."""
    head = git_dir / "HEAD" if git_dir else None
    text = head.read_text(encoding="utf-8").strip() if head and head.is_file() else ""
    return text.removeprefix("ref: refs/heads/") if text.startswith("ref: refs/heads/") else ""
