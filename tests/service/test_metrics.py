"""Figures, as Prometheus reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from report.passes import change, tick
from service.outcomes import NOON, board, done, failed
from service.test_webhooks import ISSUE

from planbot import __version__
from planbot.errors import BusyError, PermissionDeniedError, PlanbotError, RateLimitedError
from planbot.service.metrics import Metrics, cause_of
from planbot.service.model import Reason
from planbot.service.states import QueueState
from planbot.tracker.failures import InvalidError
from planbot.tracker.records import Quota

if TYPE_CHECKING:
    from service.hooks import Fronted

    from planbot.service.board import StatusBoard

WISH = Reason("start")
GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "operating.md"


def figures(text: str) -> dict[str, float]:
    """Return samples by name and labels."""
    return {
        f"{sample.name}{''.join(f' {key}={value}' for key, value in sorted(sample.labels.items()))}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(kept: StatusBoard) -> dict[str, float]:
    return figures(kept.metrics.text().decode())


def test_passes_are_counted_with_what_they_did_and_cost() -> None:
    kept = board()
    created = [change("create", "task", name) for name in ("1.1", "1.2")]
    closed = change("close", "phase", "Phase 1")
    ticks = (tick("a", 1), tick("b", 2), tick("c", 3, "issue"))
    kept.ended("octo/plans", "p1", done(changes=(*created, closed), ticks=ticks))
    kept.ended("octo/plans", "p2", failed(RateLimitedError("slowly", seconds=60)))
    found = of(kept)
    assert found["planbot_passes_total verdict=changed"] == 1
    assert found["planbot_passes_total verdict=failed"] == 1
    assert found["planbot_changes_total action=create kind=task"] == 2
    assert found["planbot_changes_total action=close kind=phase"] == 1
    assert (found["planbot_ticks_total from=issue"], found["planbot_ticks_total from=plan"]) == (2, 1)
    assert (found["planbot_requests_total kind=read"], found["planbot_requests_total kind=write"]) == (4, 1)
    assert found["planbot_failures_total cause=rate_limited"] == 1
    assert (found["planbot_pass_seconds_count"], found["planbot_pass_seconds_sum"]) == (2, 2)


def test_how_things_are_is_read_off_the_board() -> None:
    kept = board("a/one", "a/two", "b/three", "b/four")
    kept.asked("a/one", WISH)
    kept.asked("a/one", WISH)
    kept.started("a/two", "p1", (WISH,))
    kept.ended("b/three", "p2", done(waiting=(tick("a", 1), tick("b", 2))))
    kept.ended("b/four", "p3", done())
    kept.ended("b/four", "p4", failed(PermissionDeniedError("no")))
    found = of(kept)
    assert found["planbot_repositories"] == 4
    assert found["planbot_repositories_in_trouble"] == 1
    assert (found["planbot_queue_depth"], found["planbot_passes_running"]) == (1, 1)
    assert found["planbot_waiting_ticks"] == 2
    assert (
        found["planbot_oldest_good_pass_timestamp_seconds"] == (NOON + timedelta(minutes=1)).timestamp()
    )  # the start
    assert found[f"planbot_build_info version={__version__}"] == 1


def test_the_quota_is_the_newest_of_each_owner() -> None:
    kept = board("a/one", "a/two", "b/three")
    for name, left in (("a/one", 900), ("a/two", 800), ("b/three", 50), ("a/one", 700)):
        kept.ended(name, "p", replace(done(), quota=Quota(left, 5000, NOON)))
    found = of(kept)
    assert found["planbot_quota_remaining owner=a"] == 700
    assert found["planbot_quota_remaining owner=b"] == 50
    assert found["planbot_quota_limit owner=a"] == 5000


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (PermissionDeniedError("x"), "permission_denied"),
        (InvalidError("x", frozenset()), "invalid"),
        (BusyError("x"), "busy"),
        (PlanbotError("x"), "planbot"),
    ],
)
def test_a_failure_has_its_cause_for_a_label(error: PlanbotError, cause: str) -> None:
    assert cause_of(error) == cause


def test_webhooks_are_counted_and_names_that_anybody_may_invent_are_not_kept(served: Fronted) -> None:
    served.post("issues", ISSUE)
    served.post("star", ISSUE)
    served.post("x" * 1000, ISSUE, b"wrong")
    answer = served.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = figures(answer.body.decode())
    assert found["planbot_webhooks_total event=issues verdict=asked"] == 1
    assert found["planbot_webhooks_total event=other verdict=ignored"] == 1
    assert found["planbot_webhooks_total event=other verdict=refused"] == 1
    assert found["planbot_webhook_seconds_count"] == 3


def test_the_oldest_good_pass_is_the_one_to_worry_about() -> None:
    kept = board("a/one", "a/two")
    for name in ("a/one", "a/two", "a/one"):
        kept.ended(name, "p", done())
    assert of(kept)["planbot_oldest_good_pass_timestamp_seconds"] == (NOON + timedelta(minutes=2)).timestamp()


def test_no_figure_names_a_repository() -> None:
    kept = board("octo/secret-project")
    kept.ended("octo/secret-project", "p", replace(done(), quota=Quota(1, 2, NOON)))
    assert "secret-project" not in kept.metrics.text().decode()


def test_a_queue_that_several_work_off_is_told_of_as_it_is() -> None:
    now = datetime.now(UTC)
    queue = QueueState(depth=7, oldest=now - timedelta(hours=1), given_up=2)
    found = figures(Metrics(tuple, NOON, lambda: queue).text().decode())
    assert (found["planbot_queue_depth"], found["planbot_queue_given_up"]) == (7, 2)
    assert 3600 <= found["planbot_queue_age_seconds"] < 7200
    assert found["planbot_queue_up"] == 1
    idle = figures(Metrics(tuple, NOON, lambda: QueueState(lost=now)).text().decode())
    assert (idle["planbot_queue_age_seconds"], idle["planbot_queue_up"]) == (0, 0)


def figure_table(kept: StatusBoard) -> list[str]:
    """Return the rows of the guide: every figure with its labels and what it tells."""
    rows = ["| figure | by | tells |", "|---|---|---|"]
    for family in kept.metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        by = sorted({label for sample in family.samples for label in sample.labels} - {"le"})
        rows.append(f"| `{name}` | {', '.join(by)} | {family.documentation} |")
    return rows


def test_the_guide_has_every_figure() -> None:
    kept = board()
    kept.metrics = Metrics(kept.states, NOON, QueueState)
    more = {"changes": (change("create", "task", "1.1"),), "ticks": (tick("a", 1),)}
    kept.ended("octo/plans", "p", replace(done(**more), quota=Quota(1, 2, NOON)))
    kept.ended("octo/plans", "p", failed(PlanbotError("x")))
    kept.metrics.webhook("issues", "asked", 0.001)
    table = GUIDE.read_text("utf-8").partition("<!-- figures -->\n")[2].partition("<!-- /figures -->")[0]
    assert table.splitlines() == figure_table(kept)


def test_two_boards_in_one_process_count_apart() -> None:
    first, second = board(), board()
    first.ended("octo/plans", "p", done())
    assert "planbot_passes_total verdict=in step" in of(first)
    assert "planbot_passes_total verdict=in step" not in of(second)
