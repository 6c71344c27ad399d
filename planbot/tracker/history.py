"""The edit history of issue bodies, as GitHub's GraphQL API tells it.

https://docs.github.com/en/graphql/reference/objects#usercontentedit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ISSUES = 20  # whose histories are asked for at once: each of the texts may be 65,536 characters long
_EDITS = 8  # from either end: a later pass may ask, when people have edited on
_QUERY = """
query ($owner: String!, $name: String!) {{
  repository(owner: $owner, name: $name) {{
{issues}
  }}
}}
fragment edits on Issue {{
  front: userContentEdits(first: {edits}) {{ nodes {{ diff }} }}
  back: userContentEdits(last: {edits}) {{ nodes {{ diff }} }}
}}
"""


def history_query(numbers: Iterable[int]) -> str:
    """Return the query for the latest edits of some issues' bodies.

    In which order GitHub lists edits is not documented, so both ends are asked for.
    """
    issues = "\n".join(f"    i{number}: issue(number: {number}) {{ ...edits }}" for number in numbers)
    return _QUERY.format(issues=issues, edits=_EDITS)


def bodies_of(answer: Any) -> dict[int, tuple[tuple[str, ...], ...]]:
    """Return runs of bodies by issue number: in each, neighbours followed each other, one way or the other.

    The schema calls `diff` a summary of the changes; what GitHub gives is the whole text after the edit. Whoever reads
    it must be ready for something else, and for edits whose text somebody deleted, which are left out.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    found = data.get("repository") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise ValueError("the answer has no repository")  # noqa: TRY004  # the answer is at fault, not the caller
    return {int(name[1:]): tuple(_runs(issue)) for name, issue in found.items() if isinstance(issue, dict)}


def _runs(issue: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for end in ("front", "back"):
        nodes = (issue.get(end) or {}).get("nodes") or []
        yield tuple(node["diff"] for node in nodes if isinstance(node, dict) and node.get("diff"))
