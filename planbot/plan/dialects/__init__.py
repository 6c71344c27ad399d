"""The dialects of plan files: one small module each, over one outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.plan.dialects import (
    backlog,
    generic,
    humanlayer,
    kiro,
    openspec,
    speckit,
    superpowers,
    template,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from planbot.plan.draft import Draft, Reading

READERS: dict[str, Callable[[Reading], Draft]] = {
    "template": template.read,
    "speckit": speckit.read,
    "openspec": openspec.read,
    "kiro": kiro.read,
    "superpowers": superpowers.read,
    "humanlayer": humanlayer.read,
    "backlog": backlog.read,
    "generic": generic.read,
}
