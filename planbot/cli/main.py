"""The `planbot` command: finds the subcommand, and turns every failure into a message and an exit code."""

from __future__ import annotations

import importlib
import io
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from planbot import __version__
from planbot.cli.console import say, say_error, talk
from planbot.cli.workflow import as_failure, failures_told
from planbot.errors import PlanbotError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130

# read only when asked for: importing a command's module costs what the command needs
COMMANDS = {
    "demo": "See planbot work on this machine: no token, no network.",
    "init": "Write settings and a workflow; show what a first sync would make.",
    "check": "Lint plan files and settings.",
    "show": "Show a plan file as planbot reads it.",
    "diff": "Show what sync would do, and do nothing.",
    "sync": "Bring plan files and issues in step: one pass.",
    "status": "Show how far plans are: done, blocked, next, who.",
    "doctor": "Say what works here, what does not, and what to do about it.",
    "serve": "Run passes again and again, on a schedule and by webhook.",
    "worker": "Run the passes that a queue asks for.",
    "queue": "Set up the queue's database, look into the queue, try again.",
    "leave": "Take planbot out of a repository again.",
    "sandbox": "Serve a local look-alike of GitHub.",
}


def _quiet(_context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        talk(quiet=True)


def _verbose(_context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        talk(verbose=True)


_TALK_OPTIONS = (
    click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        callback=_quiet,
        help="Say nothing but results, warnings and errors; nothing at all of a pass with nothing to do.",
    ),
    click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        callback=_verbose,
        help="Tell of each request and each git command on standard error.",
    ),
)


class Commands(click.Group):
    """Load each command's module only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Return a command by name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"planbot.cli.{cmd_name}").command
        command.params += [option for option in _TALK_OPTIONS if option not in command.params]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the nearest one where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else " `planbot --help` lists the commands."
            raise click.UsageError(f"no such command: {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - likewise
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    params=[*_TALK_OPTIONS],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done or nothing to do, 1 findings or differences, 2 bad usage or settings, "
    "3 the tracker or git failed, 4 refused by a limit, 5 out of time, 130 interrupted.",
)
@click.version_option(__version__, prog_name="planbot")
def cli() -> None:
    """Keep committed Markdown plan files and GitHub issues in step, both ways.

    A plan's phases become milestones and issues, its tasks become issues under them, and the boxes that people
    tick in those issues come back as commits that change just these boxes.
    """


def run(args: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    talk()
    given = sys.argv[1:] if args is None else list(args)
    try:
        with failures_told(given):
            code = cli.main(given, prog_name="planbot", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        say("interrupted", "warning")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (PlanbotError, OSError) as error:
        failure = as_failure(error)
        say_error(failure)
        return failure.exit_code
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a plan may hold what a terminal cannot show
    sys.exit(run())
