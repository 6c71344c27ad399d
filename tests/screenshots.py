"""Make the picture at the top of the README: `python tests/screenshots.py docs/demo.png`.

It is the real thing: `planbot demo --serve` runs, a browser ticks two boxes on the page of an issue, and the page of
the plan shows what came of it.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.browser import chromium, tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TICKED = ("pytest tests/test_idempotency.py passes", "The same request sent by 50 threads makes one order")
WINDOW = (880, 350)
BELOW_HEAD = 80  # pixels: the file's head stays at the top
_PICTURE = """\
<!doctype html>
<style>
  body {{ margin: 0; width: 882px; background: #fff; font: 600 15px/1.4 system-ui, sans-serif; color: #1f2328; }}
  p {{ margin: 0; padding: 12px 0 8px; }}
  img {{ display: block; width: 880px; border: 1px solid #d1d9e0; border-radius: 8px; }}
</style>
<p>A maintainer ticks boxes in an issue …</p>
<img src="data:image/png;base64,{issue}">
<p>… and planbot commits them to the plan file.</p>
<img src="data:image/png;base64,{plan}">
"""


def make(browser: Browser, path: Path) -> None:
    """Write the picture."""
    command = [sys.executable, "-m", "planbot", "demo", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as demo:
        try:
            assert demo.stdout is not None
            guide = "".join(demo.stdout.readline() for _ in range(4))
            issue, plan = _windows(browser, re.findall(r"http://[\d.:]+", guide)[0])
            path.write_bytes(_composed(browser, issue, plan))
        finally:
            demo.terminate()


def _windows(browser: Browser, address: str) -> tuple[bytes, bytes]:
    """Tick the boxes, and return what the windows of the issue and of the plan show then."""
    with (
        tab(browser, address, size=WINDOW) as issue,
        tab(browser, address, size=WINDOW) as plan,
    ):
        plan.page.goto("/octo/orders/blob/main/PLAN.md")
        issue.page.goto("/octo/orders/issues/2")
        boxes = issue.page.locator("input[name=box]")
        boxes.evaluate_all(f"boxes => boxes.slice(0, {len(TICKED)}).forEach((box) => box.click())")
        for name in TICKED:
            plan.page.get_by_role("checkbox", name=name, checked=True).wait_for()
        _scroll(issue.page, "#head", 16)
        _scroll(plan.page, "#file h3:text-is('Phase 1 Verification')", BELOW_HEAD)
        return issue.page.screenshot(), plan.page.screenshot()


def _scroll(page: Page, selector: str, above: int) -> None:
    page.locator(selector).evaluate(
        "(e, above) => scrollTo(0, e.getBoundingClientRect().top + scrollY - above)", above
    )


def _composed(browser: Browser, issue: bytes, plan: bytes) -> bytes:
    """Return both windows in one picture, one below the other."""
    with tab(browser, "about:blank", size=(WINDOW[0] + 2, 100)) as sheet:
        names = {"issue": issue, "plan": plan}
        sheet.page.set_content(
            _PICTURE.format(**{name: base64.b64encode(png).decode() for name, png in names.items()})
        )
        return sheet.page.screenshot(full_page=True)


if __name__ == "__main__":
    with chromium() as one:
        make(one, Path(sys.argv[1]))
