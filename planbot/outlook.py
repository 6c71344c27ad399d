"""What a first pass would make of plan files, told without asking any tracker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.report.result import PassResult, Requests, WriteBack
from planbot.sync.agreed import Agreed
from planbot.sync.diff import label_changes
from planbot.sync.limits import refusals
from planbot.sync.reconcile import Reading, reconcile, wanted_labels

if TYPE_CHECKING:
    from planbot.loading import Loaded

PACE = 1.0  # seconds between two writes, as `sync` has it unless told otherwise
_PAGE = "https://github.com/owner/name"  # stands in for the repository's page in texts that are counted, not shown


def outlook(loaded: Loaded) -> PassResult:
    """Return what a pass would do for a repository whose tracker holds nothing of planbot's yet."""
    settings = loaded.settings
    nothing = Agreed(known=False)
    reading = Reading(loaded.plans, nothing, _PAGE, settings.branch or "main")
    changes = reconcile(reading)
    labels = label_changes(wanted_labels(changes.changes), set())
    changes = replace(changes, changes=(*labels, *changes.changes))
    return PassResult(
        repository="",
        plans=tuple(plan for plan, _ in loaded.plans),
        findings=(*loaded.findings, *changes.diagnostics),
        changes=changes.changes,
        refusals=refusals(changes, settings.limits, frozenset()),
        requests=Requests(),
        write_back=WriteBack(settings.write_back.mode),
        dry_run=True,
        pace=PACE,
    )
