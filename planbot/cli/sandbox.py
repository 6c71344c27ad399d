"""`planbot sandbox`: the local look-alike of GitHub, alone."""

from __future__ import annotations

import signal
from ipaddress import ip_address
from pathlib import Path

import click

from planbot.cli.console import say, show
from planbot.errors import UsageError

PERSON = "maya"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _repository(_context: click.Context, _option: click.Parameter, value: str) -> str:
    owner, slash, name = value.partition("/")
    if not (owner and slash and name) or "/" in name:
        raise click.BadParameter(f"{value!r} is no repository; write it as owner/name")
    return value


@click.command()
@click.option(
    "--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to listen on; default: a free one.",
)
@click.option(
    "--repo",
    metavar="OWNER/NAME",
    default="octo/plans",
    show_default=True,
    callback=_repository,
    help="Repository to serve.",
)
@click.option(
    "--git",
    "git_dir",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Bare git repository behind it.",
)
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep everything in this file, and go on from there; default: in memory.",
)
def command(*, host: str, port: int, repo: str, git_dir: Path | None, state: Path | None) -> int:
    """Serve a local look-alike of GitHub: issues, milestones, labels, pull requests, and pages of them.

    Prints what to put into the environment so that planbot talks to it, and the address of its pages. Whoever opens
    them acts as the user maya; where other machines can reach them, they can only be looked at. Ctrl-C or SIGTERM
    ends it.

    \b
    Examples:
      planbot sandbox
      planbot sandbox --port 8080 --git ../origin.git
      planbot sandbox --port 8080 --state sandbox.json
    """
    from planbot.sandbox import Sandbox

    try:
        sandbox = Sandbox(host, port, state_file=state)
    except (OSError, ValueError) as error:
        raise UsageError(f"{state} holds no state of a sandbox: {error}") from error
    try:
        sandbox.start()
    except OSError as error:
        raise UsageError(f"{host}:{port} cannot be listened on: {error.strerror}") from error
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        token = sandbox.token_of("planbot") or sandbox.add_user("planbot", role="write")
        if _is_loopback(host):
            if sandbox.token_of(PERSON) is None:
                sandbox.add_user(PERSON, role="write")
            sandbox.let_act_as(PERSON)
        if not sandbox.has_repository(repo):
            sandbox.create_repository(repo, git_dir=git_dir)
        show(f"export GITHUB_API_URL={sandbox.url} GITHUB_TOKEN={token} GITHUB_REPOSITORY={repo}")
        say(f"serving {repo} at {sandbox.url}, its pages at {sandbox.url}/{repo}; Ctrl-C ends it")
        sandbox.wait()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        sandbox.stop()
    return 0
