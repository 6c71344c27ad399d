"""Figures for Prometheus: what passes did and cost, and how every repository is.

No figure has a repository's name: with thousands of them that would be thousands of time series. The status page
names them.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from planbot import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from prometheus_client import Metric

    from planbot.service.model import Outcome
    from planbot.service.states import QueueState, RepositoryState
    from planbot.tracker.records import Quota

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PASS_SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_WEBHOOK_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10)
_EVENTS = (
    *("issues", "push", "pull_request", "ping"),
    *("installation", "installation_repositories", "installation_target", "repository"),
)


class Metrics:
    """Count what happens; what is asked for of repositories is read off the board when somebody asks."""

    def __init__(
        self,
        states: Callable[[], Sequence[RepositoryState]],
        started: datetime,
        queue: Callable[[], QueueState | None] = lambda: None,
    ) -> None:
        self.registry = registry = CollectorRegistry()
        self._passes = Counter("planbot_passes", "Passes, by how they ended.", ["verdict"], registry=registry)
        self._seconds = Histogram(
            "planbot_pass_seconds", "How long passes took.", registry=registry, buckets=_PASS_SECONDS
        )
        self._changes = Counter(
            "planbot_changes", "Changes made in trackers.", ["kind", "action"], registry=registry
        )
        self._ticks = Counter(
            "planbot_ticks",
            "Boxes brought in step, by the side that was ticked.",
            ["from"],
            registry=registry,
        )
        self._requests = Counter("planbot_requests", "Requests to trackers.", ["kind"], registry=registry)
        self._failures = Counter(
            "planbot_failures", "Passes that failed, by what was wrong.", ["cause"], registry=registry
        )
        self._webhooks = Counter(
            "planbot_webhooks",
            "Webhooks, by event and by what became of them.",
            ["event", "verdict"],
            registry=registry,
        )
        self._webhook_seconds = Histogram(
            "planbot_webhook_seconds",
            "How long webhooks waited for their answer once they were there.",
            registry=registry,
            buckets=_WEBHOOK_SECONDS,
        )
        registry.register(_Gauges(states, started, queue))

    def ended(self, outcome: Outcome, verdict: str) -> None:
        """Count a pass."""
        self._passes.labels(verdict).inc()
        self._seconds.observe(outcome.seconds)
        self._requests.labels("read").inc(outcome.requests.read)
        self._requests.labels("write").inc(outcome.requests.write)
        if outcome.error is not None:
            self._failures.labels(cause_of(outcome.error)).inc()
        if outcome.result is not None:
            for change in outcome.result.changes:
                self._changes.labels(change.kind, change.action).inc()
            for tick in outcome.result.ticks:
                self._ticks.labels("issue" if tick.direction == "plan" else "plan").inc()

    def webhook(self, event: str, verdict: str, seconds: float) -> None:
        """Count a webhook; the name of an event that planbot does not know may be anybody's invention."""
        self._webhooks.labels(event if event in _EVENTS else "other", verdict).inc()
        self._webhook_seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self.registry)


def cause_of(error: Exception) -> str:
    """Return what was wrong as a label, `permission_denied` for a `PermissionDeniedError`."""
    words = re.findall("[A-Z][a-z]*", type(error).__name__.removesuffix("Error"))
    return "_".join(words).lower()


class _Gauges(Collector):
    """Tell how things are at the moment they are asked for."""

    def __init__(
        self,
        states: Callable[[], Sequence[RepositoryState]],
        started: datetime,
        queue: Callable[[], QueueState | None],
    ) -> None:
        self._states = states
        self._started = started
        self._queue = queue

    def collect(self) -> Iterable[Metric]:
        states = self._states()
        yield _gauge("repositories", "Repositories that are kept in step.", len(states))
        yield _gauge(
            "repositories_in_trouble",
            "Repositories whose last pass failed, was refused or is partial.",
            sum(state.trouble is not None for state in states),
        )
        yield from _waiting(states, self._queue())
        yield _gauge("passes_running", "Passes under way.", sum(state.running != "" for state in states))
        yield _gauge("waiting_ticks", "Ticks that wait.", sum(len(state.waiting) for state in states))
        good = [(state.good or self._started).timestamp() for state in states]
        yield _gauge(
            "oldest_good_pass_timestamp_seconds",
            "When the repository that waits longest for a good pass had its last one, at the earliest the start.",
            min(good, default=self._started.timestamp()),
        )
        yield from _quotas(states)
        info = GaugeMetricFamily("planbot_build_info", "The version that runs.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info


def _waiting(states: Sequence[RepositoryState], queue: QueueState | None) -> Iterator[Metric]:
    about = "Passes that wait."
    if queue is None:
        yield _gauge("queue_depth", about, sum(state.wanted > 0 for state in states))
        return
    yield _gauge("queue_depth", about, queue.depth)
    age = (datetime.now(UTC) - queue.oldest).total_seconds() if queue.oldest else 0
    yield _gauge("queue_age_seconds", "For how long the oldest of them could have started.", max(0, age))
    yield _gauge("queue_given_up", "Repositories whose passes were given up.", queue.given_up)
    yield _gauge("queue_up", "Whether the queue's database answers.", queue.lost is None)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"planbot_{name}", about, value=value)


def _quotas(states: Iterable[RepositoryState]) -> Iterator[Metric]:
    """Yield the newest quota that each owner's repositories told of: an App has one for each installation."""
    newest: dict[str, tuple[float, Quota]] = {}
    for state in states:
        if state.quota is not None and state.last is not None:
            owner, told = state.name.partition("/")[0], (state.last.at.timestamp(), state.quota)
            newest[owner] = max(newest.get(owner, told), told, key=lambda one: one[0])
    remaining = GaugeMetricFamily(
        "planbot_quota_remaining", "Requests that GitHub still allows.", labels=["owner"]
    )
    limit = GaugeMetricFamily("planbot_quota_limit", "Requests that GitHub allows an hour.", labels=["owner"])
    for owner, (_, quota) in sorted(newest.items()):
        remaining.add_metric([owner], quota.remaining)
        limit.add_metric([owner], quota.limit)
    yield from (remaining, limit)
