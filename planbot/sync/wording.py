"""Texts that fit where they go: one line, no control characters, no longer than the tracker takes."""

from __future__ import annotations

import re

TITLE_LIMIT = 256  # https://docs.github.com/rest/issues/issues: longer titles are refused
MILESTONE_LIMIT = 255  # a milestone's title may be one character shorter than an issue's
LABEL_LIMIT = 50
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_MARKUP = re.compile(r"[*_`]+")


def clean(text: str) -> str:
    """Return a text as one line without control and direction characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def shorten(text: str, limit: int) -> str:
    """Return a text cut to `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain(text: str) -> str:
    """Return a text as one line without the marks of emphasis and code."""
    return clean(_MARKUP.sub("", text))


def label_name(template: str, value: str) -> str:
    """Return a label's name made of a template and a value, "" where there is no value."""
    text = plain(value).replace(",", "")
    return shorten(template.format(value=text), LABEL_LIMIT) if text else ""
