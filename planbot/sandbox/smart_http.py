"""Git over HTTP on the same port: git's own `http-backend`, with GitHub's sign-in and branch rules around it.

https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from planbot.sandbox import branch_rules
from planbot.sandbox.gitdir import GitDir, git_environment
from planbot.sandbox.pkt_line import reworded
from planbot.sandbox.problems import ApiError
from planbot.sandbox.pushes import after_push
from planbot.sandbox.routing import Answer

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as HttpRequest

    from planbot.sandbox.events import Outbox
    from planbot.sandbox.model import Repository, User

_PATH = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)")
_PUSH = "git-receive-pack"
_REPORT = "application/x-git-receive-pack-result"
_SETTINGS = {
    "safe.directory": "*",
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "receive.hideRefs": "refs/pull",
    "receive.autogc": "false",
}


def is_git(path: str) -> bool:
    """Tell whether a path belongs to git's protocol."""
    return _PATH.fullmatch(path) is not None


def is_push(path: str) -> bool:
    """Tell whether a path of git's protocol is the one by which refs change."""
    return path.endswith(f"/{_PUSH}")


def answer_git(http: HttpRequest, outbox: Outbox) -> Answer:
    """Answer a request of git's protocol.

    Raises `ApiError` 401, 403 or 404, whose message git shows, and 301 for a renamed repository.
    """
    match = _PATH.fullmatch(http.path)
    if match is None:
        raise ApiError(404, "Not Found")
    owner, name, rest = match.groups()
    pushing = _PUSH in (http.args.get("service"), rest)
    user = outbox.view.viewer
    with outbox.store.lock:
        repository = _readable(http, outbox, owner, name, pushing=pushing)
        git_dir = repository.git_dir
        if pushing and user is not None:
            _check_push(outbox, repository, user)
    if git_dir is None:
        raise ApiError(404, "Repository not found.")
    target = f"/{Path(git_dir).name}/{rest}"
    if rest != _PUSH:
        return _backend(http, git_dir, target, user, {})
    with outbox.store.push_lock:
        return _push(http, outbox, repository, git_dir, target)


def _readable(http: HttpRequest, outbox: Outbox, owner: str, name: str, *, pushing: bool) -> Repository:
    store, user = outbox.store, outbox.view.viewer
    repository = store.repository(owner, name)
    if repository is None:
        moved = store.state.moved.get(f"{owner}/{name}".lower())
        if moved is not None and store.can(user, store.state.repositories[moved], "read"):
            page = outbox.view.repository_page(store.state.repositories[moved])
            rest = http.full_path.partition(f"/{name}")[2].removeprefix(".git")
            raise ApiError(301, "Moved Permanently", headers={"Location": f"{page}.git{rest}"})
    may_read = repository is not None and store.can(user, repository, "read")
    if user is None and (pushing or not may_read):
        words = "No anonymous write access." if pushing and may_read else "Authentication required"
        raise ApiError(401, words, headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
    if repository is None or not may_read:
        raise ApiError(404, "Repository not found.")
    return repository


def _check_push(outbox: Outbox, repository: Repository, user: User) -> None:
    if repository.archived:
        raise ApiError(403, "This repository was archived so it is read-only.")
    if not outbox.store.can(user, repository, "write"):
        raise ApiError(403, f"Permission to {repository.full_name}.git denied to {user.login}.")


def _push(http: HttpRequest, outbox: Outbox, repository: Repository, git_dir: str, target: str) -> Answer:
    git = GitDir(git_dir)
    before = git.refs()
    user = outbox.sender
    with tempfile.TemporaryDirectory(prefix="sandbox-hooks-") as folder:
        hooks, refusals = Path(folder), Path(folder, "refusals")
        rules = [asdict(rule) for rule in repository.rules if user.login not in rule.bypass]
        extra = {}
        if rules:
            branch_rules.write_hook(hooks)
            extra = branch_rules.environment(rules, outbox.view.repository_page(repository), refusals)
        answer = _backend(http, git_dir, target, user, extra, hooks)
        if answer.headers.get("Content-Type") == _REPORT:
            lines = refusals.read_text().splitlines() if refusals.exists() else []
            reasons = dict(line.split("\t") for line in lines)
            answer = replace(answer, body=reworded(answer.body, reasons))
    with outbox.store.lock:
        after_push(outbox, repository, before, git.refs())
    return answer


def _backend(
    http: HttpRequest,
    git_dir: str,
    target: str,
    user: User | None,
    extra: dict[str, str],
    hooks: Path | None = None,
) -> Answer:
    """Run git's CGI program on a request."""
    body = http.get_data()
    settings = _SETTINGS | {"core.hooksPath": str(hooks or "/dev/null")}
    environment = git_environment(Path(git_dir), settings) | {
        "GIT_PROJECT_ROOT": str(Path(git_dir).parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": target,
        "QUERY_STRING": http.query_string.decode(),
        "REQUEST_METHOD": http.method,
        "CONTENT_TYPE": http.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": http.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": http.headers.get("Git-Protocol", ""),
        "REMOTE_USER": user.login if user else "",
        "REMOTE_ADDR": http.remote_addr or "",
        **extra,
    }
    del environment["GIT_DIR"]
    done = subprocess.run([_program()], input=body, capture_output=True, env=environment, check=False)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    return Answer(status, content, headers)


@cache
def _program() -> str:
    """Return the path of git's CGI program."""
    folder = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(folder, "git-http-backend"))
