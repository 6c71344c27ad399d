"""Random plan files: documents mixed from every construct the reader knows, and some it must not fall for."""

from __future__ import annotations

from hypothesis import strategies as st

# one a line
_TEXTS = """\
Foundation
store `x` and **y**
a [x] b
[ ] c
界面 é
~~old~~ new
a | b
\\[ ] d
1.1 and 2.2
(HIGH)
✅ done
- **DONE**
[COMPLETED]
text: more
<!-- note -->
x\u00a0y
\u2028
a\x0cb
[
`
[name]: /url
<b>
@someone #12
"""
_CHAPTERS = """\
Context Summary
Gap Analysis
Remediation Plan
Priority Order
Verification
Files Modified
Key Decisions Made
Open Questions
Success Criteria
Tasks:
Changes Required
Implementation Checklist
Dependencies
Automated Verification
Manual
Features
TODO"""
_LABELS = """\
**Goal**: x
**Goal:** x
Goal: x
**Automated**:
**Manual**:
**Invariants**:
**Tasks**:
**Depends on**: 1.1, 2.1
**Owner**: @a
**Files**:
**1.1 Bold title**
**Verification:**
Notes:"""
# between lines of %
_BLOCKS = """\
---
%

%
    code
    - [ ] code
%
<div>
- [ ] raw
</div>
%
<!--
- [ ] hidden
-->
%
<!-- open
%
<!-- planbot: #12 -->
%
<!-- planbot: id=abc -->
%
<details>

- [ ] shown

</details>
%
Title
=====
%
<!-- planbot:progress -->
<!-- /planbot:progress -->
%
<!-- planbot:progress --><!-- /planbot:progress -->
%
```
- [ ] code
## Phase 9: x
```
%
~~~
- [ ] code
~~~
%
```
never closed
%
````md
```
````
%
[a]: /b
%
- [ ]
  late
%
-
  [ ] late
%
> - [ ] quoted
> - [x] twice
%
> text
- [ ] after
%
- a

      [ ] code
%
| Phase | Effort | Status |
|---|---|---|
| 1.1 | 1 h | Done |
| 1.2 | | Open |
| 9.9 | \\| |
%
| Area | Gap | Priority |
|--|--|--|
| a | b | **High** |
%
a|b
-|-
- [ ] x|y
%
|a|
|-|"""
_FRONT_MATTER = """\

%
---
id: B-1
status: To Do
---

%
---
title: 'a: b'
status: "Done" # x
id: 2
---

%
---
[
---

%
---
planbot: off
---

%
---
planbot: {dialect: kiro}
---
"""
_PATHS = """\
docs/x-plan.md
specs/a/tasks.md
openspec/changes/a/tasks.md
.kiro/specs/a/tasks.md
docs/superpowers/plans/a.md
thoughts/shared/plans/a.md
backlog/tasks/a.md"""
_NUMBERS = ("0", "1", "1", "2", "3", "9a", "2.5", "A", "A2", "10")
_TASK_NUMBERS = ("1.1", "1.2", "1.2", "2.1", "3.10", "A0.1", "T-1", "B1", "1.", "2.")
_MARKS = ("[ ]", "[ ]", "[x]", "[X]", "[~]", "[-]", "[]", "[✓]", "[ ]*", "[x]no", "[ ]\t", "[ ]\u00a0")
_IDS = ("", "", "T001 ", "**P1.1** ", "1. ", "1.1 ", "#3 ", "T-1 ", "[P] [US1] ", "F01-T2: ")
_DAMAGE = (b"\0", b"\xff", b"\r", b"\n\r", b"\t", b"\xc3")
_DEEPEST = 11

PATHS = st.sampled_from(_PATHS.split("\n"))
_some_text = st.sampled_from(_TEXTS.split("\n"))


@st.composite
def _phase_headings(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(["Phase", "Phase", "PHASE", "✅ Phase", "Week", "Chunk", "Step", "v"]))
    separator = draw(st.sampled_from([":", " \u2014", ".", " -", "", "\uff1a", " Verification"]))
    return f"{_hashes(draw)} {word} {draw(st.sampled_from(_NUMBERS))}{separator} {draw(_some_text)}"


@st.composite
def _task_headings(draw: st.DrawFn) -> str:
    word, number = draw(st.sampled_from(["", "Task ", "✅ Task "])), draw(st.sampled_from(_TASK_NUMBERS))
    return f"{_hashes(draw)} {word}{number}{draw(st.sampled_from([' ', ': ']))}{draw(_some_text)}"


@st.composite
def _chapter_headings(draw: st.DrawFn) -> str:
    return f"{_hashes(draw)} {draw(st.sampled_from(_CHAPTERS.split(chr(10))))}"


def _hashes(draw: st.DrawFn) -> str:
    return "#" * draw(st.integers(1, 6))


@st.composite
def _lists(draw: st.DrawFn) -> str:
    lines, depth = [], 0
    for _ in range(draw(st.integers(1, 6))):
        depth = max(0, min(depth + draw(st.integers(-2, 1)), _DEEPEST))
        bullet = draw(st.sampled_from(["-", "*", "+", "1.", "2)", "10."]))
        gap = draw(st.sampled_from([" ", " ", " ", "  ", "\t", "     "]))
        mark = f"{draw(st.sampled_from(_MARKS))} " if draw(st.integers(0, 3)) else ""
        named = draw(st.sampled_from(_IDS))
        lines.append(f"{'  ' * depth}{bullet}{gap}{mark}{named}{draw(_some_text)}")
        if not draw(st.integers(0, 4)):
            more = draw(st.sampled_from(["", "lazy text", "**File**: x"]))
            lines.append("  " * draw(st.integers(0, depth + 1)) + more)
    return "\n".join(lines)


_BLOCK = st.one_of(
    _phase_headings(),
    _task_headings(),
    _chapter_headings(),
    _lists(),
    _lists(),
    st.sampled_from(_LABELS.split("\n")),
    st.sampled_from(_BLOCKS.split("\n%\n")),
    _some_text,
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Make the bytes of a random plan file."""
    between = draw(st.sampled_from(["\n", "\n\n"]))
    body = between.join(draw(st.lists(_BLOCK, min_size=1, max_size=14)))
    front = draw(st.sampled_from(["", *_FRONT_MATTER.split("\n%\n")]))
    text = front + body + draw(st.sampled_from(["", "\n", "\n\n"]))
    data = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))).encode()
    if not draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.sampled_from(_DAMAGE)) + data[place:]
    return draw(st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf"])) + data
