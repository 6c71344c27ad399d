"""What the rounds of a pass have done so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from planbot.listing import Listing
    from planbot.plan.model import Diagnostic
    from planbot.report.result import PullAction
    from planbot.sync.changes import Change, Tick, Undone
    from planbot.tracker.records import PullRequestRecord, UserRecord


Stuck: TypeAlias = Literal["", "refused", "put off"]


@dataclass(slots=True)
class Tally:
    """Collect what the rounds of a pass have done; `unsafe` are plan files that refused an edit.

    `pull` is the pull request that was written, and `pull_action` how; `stuck` says that this failed, and is not tried
    again in this pass: `put off` where the next one may well do it. `ends` is when its time is up, in epoch seconds, if
    ever. `waited` says that the pass gave lists the time to catch up. `listing` is what the tracker told in a round
    that changed the plan alone.
    """

    changes: list[Change] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    unsafe: dict[str, Diagnostic] = field(default_factory=dict)
    homeless: list[tuple[str, Diagnostic]] = field(default_factory=list)
    commit: str | None = None
    people: dict[int, UserRecord] = field(default_factory=dict)
    pull: PullRequestRecord | None = None
    pull_action: PullAction = ""
    stuck: Stuck = ""
    problem: str = ""
    started: float = 0
    ends: float | None = None
    out_of_time: bool = False
    waited: bool = False
    listing: Listing | None = None
