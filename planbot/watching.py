"""How the pull request stands that proposes ticks: open, merged, closed; and what that makes of the base."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planbot.errors import SettingsError
from planbot.loading import Given, load
from planbot.repo.repository import PROGRESS_BRANCH
from planbot.repo.sources import CommitSource
from planbot.report.pull_request import box_line, is_withdrawn, taken_out
from planbot.sync.agreed import Proposal
from planbot.sync.align import sight_key
from planbot.sync.desired import desire
from planbot.sync.inline import Place
from planbot.sync.proposal import Boxes, judged, revived

if TYPE_CHECKING:
    from planbot.repo.repository import Fetched, Repository
    from planbot.report.pull_request import Lines
    from planbot.sync.agreed import Agreed, AgreedCheck, AgreedItem
    from planbot.sync.proposal import Judge, Verdict
    from planbot.tracker.protocols import PullRequestReader
    from planbot.tracker.records import PullRequestRecord, RepositoryRecord


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold the base with what became of the pull request in it, and the pull request where there is one.

    `ours` says that its branch holds commits of planbot alone, or is not there.
    """

    agreed: Agreed
    pull: PullRequestRecord | None = None
    ours: bool = True

    @property
    def merge(self) -> str | None:
        """Return the commit that merged the pull request."""
        return self.pull.merge if self.pull else None


class Watcher:
    """Look after one repository's progress pull request; holds no writer."""

    def __init__(self, repository: Repository, pulls: PullRequestReader, settings: Given) -> None:
        self._repository = repository
        self._pulls = pulls
        self._settings = settings

    def look(self, record: RepositoryRecord, branch: str, fetched: Fetched, agreed: Agreed) -> Standing:
        """Return how the pull request stands; nothing is asked of the tracker where none can be open."""
        proposal = self._read(fetched, agreed.proposal)
        if proposal is None:
            return self._without(record, branch, fetched, agreed)
        ours, pull = not proposal.shared, self._pull(branch, proposal)
        if pull is None:
            return Standing(agreed, None, ours)
        if pull.state == "closed":
            ended = judged(agreed, self._offered(record, branch, pull, proposal))
            return Standing(replace(ended, proposal=None), pull, ours)
        if agreed.proposal is not None and proposal.commit != agreed.proposal.commit:
            agreed = judged(agreed, self._by_content(record, branch, proposal.commit, "stands"))
        if not proposal.shared:  # else the branch says what is in it
            agreed = judged(agreed, _by_body(record, agreed, pull.body, proposal.content))
        return Standing(replace(agreed, proposal=replace(proposal, number=pull.number)), pull, ours)

    def _read(self, fetched: Fetched, proposal: Proposal | None) -> Proposal | None:
        """Return what is proposed, with what somebody else did to its branch."""
        head = fetched.progress
        if proposal is None or head in (None, proposal.commit):
            return proposal
        return replace(proposal, commit=head, shared=proposal.shared or not self._repository.is_ours(head))

    def _without(self, record: RepositoryRecord, branch: str, fetched: Fetched, agreed: Agreed) -> Standing:
        """Look at a branch of which the journal knows nothing: it was lost, or a person opened a closed one again."""
        head = fetched.progress
        if head is None:
            return Standing(agreed)
        if not self._repository.is_ours(head):
            return Standing(agreed, ours=False)
        shared = not self._repository.stands_on(head, fetched.head or "")
        for pull in self._pulls.pull_requests(PROGRESS_BRANCH, branch):
            if pull.state == "open":
                again = revived(agreed, self._boxes(record, branch, head))
                proposal = Proposal(head, "", pull.number, shared)
                return Standing(replace(again, proposal=proposal), pull, not shared)
        return Standing(agreed, ours=not shared)

    def _pull(self, branch: str, proposal: Proposal) -> PullRequestRecord | None:
        """Return the pull request; where its number is not known, a pass died or an answer was lost."""
        if proposal.number is not None:
            return self._pulls.pull_request(proposal.number)
        for pull in self._pulls.pull_requests(PROGRESS_BRANCH, branch):
            if pull.state == "open" or pull.head == proposal.commit:
                return pull
        return None

    def _offered(
        self, record: RepositoryRecord, branch: str, pull: PullRequestRecord, proposal: Proposal
    ) -> Judge:
        """Judge boxes by how a pull request ended; what was pushed only afterwards was never offered in it."""
        judge, head = self._ended(record, branch, pull), pull.head
        late = head != proposal.commit and self._repository.bring(head) and self._repository.is_ours(head)
        if not late:
            return judge
        offered = self._boxes(record, branch, head)
        return lambda *box: judge(*box) if offered.holds(*box) else "withdrawn"

    def _ended(self, record: RepositoryRecord, branch: str, pull: PullRequestRecord) -> Judge:
        if pull.merge is None or pull.base != branch:
            verdict: Verdict = "withdrawn" if is_withdrawn(pull.body) else "declined"
            return lambda _path, _item, _at: verdict
        if not self._repository.bring(pull.merge):
            return lambda _path, _item, _at: "landed"
        return self._by_content(record, branch, pull.merge, "landed")

    def _by_content(self, record: RepositoryRecord, branch: str, commit: str, otherwise: Verdict) -> Judge:
        """Judge boxes by a commit of the pull request: one that has not the proposed value there was taken out."""
        boxes = self._boxes(record, branch, commit)

        def judge(path: str, item: AgreedItem, at: int | None) -> Verdict:
            check = item.box if at is None else item.checks[at]
            is_out = check is not None and boxes.value(path, item, at) == check.ticked
            return "declined" if is_out else otherwise

        return judge

    def _boxes(self, record: RepositoryRecord, branch: str, commit: str) -> Boxes:
        try:
            plans = load(CommitSource(self._repository, commit), self._settings).plans
        except SettingsError:  # somebody is at work on the settings there
            plans = ()
        return Boxes(
            desire(plan, options, Place(record.html_url, branch, plan.path)) for plan, options in plans
        )


def _by_body(record: RepositoryRecord, agreed: Agreed, body: str, content: str) -> Judge:
    """Judge boxes by the pull request's body: a line that somebody took out of it is declined."""
    left: defaultdict[tuple[str, str], set[int | None]] = defaultdict(set)
    for _, item in agreed.entries():
        for move in item.moved:
            left[move.to, sight_key(move.check.text)].add(item.issue)

    def lines(item: AgreedItem, check: AgreedCheck) -> Lines:
        issues = {item.issue, *left[item.uid, sight_key(check.text)]}
        page, ticked = record.html_url, not check.ticked
        return frozenset(box_line(check.text, issue, page, ticked=ticked) for issue in issues)

    boxes = {
        lines(item, check)
        for _, item in agreed.entries()
        for check in (*item.checks, *((item.box,) if item.box else ()))
        if check.waiting == "proposed"
    }
    out = taken_out(body, content, boxes)

    def judge(_path: str, item: AgreedItem, at: int | None) -> Verdict:
        check = item.box if at is None else item.checks[at]
        return "declined" if check is not None and lines(item, check) in out else "stands"

    return judge
