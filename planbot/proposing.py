"""The progress pull request: ticks that may not go to the branch by themselves are proposed in it, and wait there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from planbot.errors import EditError, PermissionDeniedError, RefusedError, StoppedError, TrackerError
from planbot.loading import Given, load
from planbot.repo.push import RefUpdate
from planbot.repo.repository import PROGRESS_BRANCH, PROGRESS_REF
from planbot.repo.sources import CommitSource
from planbot.repo.writeback import build_commit, commit_message, subject
from planbot.report.pull_request import TITLE, pull_request_body, withdrawn_body
from planbot.sync.agreed import Proposal
from planbot.sync.desired import desire
from planbot.sync.inline import Place
from planbot.sync.proposal import Boxes, digest, judged
from planbot.sync.rewrite import rewritten
from planbot.sync.settle import Ticks, understood
from planbot.tracker.patience import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from planbot.errors import PlanbotError
    from planbot.reading import Round
    from planbot.repo.logbook import Entry, Logbook
    from planbot.repo.repository import Repository
    from planbot.sync.agreed import Agreed
    from planbot.sync.changes import ChangeSet, Tick
    from planbot.tally import Stuck, Tally
    from planbot.tracker.protocols import PullRequests
    from planbot.tracker.records import PullRequestRecord, UserRecord


class Proposer:
    """Keep one pull request from `planbot/progress` in step with the ticks that wait in it.

    It needs no lease: the branch moves together with the journal or not at all, GitHub opens no second pull request
    between the same branches, and a body that is behind is put right by the next pass.
    """

    def __init__(
        self,
        repository: Repository,
        pulls: PullRequests,
        logbook: Logbook,
        settings: Given,
        clock: Callable[[], float],
        tickers: Callable[[ChangeSet], dict[int, UserRecord]],
        rest: Callable[[Tally, float], None],
    ) -> None:
        self._repository = repository
        self._pulls = pulls
        self._logbook = logbook
        self._settings = settings
        self._clock = clock
        self._tickers = tickers
        self._rest = rest

    def conclude(self, round_: Round, tally: Tally) -> bool:
        """Record how a pull request ended, and take its branch away; return whether one did."""
        if round_.agreed.proposal is None or round_.changes.base.proposal is not None:
            return False
        merged = round_.pull is not None and round_.pull.merge is not None
        name = f"pull request #{round_.pull.number}" if round_.pull else "the pull request"
        text = f"{name} was {'merged' if merged else 'closed'}"
        branch = _deletion(round_) if round_.ours or merged else ()
        agreed = understood(round_.changes, Ticks()).agreed()
        entry = self._append(round_, agreed, text[0].upper() + text[1:], *branch)
        if branch and entry.kind in ("refused", "denied"):
            tally.notices.append(f"the branch {PROGRESS_BRANCH} cannot be deleted: {entry.words}")
            entry = self._append(round_, agreed, text)
        if entry.require().done:
            tally.notices.append(text)
        return True

    def propose(self, round_: Round, files: Mapping[str, bytes], tally: Tally) -> bool:
        """Let the pull request hold what waits for it; return whether anything was written.

        `files` are the plan files as they are to be once it is merged.
        """
        if tally.stuck:
            return False
        wanted = [tick for tick in round_.changes.proposed if tick.path in files]
        standing, content = round_.changes.base.proposal, digest(files, wanted)
        if not wanted and (round_.ours or standing is None):
            return standing is not None and self._withdraw(round_, tally)
        if standing is None or standing.content != content or round_.changes.plan_ticks:
            return self._push(round_, files, content, wanted, tally)
        agreed = understood(round_.changes, Ticks()).agreed()
        return self._publish(round_, round_.fetched.journal, agreed, wanted, tally)

    def _push(
        self, round_: Round, files: Mapping[str, bytes], content: str, wanted: Sequence[Tick], tally: Tally
    ) -> bool:
        """Push the branch and the journal that says what is proposed at once, then tell it in the pull request."""
        standing = round_.changes.base.proposal
        if standing is None and not round_.ours:
            self._hold(round_, tally, f"the branch {PROGRESS_BRANCH} is there, and not planbot's: delete it")
            return True
        text = subject(sum(tick.ticked for tick in wanted), sum(not tick.ticked for tick in wanted))
        update = self._update(round_, files, content, text, tally)
        commit = update.new or "" if update else standing.commit if standing else ""
        number = standing.number if standing else None
        proposal = Proposal(commit, content, number, shared=not round_.ours)
        agreed = replace(understood(round_.changes, Ticks(waiting="proposed")).agreed(), proposal=proposal)
        entry = self._append(round_, agreed, f"Propose: {text}", *((update,) if update else ()))
        if entry.done:
            self._publish(round_, entry.commit, agreed, wanted, tally)
        elif entry.kind in ("refused", "denied"):
            self._hold(round_, tally, f"the push to {PROGRESS_BRANCH} was {entry.kind}: {entry.words}")
        return True

    def _update(
        self, round_: Round, files: Mapping[str, bytes], content: str, text: str, tally: Tally
    ) -> RefUpdate | None:
        """Return how the branch is to move, None if it need not.

        A commit of planbot's gives way to a new one on top of the branch's head; one of somebody else stays below it.
        """
        standing, theirs = round_.changes.base.proposal, round_.fetched.progress
        if standing is not None and standing.content == content:
            return None
        onto = round_.head
        if theirs is not None and not round_.ours:
            onto, files = theirs, self._in_theirs(round_, theirs)
            if not files:
                return None
        people = self._tickers(round_.changes)
        tally.people |= people
        message = commit_message(
            text, files, people.values(), skip_ci=round_.loaded.settings.write_back.skip_ci
        )
        commit = build_commit(self._repository, onto, files, message, int(self._clock()))
        return RefUpdate(PROGRESS_REF, theirs, commit, rewind=round_.ours)

    def _in_theirs(self, round_: Round, commit: str) -> dict[str, bytes]:
        """Return what has to change in the plan files of a commit of somebody else."""
        files = {}
        for plan, options in load(CommitSource(self._repository, commit), self._settings).plans:
            place = Place(round_.record.html_url, round_.branch, plan.path)
            ticks = Boxes([desire(plan, options, place)]).ticks(round_.changes.items, plan.path)
            try:
                data = rewritten(plan, list(ticks))
            except EditError:
                continue
            if data != plan.source.data:
                files[plan.path] = data
        return files

    def _publish(
        self, round_: Round, parent: str | None, agreed: Agreed, wanted: Sequence[Tick], tally: Tally
    ) -> bool:
        """Open the pull request or bring its body up to date; return whether that was necessary."""
        pull, page = round_.pull, round_.record.html_url
        content = agreed.proposal.content if agreed.proposal else ""

        def body(before: str) -> str:
            return pull_request_body(before, wanted, page, content)

        if pull is not None and pull.body == body(pull.body):
            return False
        try:
            told = patiently(partial(self._tell, pull, round_.branch, body), partial(self._rest, tally))
        except PermissionDeniedError as error:
            self._give_up(round_, parent, agreed, error, tally)
            return True
        except (TrackerError, StoppedError) as error:
            _stick(tally, error, "put off")
            return False
        if told is None:
            return True  # it was closed meanwhile
        tally.pull, tally.pull_action = told, "updated" if pull else "opened"
        if pull is None:
            self._number(parent, agreed, told)
        return True

    def _tell(
        self, pull: PullRequestRecord | None, base: str, body: Callable[[str], str]
    ) -> PullRequestRecord | None:
        """Open the pull request, or bring up to date what it says now; return None if it is not open any more."""
        if pull is None:
            return self._open(body(""), base)
        now = self._pulls.pull_request(pull.number)
        if now is None or now.state == "closed":
            return None
        return self._pulls.update_pull_request(now.number, body=body(now.body))

    def _open(self, body: str, base: str) -> PullRequestRecord:
        """Open the pull request, or return the one that another pass opened meanwhile."""
        try:
            return self._pulls.create_pull_request(TITLE, body, head=PROGRESS_BRANCH, base=base)
        except RefusedError:
            for pull in self._pulls.pull_requests(PROGRESS_BRANCH, base):
                if pull.state == "open":
                    return pull
            raise

    def _number(self, parent: str | None, agreed: Agreed, pull: PullRequestRecord) -> None:
        """Note the number of a new pull request; where that fails, the next pass finds it by its branch."""
        if agreed.proposal is not None:
            proposal = replace(agreed.proposal, number=pull.number)
            text = f"Propose in pull request #{pull.number}"
            self._logbook.append(parent, replace(agreed, proposal=proposal), text)

    def _give_up(
        self, round_: Round, parent: str | None, agreed: Agreed, error: TrackerError, tally: Tally
    ) -> None:
        """Take back the branch of a pull request that may not be opened: its ticks wait as if pushed in vain."""
        _stick(tally, error, "refused")
        proposal = agreed.proposal
        if proposal is None or round_.pull is not None:
            return
        waiting = replace(judged(agreed, lambda *_: "refused"), proposal=None)
        branch = (RefUpdate(PROGRESS_REF, proposal.commit, None),) if round_.ours else ()
        self._logbook.append(parent, waiting, "Ticks wait: no pull request may be opened", *branch)

    def _withdraw(self, round_: Round, tally: Tally) -> bool:
        """Close a pull request in which nothing is left, and only then let the journal forget it."""
        if round_.pull is not None:
            try:
                closed = patiently(partial(self._close, round_.pull.number), partial(self._rest, tally))
            except (TrackerError, StoppedError) as error:
                _stick(tally, error, "put off")
                return False
            if closed is None or closed.merge is not None:
                return True  # somebody was faster: what it held is in the plan now
            tally.pull, tally.pull_action = closed, "closed"
        agreed = judged(understood(round_.changes, Ticks()).agreed(), lambda *_: "withdrawn")
        text = "Nothing is left to propose"
        self._append(round_, replace(agreed, proposal=None), text, *_deletion(round_))
        return True

    def _close(self, number: int) -> PullRequestRecord | None:
        """Close the pull request, and say why in it; return it, None if it is gone."""
        now = self._pulls.pull_request(number)
        if now is None or now.state == "closed":
            return now
        return self._pulls.update_pull_request(number, body=withdrawn_body(now.body), state="closed")

    def _hold(self, round_: Round, tally: Tally, why: str) -> None:
        """Note in the journal alone that the ticks wait."""
        tally.problem, tally.stuck = f"{why}; ticks made in issues wait", "refused"
        waiting = understood(round_.changes, Ticks(waiting="refused")).agreed()
        self._append(round_, waiting, "Ticks wait: they cannot be proposed").require()

    def _append(self, round_: Round, agreed: Agreed, message: str, *updates: RefUpdate) -> Entry:
        return self._logbook.append(round_.fetched.journal, agreed, message, *updates)


def _deletion(round_: Round) -> tuple[RefUpdate, ...]:
    head = round_.fetched.progress
    return (RefUpdate(PROGRESS_REF, head, None),) if head is not None else ()


def _stick(tally: Tally, error: PlanbotError, stuck: Stuck) -> None:
    """Note what failed, and that this pass does not try it again."""
    tally.problem, tally.stuck = " ".join((f"{error.message}.", error.hint)).strip(), stuck
