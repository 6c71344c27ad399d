"""The sandbox's pages, looked at and filled in without a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.people import Client, Reply

FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Web:
    """Ask for pages as a browser does, and send their forms."""

    client: Client

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for a page."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.send("GET", path, headers={"Accept": "text/html", **named})

    def text(self, path: str) -> str:
        """Return a page that must be there."""
        reply = self.get(path)
        assert reply.status == 200, reply
        return reply.content.decode()

    def post(self, path: str, *fields: tuple[str, object], headers: Mapping[str, str] | None = None) -> Reply:
        """Send a form from the sandbox's own pages, unless headers or fields say otherwise."""
        origin = self.client.url
        sent = {
            "Accept": "text/html",
            "Content-Type": FORM,
            "Origin": origin,
            "Sec-Fetch-Site": "same-origin",
        }
        return self.client.send("POST", path, urlencode(fields).encode(), sent | dict(headers or {}))

    def hidden(self, path: str) -> dict[str, str]:
        """Return the hidden fields of a page's forms."""
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.text(path))
        return {name: unescape(value) for name, value in found}

    def tick(self, path: str, *places: int, **changed: str) -> Reply:
        """Send the form of an issue's boxes as it stands now, with just these boxes ticked."""
        fields = self.hidden(path) | changed
        return self.post(f"{path}/boxes", *fields.items(), *(("box", place) for place in places))

    def answer(self, path: str, do: str, words: str = "") -> Reply:
        """Press a button below an issue."""
        return self.post(
            f"{path}/answer", ("token", self.hidden(path)["token"]), ("words", words), ("do", do)
        )
