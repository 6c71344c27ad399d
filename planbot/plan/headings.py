r"""The grammar of headings: which name a phase, a phase's verification, a task.

Beside ASCII the patterns know the full-width colon \uff1a, the dashes \u2013 and \u2014, the ideographic
comma \u3001 and the full-width parenthesis \uff08.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from planbot.plan.words import Titled, titled

if TYPE_CHECKING:
    from planbot.plan.options import Words

PHASE_WORDS = ("phase", "fase", "étape", "阶段", "階段", "フェーズ", "단계")
TASK_WORDS = ("task", "sub-?task", "work item", "tarea", "tarefa", "aufgabe", "任务", "任務", "タスク")
VERIFICATION_WORDS = (
    "verification", "verify", "validation", "testing", "tests?", "success criteria", "success metrics",
    "acceptance", "completion criteria", "exit criteria", "definition of done", "quality gates?", "gates?",
    "checks?", "checklist", "checkpoint", "dependencies", "验证", "検証",
)  # fmt: skip
_NO_NAMES = "overview|summary|dependencies|details|breakdown|goals?|order|status|timeline|structure|plan|list"
_NUMBER = r"(?:[a-z]?\d+(?:\.\d+)*[a-z]?|(?:one|two|three|four|five|six|seven|eight|nine|ten)(?!\w)|[ivx]{1,5}|[a-z])"
_RANGE = r"\d+(?:\.\d+)*[ ]?[-\u2013\u2014][ ]?\d+(?:\.\d+)*"
_TASK_ID = r"(?:\d+(?:\.\d+)+[a-z]?|\d+[a-z]|[a-z]{1,3}\d+(?:\.\d+)*[a-z]?|[a-z]{1,6}\d*-[a-z]?\d+)"
# "Phase 1", "Phase1", "Phase-1", "Phase #1", "阶段一", but not the "s" of "Tasks"
_GAP = r"(?:[ ]+#?|(?<![a-z])|[-_]?#?(?=\d))"
# "3. Phase 1: …", "Implementation Phase 1: …", but not "After Phase 1"
_BEFORE = (
    r"(?:\d{1,3}(?:\.\d{1,3})*[.)]?[ ]+)?(?:(?:implementation|development|migration|project|rollout)[ ])?"
)
_SEPARATOR = r"(?:[ ]*[:\uff1a.)\u3001|·]|[ ]*[-\u2013\u2014](?!\d)|[ ]+(?=[(\uff08\[])|$)"
_COLONS = {":", "\uff1a", "."}


@dataclass(frozen=True, slots=True)
class TaskHeading:
    """Hold a heading that may name a task, and how plainly it says so.

    `worded` is true for `Task 1: …`; `sure` for that and for `1.2 …`, `3a: …`, `A0.1 …`, `T-1 …`. The rest,
    `1. …`, `3a …` and `B1 …`, counts only among its like.
    """

    titled: Titled
    sure: bool
    worded: bool = False


class Grammar:
    """Read undecorated headings, with the usual words and those that the settings add."""

    def __init__(self, words: Words, phase_words: tuple[str, ...] = PHASE_WORDS) -> None:
        phase = _alternatives(phase_words, words.phase)
        task = _alternatives(TASK_WORDS, words.task)
        check = _alternatives(VERIFICATION_WORDS, words.verification)
        numbered = rf"(?:{phase}){_GAP}({_NUMBER})"
        self._phase = _compile(rf"{_BEFORE}(?:{phase}){_GAP}({_RANGE}|{_NUMBER})(?={_SEPARATOR})")
        self._ordinal = _compile(rf"第[ ]*({_NUMBER}|[一二三四五六七八九十]{{1,3}})[ ]*(?:{phase})[ ]*")
        self._named_phase = _compile(
            rf"(?:{phase})[ ]+(?!(?:{_NO_NAMES}|{check})(?!\w))(\w{{1,20}}(?:[ ]\w{{1,20}})?)(?=[ ]*[:\uff1a])"
        )
        self._loose_phase = _compile(rf"{numbered}[ ]+(?=\w)")
        self._phase_verification = _compile(rf"{_BEFORE}{numbered}['\u2019s]{{0,2}}[ ]+(?:{check})(?!\w)")
        self._verification = _compile(rf"(?:\w{{1,30}}[ ]+)?(?:{check})(?!\w)")
        self._mention = re.compile(rf"(?<!\w){numbered}(?!\w)", re.IGNORECASE)
        self._task = _compile(rf"(?:{task}){_GAP}({_TASK_ID}|{_NUMBER})(?={_SEPARATOR}|[ ])")
        self._task_id = _compile(rf"({_TASK_ID})(?={_SEPARATOR}|[ ])")
        self._numbered = _compile(r"(\d{1,4})[.)\u3001](?=[ ])")

    def phase(self, text: str, *, loose: bool = False) -> Titled | None:
        """Read a heading that names a phase; `loose` takes one without a separator too."""
        if self._phase_verification.match(text):
            return None
        match = self._phase.match(text) or self._ordinal.match(text) or self._named_phase.match(text)
        if match is None and loose:
            match = self._loose_phase.match(text)
        if match is None:
            return None
        return titled(match[1], text[match.end() :], text, priority=True)

    def verifies(self, text: str) -> str | None:
        """Return the number of the phase that a heading such as `Phase 1 Verification` checks."""
        match = self._phase_verification.match(text)
        if match is None and self._verification.match(text):
            match = self._mention.search(text)
        return match[1] if match else None

    def is_verification(self, text: str) -> bool:
        """Say whether a heading names a place for checks of the work done."""
        return self._verification.match(text) is not None

    def task(self, text: str) -> TaskHeading | None:
        """Read a heading that may name a task."""
        if match := self._task.match(text):
            return TaskHeading(titled(match[1], text[match.end() :], text), sure=True, worded=True)
        if match := self._task_id.match(text):
            number, rest = match[1], text[match.end() :]
            sure = "." in number or "-" in number or rest[:1] in _COLONS
            return TaskHeading(titled(number, rest, text), sure=sure)
        if match := self._numbered.match(text):
            return TaskHeading(titled(match[1], text[match.end() :], text), sure=False)
        return None


@lru_cache(maxsize=64)
def grammar(words: Words, phase_words: tuple[str, ...] = PHASE_WORDS) -> Grammar:
    """Return the grammar for these words."""
    return Grammar(words, phase_words)


def _alternatives(usual: tuple[str, ...], added: tuple[str, ...]) -> str:
    return "|".join((*usual, *map(re.escape, added)))


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
