"""Labels in their colours, as a style sheet: the pages' policy allows no styles within HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from planbot.sandbox.pages.visit import Visit

_COLOR = re.compile(r"[0-9a-fA-F]{6}")
_GREY = "ededed"


def label_styles(visit: Visit) -> Response:
    """Answer with the colour of each label of a repository."""
    rules = [
        f".label-{label.id} {{ --label: #{label.color if _COLOR.fullmatch(label.color) else _GREY}; }}"
        for label in visit.repository().labels.values()
    ]
    return Response("\n".join(rules), content_type="text/css; charset=utf-8")
