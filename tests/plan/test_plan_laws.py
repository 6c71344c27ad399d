"""What holds for any file: reading never fails, parts have their places, one flip changes one box."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan.documents import PATHS, documents
from plan.reading import SAMPLES, name_of, path_of, read_sample

from planbot.plan.edits import apply_edits, tick_edit
from planbot.plan.options import DIALECTS, ReadOptions
from planbot.plan.outline import boxes_in
from planbot.plan.reader import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from planbot.plan.model import Plan, Span

SAMPLE = st.sampled_from(SAMPLES)
DAMAGE = (b"```", b"<!--", b"[", b"|", b"\n", b"\r", b"# ", b"- [ ] ")


@given(documents(), PATHS, st.integers(min_value=0))
def test_a_flipped_box_is_all_that_changes(data: bytes, path: str, chosen: int) -> None:
    plan = read_plan(path, data)
    boxes = plan.boxes()
    if boxes:
        _flip_and_flip_back(plan, chosen % len(boxes))


@given(documents(), PATHS)
def test_all_boxes_can_be_flipped_at_once(data: bytes, path: str) -> None:
    plan = read_plan(path, data)
    written = apply_edits(plan, [tick_edit(box, not box.ticked) for box in plan.boxes()])
    again = read_plan(path, written)
    assert [box.ticked for box in again.boxes()] == [not box.ticked for box in plan.boxes()]
    assert _shape(again) == _shape(plan)


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_every_box_of_a_sample_can_be_flipped_and_flipped_back(sample: Path) -> None:
    plan = read_sample(sample)
    for place in range(len(plan.boxes())):
        _flip_and_flip_back(plan, place)


@given(documents(), PATHS)
def test_parts_lie_where_they_belong(data: bytes, path: str) -> None:
    _check_places(read_plan(path, data))


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_the_parts_of_a_sample_lie_where_they_belong(sample: Path) -> None:
    _check_places(read_sample(sample))


def test_the_parts_of_the_collected_plans_lie_where_they_belong(shared_plans: Path) -> None:
    for file in sorted(shared_plans.rglob("*.md")):
        _check_places(read_plan(file.name, file.read_bytes()))


@given(documents(), PATHS)
def test_every_box_of_a_file_belongs_to_exactly_one_part(data: bytes, path: str) -> None:
    plan = read_plan(path, data)
    found = {box.offset: box.ticked for box in boxes_in(data)}
    read = [box.offset for box in plan.boxes()]
    assert len(set(read)) == len(read)
    # front matter, where a file has it, is no Markdown
    assert all(found.get(box.offset, box.ticked) == box.ticked for box in plan.boxes())
    if not data.lstrip(b"\xef\xbb\xbf").startswith(b"---"):
        assert read == list(found)


@given(st.binary(max_size=300), PATHS)
def test_any_bytes_are_read(data: bytes, path: str) -> None:
    _check_places(read_plan(path, data))


@given(SAMPLE, st.data())
def test_a_damaged_sample_is_read(sample: Path, draw: st.DataObject) -> None:
    data = bytearray(sample.read_bytes())
    for _ in range(draw.draw(st.integers(1, 5))):
        place = draw.draw(st.integers(0, len(data)))
        data[place : place + draw.draw(st.integers(0, 9))] = draw.draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from([b"```", b"<!--", b"[", b"|", b"\n", b"\r", b"# ", b"- [ ] "]),
            )
        )
    _check_places(read_plan(path_of(sample), bytes(data)))


@given(documents(), st.sampled_from(DIALECTS))
def test_any_file_can_be_read_in_any_dialect(data: bytes, dialect: str) -> None:
    _check_places(read_plan("x.md", data, ReadOptions(dialect=dialect)))


@given(documents(), PATHS)
def test_no_edits_give_the_same_bytes(data: bytes, path: str) -> None:
    assert apply_edits(read_plan(path, data), []) is data


def _flip_and_flip_back(plan: Plan, place: int) -> None:
    box = plan.boxes()[place]
    data = plan.source.data
    written = apply_edits(plan, [tick_edit(box, not box.ticked)])
    assert written[: box.offset] + written[box.offset + 1 :] == data[: box.offset] + data[box.offset + 1 :]
    flipped = read_plan(plan.path, written)
    wanted = [one.ticked != (one.offset == box.offset) for one in plan.boxes()]
    assert [one.ticked for one in flipped.boxes()] == wanted
    assert _shape(flipped) == _shape(plan)
    back = apply_edits(flipped, [tick_edit(flipped.boxes()[place], box.ticked)])
    assert back == data[: box.offset] + data[box.offset : box.offset + 1].lower() + data[box.offset + 1 :]


def _shape(plan: Plan) -> str:
    """Tell everything a plan says but its ticks."""
    said = repr(plan).replace("[x]", "[ ]").replace("[X]", "[ ]")
    return re.sub(r"(ticked|done)=(True|False)", r"\1", said)


def _check_places(plan: Plan) -> None:
    taken: list[Span] = list(plan.spans)
    for phase in plan.phases:
        taken += phase.spans
        _check_spans(plan, phase.spans)
        _check_inside([check.box.offset for check in phase.checks], phase.spans)
        for task in phase.tasks:
            assert all(any(_holds(outer, span) for outer in phase.spans) for span in task.spans)
    for task in plan.all_tasks():
        _check_spans(plan, task.spans)
        _check_inside([check.box.offset for check in task.checks], task.spans)
        _check_inside([task.box.offset] if task.box else [], task.spans)
        # a Backlog.md file may be nothing but front matter
        assert _starts(plan)[task.line - 1] in {span.start for span in task.spans} | {len(plan.source.data)}
    taken += [span for task in plan.tasks for span in task.spans]
    _check_spans(plan, plan.spans)
    _check_inside([check.box.offset for check in plan.checks], plan.spans)
    _check_disjoint(sorted(taken))
    _check_disjoint(sorted(span for task in plan.all_tasks() for span in task.spans))
    for finding in plan.diagnostics:
        assert 1 <= finding.line <= len(plan.source.lines)
        assert 1 <= finding.column <= len(plan.source.lines[finding.line - 1]) + 1


def _check_spans(plan: Plan, spans: tuple[Span, ...]) -> None:
    _check_disjoint(sorted(spans))
    starts = set(_starts(plan))
    assert all({span.start, span.end} <= starts for span in spans)
    assert all(span.start < span.end for span in spans)


def _check_disjoint(spans: list[Span]) -> None:
    assert all(one.end <= other.start for one, other in pairwise(spans))


def _check_inside(offsets: list[int], spans: tuple[Span, ...]) -> None:
    assert all(any(span.start <= offset < span.end for span in spans) for offset in offsets)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _starts(plan: Plan) -> tuple[int, ...]:
    return plan.source.starts
