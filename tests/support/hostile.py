"""Texts that people may put into titles, paths, logins and branch names to make them do something."""

from __future__ import annotations

from hypothesis import strategies

TEXTS = (
    "${{ secrets.GITHUB_TOKEN }}",
    "`$(touch ran)` ``x``",
    "one\n::error::two",
    "::error file=a.md::out",
    "100%0A::warning::",
    "%0D%25",
    "\r\n::add-mask::x",
    "fixes #1, closes GH-2, resolves octo/plans#3",
    "\n\nCo-authored-by: Eve <eve@example.org>",
    "[skip ci]",
    "@maya and @octo/team",
    "<!-- planbot:begin --> --> <!--",
    "</details><h1>x</h1><img src=x onerror=alert(1)>",
    "| a | b |\n|---|---|",
    "[link](https://example.org) ![image](https://example.org/x.png)",
    "https://example.org www.example.org",
    "https://github.com/octo/plans/issues/1",
    "# heading",
    "- [x] box",
    "1. list",
    "```\nfence",
    "~~~",
    "> quote",
    "*a* _b_ ~~c~~ **d**",
    "&lt;b&gt; &#64;maya &commat;maya",
    "\\",
    "\\|",
    "$x$ $$y$$",
    ":tada:",
    "changed=true\nresult<<EOF",
    "\u202eevil\u2066",
    "\ud800",
    "\x1b[31mred\x00",
    "nul\u0000l",
    "=====",
    "-----",
)

hostile = strategies.lists(strategies.sampled_from(TEXTS) | strategies.text(max_size=8), max_size=4).map(
    "".join
)
