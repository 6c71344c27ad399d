"""What a status text says, and what to write for done and open in the words a file uses."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from planbot.plan.references import leading_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from planbot.plan.draft import TaskDraft
    from planbot.plan.model import Cell, Row

_DONE = re.compile(
    r"(?<!\w)(?:done|completed?|finished|shipped|released|merged|closed|resolved|fixed|implemented|delivered"
    r"|yes|100[ ]?%|已完成|完成|完了|fertig|erledigt|hecho|completad[oa]|terminé)(?!\w)|[✅☑✔✓]|\[[xX]\]",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"(?<!\w)(?:not|in|un|nearly|almost|partial|partially|partly|mostly|to be|half|[1-9]?\d[ ]?%)(?!\w)"
    r"|(?<!\w)(?:in-progress|incomplete|未完成|to-do)|[❌⏳🔄🚧🟡⬜🔲◻❓]",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"(?:\W|_)*(?:to[ -]?do|open|pending|planned|not[ -]started|not[ -]done|backlog|new|todo)(?:\W|_)*",
    re.IGNORECASE,
)
_NAMING = frozenset({"phase", "task", "item", "#", "id", "step", "phase/task", "no.", "no"})
_SYMBOL = "✅"


def is_done(text: str) -> bool:
    """Say whether a status text means done; what is not known to mean it does not."""
    return _DONE.search(text) is not None and _NOT_DONE.search(text) is None


def status_text(done: bool, used: Iterable[str]) -> str:  # noqa: FBT001 - the state to write, not a switch
    """Return what to write for done or open: what the file uses most, else the usual word in its style."""
    texts = [text for text in used if text.strip()]
    fitting = [text for text in texts if (is_done(text) if done else _WAITING.fullmatch(text))]
    if fitting:
        return Counter(fitting).most_common(1)[0][0]
    word = _styled("Done" if done else "To Do", texts)
    return f"{_SYMBOL} {word}" if done and any(not text[0].isascii() for text in texts) else word


def status_cell(row: Row) -> Cell | None:
    """Return the cell of a row's `Status` column, or None."""
    return next((cell for name, cell in row.cells.items() if _bare(name) == "status"), None)


def status_cells(rows: Sequence[Row], tasks: Iterable[TaskDraft]) -> dict[TaskDraft, Cell]:
    """Return the status cells of the tasks that rows name by a number which is theirs alone."""
    if not any(status_cell(row) for row in rows):
        return {}
    numbered: dict[str, list[TaskDraft]] = {}
    for task in tasks:
        numbered.setdefault((task.number or "").casefold(), []).append(task)
    cells: dict[TaskDraft, Cell] = {}
    for row in rows:
        cell, named = status_cell(row), naming_cell(row)
        reference = leading_reference(named.text) if named else None
        if cell is None or reference is None or reference.kind == "phase":
            continue
        found = numbered.get(reference.number.casefold(), [])
        if len(found) == 1:
            cells.setdefault(found[0], cell)
    return cells


def naming_cell(row: Row) -> Cell | None:
    """Return the cell that says which phase or task a row is about, or None."""
    return next((cell for name, cell in row.cells.items() if _bare(name) in _NAMING), None)


def _bare(name: str) -> str:
    return name.strip(" *_`").casefold()


def _styled(word: str, texts: list[str]) -> str:
    letters = ["".join(filter(str.isalpha, text)) for text in texts]
    letters = [text for text in letters if text]
    if letters and all(text.islower() for text in letters):
        return word.lower()
    if letters and all(text.isupper() for text in letters):
        return word.upper()
    return word
