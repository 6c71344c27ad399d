"""Markdown as HTML that a browser may be shown: rendered, sanitised, with boxes that are ours."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import nh3
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from planbot.sandbox.pages.boxes import Progress, boxed_items, parser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.utils import EnvType, OptionsDict

    from planbot.sandbox.pages.boxes import Box

_TAGS = nh3.ALLOWED_TAGS - {"area", "img", "map"}  # a picture would be fetched from wherever the author says
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href", "title"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}}
_TASK = "task"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Hold a text as HTML, and its boxes."""

    html: Markup
    boxes: tuple[Box, ...]

    @property
    def progress(self) -> Progress:
        """Return how many boxes are ticked."""
        return Progress(sum(box.ticked for box in self.boxes), len(self.boxes))


def render(text: str, *, clickable: bool = False) -> Rendered:
    """Return a text as GitHub would show it: nothing in it runs, and nothing is loaded for it.

    What stands for a box goes through the sanitiser as a word that nobody can guess, so that no author can make
    a control of the page.
    """
    tokens, word = parser().parse(text), secrets.token_hex(16)
    found = list(boxed_items(text, tokens))
    for place, (_, item, inline) in enumerate(found):
        _mark(item, inline, f"{word}-{place}-")
    unsafe = _renderer().render(tokens, parser().options, {})
    boxes = tuple(box for box, _, _ in found)

    def control(match: re.Match[str]) -> str:
        place = int(match[1])
        return _control(place, boxes[place], clickable=clickable)

    html = re.sub(rf"{word}-(\d+)-", control, _cleaner().clean(unsafe))
    return Rendered(Markup(html), boxes)  # noqa: S704  it went through the sanitiser


def _mark(item: Token, inline: Token, word: str) -> None:
    """Put a word in the place of a box."""
    children = inline.children or []
    children[0].content = children[0].content[3:]
    children.insert(0, Token("text", "", 0, content=word))
    item.attrSet("class", _TASK)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"li": {_TASK}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )


def _control(place: int, box: Box, *, clickable: bool) -> str:
    """Write the control of a box; only one that can be clicked has a place in the form."""
    asked = f' id="box-{place}" name="box" value="{place}"' if clickable else " disabled"
    checked = " checked" if box.ticked else ""
    return f'<input type="checkbox" aria-label="{escapeHtml(box.text)}"{asked}{checked}>'


class _Renderer(RendererHTML):
    """Write HTML in which an image is a link to it and a table's columns are aligned without styles."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a link."""
        token = tokens[idx]
        words = self.renderInlineAsText(token.children, options, env) if token.children else ""
        return f'<a href="{escapeHtml(str(token.attrGet("src")))}">{escapeHtml(words or "image")}</a>'

    def renderToken(  # noqa: N802  the name is markdown-it's
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Write a tag."""
        style: Any = tokens[idx].attrs.pop("style", None)
        if style:
            tokens[idx].attrSet("align", str(style).removeprefix("text-align:"))
        return super().renderToken(tokens, idx, options, env)


@cache
def _renderer() -> RendererHTML:
    return _Renderer()
