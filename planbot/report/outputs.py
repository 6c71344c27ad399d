"""A result as the outputs of the action: one line each, as `name=value`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 900_000  # characters: all outputs of a job may have 1 MB


def output_lines(data: Any) -> Iterator[str]:
    """Yield the outputs for what a command prints as JSON; they are in ASCII, so that no text can end a line."""
    text = json.dumps(data)
    yield f"result={text if len(text) <= LONGEST else ''}"
    if isinstance(data, dict) and "write_back" in data:  # the result of a pass
        yield from _counts(data)


def _counts(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"changed={str(data['changed']).lower()}"
    for name in ("created", "updated", "closed"):
        yield f"{name}={data[name]}"
    yield f"ticked={len(data['ticked'])}"
    written = data["write_back"]
    yield f"commit={written['commit'] or ''}"
    yield f"pull-request={written['pull_request'] or ''}"
