"""How far plans are, as one page of HTML that needs nothing from anywhere: no script, no font, no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from planbot.report.standing.burnup import burnup, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from planbot.report.standing.burnup import Point
    from planbot.report.standing.value import Standing

_ROWS = 60  # rows of the table under a chart, the newest ones

# even if a text got past the escaping, a browser would run and load nothing
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --paper: #fff; --line: #d1d9e0;
  --done: #1a7f37; --blocked: #b42318; --total: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117;
  --line: #3d444d; --done: #3fb950; --blocked: #ff7b72; --total: #9198a1; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
ul.tree, ul.tree ul { list-style: none; padding-left: 0; } ul.tree ul { padding-left: 1.25rem; }
ul.tree li { border-top: 1px solid var(--line); padding: .25rem 0; }
.row { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
.row > .name { flex: 1 1 14rem; } .phase > .row > .name { font-weight: 600; }
.dim { color: var(--dim); } .state-done { color: var(--done); } .state-blocked { color: var(--blocked); }
progress { width: 8rem; max-width: 100%; accent-color: var(--done); }
figure { margin: 0; }
svg.burnup { width: 100%; height: auto; } .burnup text { font-size: 12px; fill: var(--dim); }
.burnup path { fill: none; } .burnup .grid { stroke: var(--line); }
.burnup .total { stroke: var(--total); stroke-width: 2; stroke-dasharray: 5 4; }
.burnup .done { stroke: var(--done); stroke-width: 2.5; } .burnup .area { fill: var(--done); opacity: .15; }
@media (max-width: 40rem) { .burnup text { font-size: 22px; } } /* the chart is scaled down there */
table { border-collapse: collapse; } th, td { padding: .1rem .75rem; text-align: right; }
"""


def standing_page(plans: Sequence[tuple[Standing, Sequence[Point]]], now: int) -> str:
    """Return the page of these plans, each with the points of its chart, oldest first; `now` is in epoch seconds."""
    title = plans[0][0].name if len(plans) == 1 else f"{len(plans)} plans"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}: progress</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            "<h1>Progress</h1>",
            f'<p class="dim">As of {day(now)}, from the plan files and their history.</p>',
            *(line for plan, points in plans for line in _section(plan, points, now)),
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _section(plan: Standing, points: Sequence[Point], now: int) -> Iterator[str]:
    yield "<section>"
    yield f"<h2>{escape(plan.name)}</h2>"
    yield f"<p><code>{escape(plan.path)}</code> {_progress(plan)}</p>"
    if points:
        yield "<figure>"
        yield burnup(points, now)
        yield "<figcaption>Done (solid) of everything in the plan (dashed), over time.</figcaption>"
        yield "</figure>"
        yield from _figures(points)
    yield from _list("Blocked", (f"{one.name}: waits for {', '.join(one.blockers)}" for one in plan.blocked))
    yield from _list("Next", (one.name for one in plan.next))
    yield '<ul class="tree">'
    for part in plan.parts:
        yield from _part(part)
    yield "</ul>"
    yield "</section>"


def _part(one: Standing) -> Iterator[str]:
    state = "" if one.state == "open" else f'<span class="state-{one.state}">{one.state}</span>'
    people = f'<span class="dim">{escape(", ".join(one.people))}</span>' if one.people else ""
    waits = f'<span class="dim">waits for {escape(", ".join(one.blockers))}</span>' if one.blockers else ""
    name = f'<span class="name">{escape(one.name)}</span>'
    yield f'<li class="{one.kind}"><div class="row">{name}{_issue(one)}{people}{state}{waits}{_progress(one)}</div>'
    if one.parts:
        yield "<ul>"
        for part in one.parts:
            yield from _part(part)
        yield "</ul>"
    yield "</li>"


def _progress(one: Standing) -> str:
    if not one.total:
        return ""
    text = f"{one.done} of {one.total}"
    label = escape(f"{one.name}: {text} done", quote=True)
    bar = f'<progress max="{one.total}" value="{one.done}" aria-label="{label}"></progress>'
    return f'{bar} <span class="dim">{text}</span>'


def _issue(one: Standing) -> str:
    if one.issue is None:
        return ""
    closed = " closed" if one.issue.state == "closed" else ""
    text = f"#{one.issue.number}{closed}"
    if not one.issue.html_url.startswith(("https://", "http://")):
        return f"<span>{text}</span>"
    return f'<a href="{escape(one.issue.html_url, quote=True)}">{text}</a>'


def _figures(points: Sequence[Point]) -> Iterator[str]:
    yield "<details><summary>The figures</summary><table>"
    yield '<tr><th scope="col">day</th><th scope="col">done</th><th scope="col">of</th></tr>'
    by_day = {day(point.when): point for point in points}
    for when, point in list(by_day.items())[-_ROWS:]:
        yield f"<tr><td>{when}</td><td>{point.done}</td><td>{point.total}</td></tr>"
    yield "</table></details>"


def _list(head: str, lines: Iterable[str]) -> Iterator[str]:
    items = [f"<li>{escape(line)}</li>" for line in lines]
    if items:
        yield f"<h3>{head}</h3>"
        yield f"<ul>{''.join(items)}</ul>"
