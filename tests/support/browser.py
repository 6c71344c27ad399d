"""A real browser for tests: Debian's Chromium, or another one that is installed, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pytest
from playwright.sync_api import expect, sync_playwright
from support import npm_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page, Request

AXE = ("axe-core", "4.14.1", "axe.min.js")
WIDE, PHONE = (1280, 900), (360, 740)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # CI and containers run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Colors = Literal["light", "dark"]
_PATIENCE = 60_000  # milliseconds: other processes share the machine
_SERIOUS = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser, with a fresh profile; without one, skip (in CI: fail)."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        _skip("no Chromium is installed: apt-get install chromium")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_OPTIONS])
        try:
            yield browser
        finally:
            browser.close()


def _skip(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


@dataclass  # without slots: Playwright keeps its handlers' own wrappers on the object
class Tab:
    """Hold an open page, and all that went wrong or strange in it."""

    page: Page
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", self._remember)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def _dismiss(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _remember(self, request: Request) -> None:
        self.asked.append(request.url)

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return width

    def accessibility(self) -> list[str]:
        """Return what axe finds serious, one line a finding. Skips without axe (in CI: fails).

        https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
        """
        try:
            script = npm_package.member(*AXE)
        except npm_package.MissingError as missing:
            _skip(str(missing))
        self.page.evaluate(script.read_text(encoding="utf-8"))
        result: dict[str, Any] = self.page.evaluate("axe.run()")
        assert len(result["passes"]) > 10, "axe looked at next to nothing"
        return [
            f"{found['id']}: {node['html']}"
            for found in result["violations"]
            if found["impact"] in _SERIOUS
            for node in found["nodes"]
        ]


@contextmanager
def tab(
    browser: Browser,
    base: str,
    *,
    size: tuple[int, int] = WIDE,
    colors: Colors = "light",
) -> Iterator[Tab]:
    """Open a tab of a browser without a past; addresses are relative to `base`."""
    width, height = size
    context = browser.new_context(
        base_url=base,
        viewport={"width": width, "height": height},
        color_scheme=colors,
        reduced_motion="reduce",  # a colour on its way to another has no contrast to be measured
    )
    try:
        yield Tab(context.new_page())
    finally:
        context.close()
