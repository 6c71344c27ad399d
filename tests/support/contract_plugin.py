"""Hold every exchange that any test has with the sandbox against GitHub's description of its API.

With `-v` the run ends with a table of what the sandbox's tests show of each endpoint, and the page it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import npm_package
from support.github_openapi import Description

from planbot.sandbox.record import observers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox import Request

DOCS = "https://docs.github.com"
_BEHAVIOUR, _COMPARED = "behaviour", "compared"


class Contract:
    """Collect the exchanges of a test and compare them when it ends."""

    def __init__(self) -> None:
        self.exchanges: list[Request] = []
        self.missing: npm_package.MissingError | None = None
        self._descriptions: dict[str, Description] = {}

    def check(self) -> tuple[int, list[str]]:
        """Return how many exchanges since the last look were compared, and how they differ."""
        exchanges = [e for e in self.exchanges if e.kind == "api" and not e.fault]
        self.exchanges.clear()
        compared, found = 0, []
        for exchange in exchanges:
            description = self.description(exchange.version)
            if description is not None:
                compared += 1
                found += description.problems(exchange)
        return compared, found

    def description(self, version: str = "2022-11-28") -> Description | None:
        """Return GitHub's description of a version of its API, or None where it cannot be had."""
        if version not in self._descriptions and self.missing is None:
            try:
                self._descriptions[version] = Description.fetch(version)
            except npm_package.MissingError as missing:
                self.missing = missing
        return self._descriptions.get(version)


_contract = Contract()


@pytest.fixture(autouse=True)
def github_contract(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose exchanges with the sandbox differ from GitHub's description."""
    yield
    compared, problems = _contract.check()
    request.node.user_properties.append((_COMPARED, compared))
    assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.fixture
def description() -> Description:
    """Return GitHub's description of its API, or skip the test where it cannot be had (in CI: fail)."""
    description = _contract.description()
    if description is None:
        assert _contract.missing is not None
        npm_package.skip_without(_contract.missing)
    return description


def pytest_configure(config: pytest.Config) -> None:
    """Watch every sandbox of this process."""
    observers.append(_contract.exchanges.append)
    config.addinivalue_line(
        "markers", "follows(endpoint, page): the endpoint that a test shows and its documentation"
    )


def pytest_unconfigure() -> None:
    """Watch no more."""
    observers.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which behaviour a test shows, for the table."""
    for marker in item.iter_markers("follows"):
        endpoint, page = marker.args
        name = getattr(item, "originalname", item.name)
        behaviour = name.removeprefix("test_").replace("_", " ")
        item.user_properties.append((_BEHAVIOUR, (endpoint, behaviour, f"{DOCS}/{page}")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many exchanges were compared and, with `-v`, print the table of endpoints and behaviours."""
    reports = [r for group in terminalreporter.stats.values() for r in group if hasattr(r, "user_properties")]
    properties = [(r.when, *pair) for r in reports for pair in r.user_properties]
    compared = sum(value for when, name, value in properties if (when, name) == ("teardown", _COMPARED))
    if compared:
        terminalreporter.line(f"{compared} exchanges with the sandbox were held against GitHub's description")
    rows = {tuple(value) for when, name, value in properties if (when, name) == ("call", _BEHAVIOUR)}
    if rows and terminalreporter.verbosity > 0:
        terminalreporter.section("the sandbox behaves as GitHub documents")
        width = max(len(endpoint) for endpoint, _, _ in rows)
        for endpoint, behaviour, page in sorted(rows):
            terminalreporter.line(f"{endpoint:{width}}  {behaviour}  <{page}>")
