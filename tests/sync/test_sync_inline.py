"""Inline text made safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planbot.sync.inline import Place, definition, neutral, neutral_html

PLACE = Place("https://github.test/octo/plans", "main", "docs/PLAN.md")
BLOB = "https://github.test/octo/plans/blob/main"
RAW = "https://github.test/octo/plans/raw/main"
ISSUE = "https://github.com/o/r/issues/12"

HOSTILE = [
    "`" * 100_000,
    "` " * 50_000,
    "``` ` `` " * 12_000,
    "[" * 100_000,
    "![" * 50_000,
    "](" * 50_000,
    "[x](y)" * 16_000,
    "[" * 50_000 + "](a)" * 12_000,
    "[a](b " + " " * 100_000,
    "[a](b 'c" * 12_000,
    "[a](<b" * 16_000,
    "((" * 50_000,
    "[a](" + "(" * 100_000,
    "[x]" * 33_000,
    "<!--" * 25_000,
    "<!-->" * 20_000,
    "<!-- -" * 16_000,
    "<a " * 33_000,
    "<a" + " b" * 50_000,
    '<a b="' * 16_000,
    "<a b='\"" * 14_000,
    "http://." * 12_000,
    "http://" + "." * 100_000,
    "@" * 100_000,
    "@a" * 50_000,
    "&#1;" * 25_000,
    "\\" * 100_000,
    "- " * 50_000,
    "1. " * 33_000 + "[ ] x",
]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("ask @alice", "ask @<!-- -->alice"),
        ("(@alice), _@bob_ and **@carol**", "(@<!-- -->alice), _@<!-- -->bob_ and **@<!-- -->carol**"),
        ("the team @octo/core", "the team @<!-- -->octo/core"),
        (r"an escape helps nobody: \@alice", r"an escape helps nobody: \@<!-- -->alice"),
        ("&#64;alice &commat;bob", "&#64;<!-- -->alice &commat;<!-- -->bob"),
        ("fixed in #12", "fixed in #<!-- -->12"),
        ("o/r#12 and GH-12", "o/r#<!-- -->12 and GH-<!-- -->12"),
        (r"\#12 and &#35;12", r"\#<!-- -->12 and &#35;<!-- -->12"),
        ("_GH-12_", "_GH-<!-- -->12_"),
        ("Vec<T, @alice>", "Vec<T, @<!-- -->alice>"),
    ],
)
def test_mentions_and_references_are_broken(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize(
    "text",
    [
        "mail bob@example.com or <bob@example.com>",
        "git@github.com:octo/plans.git",
        "a color #fff, a heading # 1, C# and a lone @",
        "https://medium.com/@alice/post#12",
        "<https://medium.com/@alice#12>",
        "copyright &#169; and &amp;",
        "RIGHT-12",
        '<b title="@alice #12">bold</b>',
        "<!-- @alice #12 -->",
    ],
)
def test_what_is_no_mention_and_no_reference_stays(text: str) -> None:
    assert neutral(text, PLACE) == text


@pytest.mark.parametrize(
    "code",
    ["`@alice #12`", "``a ` @alice``", "`[a](b)`", "`<img src='a.png'>`", f"`{ISSUE}`", "`[x]`", r"`\`"],
)
def test_code_spans_stay(code: str) -> None:
    assert neutral(f"before {code} after", PLACE) == f"before {code} after"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a lone ` before @alice", "a lone ` before @<!-- -->alice"),
        ("``one @alice `two`", "``one @<!-- -->alice `two`"),
        (r"\`@alice` @bob", r"\`@<!-- -->alice` @<!-- -->bob"),
        (r"\``@alice` @bob", r"\``@alice` @<!-- -->bob"),
        ("`a`@alice", "`a`@<!-- -->alice"),
    ],
)
def test_backticks_that_open_no_code_hide_nothing(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize("kind", ["issues", "pull", "discussions"])
def test_addresses_of_issues_read_the_same_and_link_nothing(kind: str) -> None:
    url = f"https://github.com/o/r/{kind}/12"
    bare = f"https:<!-- -->//github.com/o/r/{kind}/12"
    assert neutral(f"see {url}.", PLACE) == f"see {bare}."
    link = f"[{bare}#a\\_b](<https://github.com/o/r/%{ord(kind[0]):X}{kind[1:]}/12#a_b>)"
    assert neutral(f"<{url}#a_b>", PLACE) == link
    assert neutral(f"!<{url}#a_b>", PLACE) == f"!<!-- -->{link}"
    assert neutral(f"({url}), **{url}**", PLACE) == f"({bare}), **{bare}**"
    assert neutral(f"www.github.com/o/r/{kind}/12", PLACE) == f"www<!-- -->.github.com/o/r/{kind}/12"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"[this]({ISSUE})", "[this](https://github.com/o/r/%69ssues/12)"),
        (f"[this](<{ISSUE}> 'title')", "[this](<https://github.com/o/r/%69ssues/12> 'title')"),
        (f'<a href="{ISSUE}">this</a>', '<a href="https://github.com/o/r/%69ssues/12">this</a>'),
        (f"<a href={ISSUE}>this</a>", "<a href=https://github.com/o/r/%69ssues/12>this</a>"),
        ("[this](../../../pull/3)", "[this](https://github.test/octo/plans/%70ull/3)"),
    ],
)
def test_a_link_to_an_issue_still_leads_there(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[a](b.md)", f"[a]({BLOB}/docs/b.md)"),
        ("[a](./b.md#part)", f"[a]({BLOB}/docs/b.md#part)"),
        ("[a](../src/b.py)", f"[a]({BLOB}/src/b.py)"),
        ("[a](/src/b.py)", f"[a]({BLOB}/src/b.py)"),
        ("[a](#part)", f"[a]({BLOB}/docs/PLAN.md#part)"),
        ("[a](b.md 'a title')", f"[a]({BLOB}/docs/b.md 'a title')"),
        ("[a](<b c.md>)", f"[a](<{BLOB}/docs/b%20c.md>)"),
        (r"[a](b\_c(1).md)", f"[a]({BLOB}/docs/b_c%281%29.md)"),
        ("[a](100%25.md)", f"[a]({BLOB}/docs/100%25.md)"),
        ("![a](b.png)", f"![a]({RAW}/docs/b.png)"),
        ("[![a](b.png)](c.md)", f"[![a]({RAW}/docs/b.png)]({BLOB}/docs/c.md)"),
        ("[a [b](c)](d)", f"[a [b]({BLOB}/docs/c)](d)"),
        ("[@alice](b.md)", f"[@<!-- -->alice]({BLOB}/docs/b.md)"),
        ('<img src="b.png">', f'<img src="{RAW}/docs/b.png">'),
        ("<a href='b.md'>a</a>", f"<a href='{BLOB}/docs/b.md'>a</a>"),
    ],
)
def test_relative_targets_become_absolute(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://example.org/b)",
        "[a](mailto:bob@example.com)",
        "[a](//example.org/b)",
        "[a]()",
        "[a][b]",
        "a](b)",
        r"\[a](b)",
        r"[a\](b)",
        "[a](b c)",
        "[a](b",
        "`[a`](b)",
    ],
)
def test_absolute_targets_and_what_is_no_link_stay(text: str) -> None:
    assert neutral(text, PLACE) == text


def test_the_branch_and_the_path_are_quoted() -> None:
    place = Place("https://github.test/o/r", "wip/a#b", "my docs/100%.md")
    assert place.url() == "https://github.test/o/r/blob/wip/a%23b/my%20docs/100%25.md"
    assert place.url(target="b.md") == "https://github.test/o/r/blob/wip/a%23b/my%20docs/b.md"
    no_utf8 = Place("https://github.test/o/r", "main", b"caf\xe9.md".decode("utf-8", "surrogateescape"))
    assert no_utf8.url() == "https://github.test/o/r/blob/main/caf%E9.md"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("- [ ] fix [x] and [ ]", r"- [ ] fix \[x] and \[ ]"),
        ("> 1. [x] [x] twice", r"> 1. [x] \[x] twice"),
        ("[x] open", r"\[x] open"),
        ("- [ ] [x](https://example.org)", "- [ ] [x](https://example.org)"),
    ],
)
def test_brackets_that_are_no_box_cannot_be_taken_for_one(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("never closed <!-- @alice", r"never closed \<!-- @<!-- -->alice"),
        ("<!-- a -- @bob --> @carol", "<!-- a -- @\u2060bob --> @<!-- -->carol"),
        ("<!--> @alice", "<!--> @<!-- -->alice"),
    ],
)
def test_what_only_looks_like_a_comment_hides_nothing(text: str, safe: str) -> None:
    assert neutral(text, PLACE) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("<div>\n` @alice `</div>", "<div>\n` @<!-- -->alice `</div>"),
        (f"<p>{ISSUE} #3</p>", "<p>https:<!-- -->//github.com/o/r/issues/12 #<!-- -->3</p>"),
        ("<img alt='@alice' src=b.png>", f"<img alt='@alice' src={RAW}/docs/b.png>"),
        ("<!-- @alice -->\n@bob", "<!-- @alice -->\n@<!-- -->bob"),
        ("<p>\\@alice [a](b)</p>", "<p>\\@<!-- -->alice [a](b)</p>"),
    ],
)
def test_raw_html_is_made_safe_by_its_own_rules(text: str, safe: str) -> None:
    assert neutral_html(text, PLACE) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[a]: b.md 'title'", f"[a]: {BLOB}/docs/b.md 'title'"),
        ("[a]: <b.md>", f"[a]: <{BLOB}/docs/b.md>"),
        ("[a]:\n  b.md", f"[a]:\n  {BLOB}/docs/b.md"),
        ("> [a]: b.md", f"> [a]: {BLOB}/docs/b.md"),
        ("[a]: b.png", f"[a]: {RAW}/docs/b.png"),
        ("[@octo/core]: https://example.org", "[@<!-- -->octo/core]: https://example.org"),
        (f"[a]: {ISSUE}", "[a]: https://github.com/o/r/%69ssues/12"),
        (r"[a\]b]: c", rf"[a\]b]: {BLOB}/docs/c"),
        ("nothing", "nothing"),
    ],
)
def test_definitions_of_links_are_made_absolute(text: str, safe: str) -> None:
    assert definition(text, PLACE) == safe


@given(st.text(alphabet="ab @#1`[]()!<>-\\\n*_&;x ", max_size=40))
def test_a_safe_text_stays_as_it_is(text: str) -> None:
    safe = neutral(text, PLACE)
    assert neutral(safe, PLACE) == safe


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:9]))
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    neutral(text, PLACE)
    neutral_html(text, PLACE)
    definition(f"[a]: {text}", PLACE)
