"""Real payloads of events, as GitHub gives them for examples."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from support.npm_package import MissingError, member, skip_without


@cache
def examples() -> dict[str, list[dict[str, Any]]]:
    """Return the examples by the name of the event; skip the running test where they cannot be had."""
    try:
        file = member("@octokit/webhooks-examples", "7.6.1", "api.github.com/index.json")
    except MissingError as reason:
        skip_without(reason)
    return {one["name"]: one["examples"] for one in json.loads(file.read_bytes())}
