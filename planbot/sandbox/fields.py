"""The JSON object of a request, read field by field and refused in the words of GitHub's schema check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from planbot.sandbox.problems import ApiError, malformed

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fields:
    """Read typed fields; a missing field and `null` both read as None, `in` tells them apart."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    def parse(cls, body: bytes) -> Fields:
        """Read a request's body; raises `ApiError` 400 unless it is empty or a JSON object.

        https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#invalid-requests
        """
        try:
            values = json.loads(body) if body.strip() else {}
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None
        if not isinstance(values, dict):
            raise ApiError(400, "Body should be a JSON object")
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """Return a string."""
        value: str | None = self._typed(name, str, "a string")
        return value

    def required_text(self, name: str) -> str:
        """Return a string that must be there."""
        value = self.text(name)
        if value is not None:
            return value
        if name in self.values:
            raise malformed(f"For 'properties/{name}', nil is not a string.")
        raise malformed(f'"{name}" wasn\'t supplied.')

    def integer(self, name: str) -> int | None:
        """Return an integer."""
        value: int | None = self._typed(name, int, "an integer")
        return value

    def required_integer(self, name: str) -> int:
        """Return an integer that must be there."""
        value = self.integer(name)
        if value is None:
            raise malformed(f'"{name}" wasn\'t supplied.')
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self._typed(name, bool, "a boolean")
        return default if value is None else value

    def choice(self, name: str, options: Sequence[str]) -> str | None:
        """Return one of the given strings."""
        value = self.text(name)
        if value is not None and value not in options:
            raise malformed(
                f"For 'properties/{name}', {json.dumps(value)} is not a member of {json.dumps(options)}."
            )
        return value

    def record(self, name: str) -> Fields:
        """Return an object, empty if it is missing."""
        return Fields(self._typed(name, dict, "an object") or {})

    def texts(self, name: str) -> list[str] | None:
        """Return a list of strings; GitHub also takes objects with a `name`, as it writes labels."""
        values = self._typed(name, list, "an array")
        if values is None:
            return None
        names: list[Any] = [value.get("name") if isinstance(value, dict) else value for value in values]
        for text in names:
            if not isinstance(text, str):
                raise malformed(f"For 'items', {json.dumps(text)} is not a string.")
        return names

    def _typed(self, name: str, kind: type[Any], word: str) -> Any:
        value = self.values.get(name)
        fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if value is not None and not fits:
            raise malformed(f"For 'properties/{name}', {json.dumps(value)} is not {word}.")
        return value
