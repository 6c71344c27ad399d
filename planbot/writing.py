"""The write-back of a pass: ticks made in issues go into plan files, together with the base that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.errors import EditError
from planbot.plan.diagnostics import EDIT_REFUSED
from planbot.repo.push import RefUpdate
from planbot.repo.writeback import build_commit, commit_message, subject
from planbot.sync.rewrite import rewritten
from planbot.sync.settle import Ticks, understood

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from planbot.proposing import Proposer
    from planbot.reading import Round
    from planbot.repo.logbook import Entry, Logbook
    from planbot.repo.repository import Repository
    from planbot.sync.agreed import Agreed
    from planbot.sync.changes import ChangeSet, Tick
    from planbot.tally import Tally
    from planbot.tracker.records import UserRecord


class Writer:
    """Write ticks back into plan files; `clock` tells epoch seconds, `tell` is for people.

    `tickers` says who made the ticks of a change set that go to plan files, by the number of the issue.
    """

    def __init__(
        self,
        repository: Repository,
        logbook: Logbook,
        proposer: Proposer,
        clock: Callable[[], float],
        tell: Callable[[str], None],
        tickers: Callable[[ChangeSet], dict[int, UserRecord]],
    ) -> None:
        self._repository = repository
        self._logbook = logbook
        self._proposer = proposer
        self._clock = clock
        self._tell = tell
        self._tickers = tickers

    def write(self, round_: Round, tally: Tally) -> bool:
        """Write back what a round wants; return whether both sides have to be read again."""
        if self._proposer.conclude(round_, tally):
            return True
        ticks = round_.changes.proposed if round_.proposing else round_.changes.plan_ticks
        edited = self._edited(round_, ticks, tally, alone=not round_.proposing)
        if edited is None:
            return True
        if edited and not round_.proposing:
            return self._commit(round_, edited, tally)
        off = round_.loaded.settings.write_back.mode == "off"
        return not off and self._proposer.propose(round_, edited, tally)

    def _commit(self, round_: Round, edited: Mapping[str, bytes], tally: Tally) -> bool:
        """Push the plan edits and their bases at once; the tracker comes after, from the new head.

        Return whether both sides have to be read again.
        """
        ticks = round_.changes.plan_ticks
        text = subject(sum(tick.ticked for tick in ticks), sum(not tick.ticked for tick in ticks))
        people = self._tickers(round_.changes)
        message = commit_message(
            text, edited, people.values(), skip_ci=round_.loaded.settings.write_back.skip_ci
        )
        commit = build_commit(self._repository, round_.head, edited, message, int(self._clock()))
        update = RefUpdate(f"refs/heads/{round_.branch}", round_.head, commit)
        agreed = understood(round_.changes, Ticks(landed=True)).agreed()
        if not (round_.changes.changes or round_.changes.held):
            agreed = round_.with_listed(agreed)
        entry = self._append(round_, agreed, text, update)
        if entry.done:
            self._tell(f"{text}: {commit[:10]} on {round_.branch}")
            tally.ticks += ticks
            tally.people |= people
            tally.commit = commit
        elif entry.kind in ("refused", "denied"):
            return self._fall_back(round_, entry, tally)
        return True

    def _fall_back(self, round_: Round, entry: Entry, tally: Tally) -> bool:
        """Propose what the branch does not take, where the settings leave that open; else it waits.

        Return whether both sides have to be read again; they need not where it is put off to the next pass.
        """
        ticks = round_.changes.plan_ticks
        files = self._edited(round_, ticks, tally, alone=False)
        is_open = round_.loaded.settings.write_back.mode == "auto" and tally.stuck != "refused"
        if not (ticks and files and is_open):
            self._hold(round_, tally, entry)
            return True
        if tally.stuck:
            return False
        self._proposer.propose(round_, files, tally)
        return True

    def _edited(
        self, round_: Round, ticks: Sequence[Tick], tally: Tally, *, alone: bool
    ) -> dict[str, bytes] | None:
        """Return the plan files that change; None if one refuses its edit, and is left alone from then on.

        A progress block is brought up to date `alone` if need be, but not where the last push was refused: the next
        tick takes it along.
        """
        edited = {}
        held = not alone or round_.loaded.settings.write_back.mode == "off" or round_.agreed.refused
        for plan, _ in round_.loaded.plans:
            here = [tick for tick in ticks if tick.path == plan.path]
            if plan.path in tally.unsafe or not (here or (plan.progress and not held)):
                continue
            try:
                data = rewritten(plan, here)
            except EditError as error:
                tally.unsafe[plan.path] = EDIT_REFUSED.at(plan.line, 1, error.message, error.hint)
                return None
            if data != plan.source.data:
                edited[plan.path] = data
        return edited

    def _hold(self, round_: Round, tally: Tally, entry: Entry) -> None:
        """Note in the journal alone that the ticks wait; what goes to the tracker is not held up by them."""
        push = f"the push to {round_.branch} was {entry.kind}"
        if round_.changes.plan_ticks:
            tally.problem = f"{push}; ticks made in issues wait: {entry.words}"
        else:
            tally.notices.append(f"{push}; progress blocks are brought up to date with the next tick")
        waiting = understood(round_.changes, Ticks(waiting="refused")).agreed()
        self._append(round_, waiting, "Ticks wait: the push was refused").require()

    def _append(self, round_: Round, agreed: Agreed, message: str, *updates: RefUpdate) -> Entry:
        return self._logbook.append(round_.fetched.journal, agreed, message, *updates)
