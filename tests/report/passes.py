"""Results of passes to render, made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.plans import SMALL
from support.world import NAME, PLAN

from planbot.plan.model import Box
from planbot.plan.reader import read_plan
from planbot.report.result import PassResult, Requests, WriteBack
from planbot.sync.changes import Change, Tick

if TYPE_CHECKING:
    from planbot.sync.changes import Action, ChangeKind, Direction


def change(action: Action, kind: ChangeKind, title: str, **more: Any) -> Change:
    return Change(action=action, kind=kind, title=title, **{"path": PLAN, "locator": title, **more})


def tick(text: str, line: int, direction: Direction = "plan", *, ticked: bool = True) -> Tick:
    return Tick(PLAN, line, text, ticked, direction, Box(ticked=ticked, offset=0), issue=2)


def result(**more: Any) -> PassResult:
    plans = (read_plan(PLAN, SMALL.encode()),)
    return PassResult(
        **{
            "repository": NAME,
            "plans": plans,
            "requests": Requests(3),
            "write_back": WriteBack("auto"),
            **more,
        }
    )
