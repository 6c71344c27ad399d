"""The sandbox's pages over HTTP: what they show, what their forms do, and what they refuse."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from sandbox.people import ISSUES, REPOSITORY, Client, People, run_git
from sandbox.receiver import receiver
from sandbox.web import Web

from planbot.sandbox import Sandbox
from planbot.sandbox.pages.boxes import Progress, find_boxes, progress, with_ticked
from planbot.sandbox.pages.markdown import render

PAGES = "/octo/plans"
ISSUE = f"{PAGES}/issues/1"
BODY = "Checks:\r\n\r\n- [ ] first `code`\r\n- [x] second\r\n  1. [ ] third\r\n\r\n```\r\n- [ ] no box\r\n```\r\n"

HOSTILE = """\
<script>alert(1)</script>
<img src=x onerror=alert(1)> <svg onload=alert(1)></svg> <iframe src="javascript:alert(1)"></iframe>
<a href="javascript:alert(1)" onclick="alert(1)">a</a> [b](javascript:alert%281%29) [c](data:text/html,x)
<form action="/x"><input name="token" value="mine"><button>go</button></form>
<style>body { display: none }</style> <p style="position: fixed" class="flash" id="notice">over all</p>
![picture](https://example.org/p.png) <base href="https://example.org"> <meta http-equiv="refresh" content="0">

- [ ] <b onmouseover=alert(1)>bold</b> "><script>alert(1)</script>
"""


@pytest.fixture
def web(people: People, sandbox: Sandbox) -> Web:
    """Look at the pages as alice, who may write."""
    sandbox.let_act_as("alice")
    return Web(people.client())


@pytest.fixture
def issue(alice: Client) -> dict[str, Any]:
    """Open an issue with boxes and return it."""
    alice.post(f"{REPOSITORY}/milestones", title="First phase", description="The *goal*")
    opened = alice.post(ISSUES, title="Phase <1>", body=BODY, labels=["planbot"], milestone=1)
    assert opened.status == 201
    return dict(opened.json)


def body_of(client: Client) -> str:
    return str(client.get(f"{ISSUES}/1").json["body"])


# looking


def test_the_list_shows_titles_labels_milestones_and_progress(web: Web, issue: dict[str, Any]) -> None:
    html = web.text(f"{PAGES}/issues")
    assert "Phase &lt;1&gt;" in html
    assert f'class="label label-{issue["labels"][0]["id"]}"' in html
    assert "First phase" in html
    assert "1 of 3 ticked" in html
    assert 'aria-current="true"' in html
    assert "There are no closed issues." in web.text(f"{PAGES}/issues?state=closed")


def test_the_list_can_be_of_a_label_and_turns_pages(web: Web, alice: Client) -> None:
    for number in range(51):
        alice.post(ISSUES, title=f"No {number}", labels=["even" if number % 2 == 0 else "odd"])
    first = web.text(f"{PAGES}/issues")
    assert "No 50<" in first
    assert "No 0<" not in first
    assert "No 0<" in web.text(f"{PAGES}/issues?state=open&page=2")
    odd = web.text(f"{PAGES}/issues?label=odd")
    assert "No 49<" in odd
    assert "No 50<" not in odd
    assert "There are no open issues with this label." in web.text(f"{PAGES}/issues?label=nix")


def test_an_issue_shows_its_text_its_relations_and_what_was_said(
    web: Web, alice: Client, issue: dict[str, Any]
) -> None:
    child = alice.post(ISSUES, title="Child").json
    blocker = alice.post(ISSUES, title="Blocker").json
    alice.post(f"{ISSUES}/1/sub_issues", sub_issue_id=child["id"])
    alice.post(f"{ISSUES}/1/dependencies/blocked_by", issue_id=blocker["id"])
    said = alice.post(f"{ISSUES}/1/comments", body="It is **done**.").json
    html = web.text(ISSUE)
    assert len(re.findall(r'<input type="checkbox" aria-label="[^"]+" id="box-\d" name="box"', html)) == 3
    assert 'aria-label="first code" id="box-0" name="box" value="0">' in html
    assert 'value="1" checked>' in html
    assert "<strong>done</strong>" in html
    assert f'id="issuecomment-{said["id"]}"' in html
    assert "0 of 1 sub-issue" in html
    assert "Blocked by" in html
    assert issue["html_url"].endswith(ISSUE)
    assert "Parent" in web.text(f"{PAGES}/issues/2")


@pytest.mark.usefixtures("issue")
def test_milestones_show_their_progress(web: Web, alice: Client) -> None:
    alice.post(ISSUES, title="done", milestone=1)
    alice.patch(f"{ISSUES}/2", state="closed")
    html = web.text(f"{PAGES}/milestones")
    assert "First phase" in html
    assert "<em>goal</em>" in html
    assert "<b>50 %</b> complete" in html
    assert '<progress max="2" value="1"' in html
    one = web.text(f"{PAGES}/milestone/1")
    assert "1 of 2 closed" in one
    assert one.index("Phase &lt;1&gt;") < one.index("done</a>")


def test_a_plan_file_stands_beside_its_commits(web: Web, people: People, tmp_path: Path) -> None:
    clone = people.clone("alice", tmp_path / "clone")
    (clone / "PLAN.md").write_text("# Plan\n\n- [x] first\n")
    message = "Tick 1 box <b>\n\nCo-authored-by: maya <maya@example.org>"
    run_git(clone, "commit", "--quiet", "--all", f"--message={message}")
    run_git(clone, "push", "--quiet", "origin", "main")
    sha = run_git(clone, "rev-parse", "HEAD").stdout.strip()
    html = web.text(f"{PAGES}/blob/main/PLAN.md")
    assert '<input type="checkbox" aria-label="first" disabled checked> first' in html
    assert "<b>1</b> of 1 boxes ticked" in html
    assert html.index("Tick 1 box &lt;b&gt;") < html.index("Write the plan")
    assert "Alice and maya" in html
    assert f'href="{PAGES}/commit/{sha}"' in html
    shown = web.text(f"{PAGES}/commit/{sha}")
    assert '<span class="line removed">-- [ ] first</span>' in shown
    assert '<span class="line added">+- [x] first</span>' in shown
    assert web.text(f"{PAGES}/blob/{sha}/PLAN.md").count("<progress") == 1
    assert '<li id="L3"><code>- [x] first</code></li>' in web.text(f"{PAGES}/blob/main/PLAN.md?plain=1")
    assert "1 of 1 ticked" in web.text(PAGES)


def test_a_file_that_is_long_or_no_text_is_not_rendered(web: Web, people: People, tmp_path: Path) -> None:
    clone = people.clone("alice", tmp_path / "clone")
    (clone / "long.md").write_text("- [x] done\n" * 20_000)
    (clone / "data.md").write_bytes(b"\0\xff")
    (clone / "it's é & <b>.md").write_text("- [x] done\n")
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", "--message=Add files")
    run_git(clone, "push", "--quiet", "origin", "main")
    assert '<li id="L20000"><code>- [x] done</code></li>' in web.text(f"{PAGES}/blob/main/long.md")
    assert "This file is no text." in web.text(f"{PAGES}/blob/main/data.md")
    (strange,) = re.findall(rf'href="({PAGES}/blob/main/it[^"]+)"', web.text(PAGES))
    assert "1</b> of 1 boxes ticked" in web.text(strange)


@pytest.mark.usefixtures("feature")
def test_a_branch_with_a_slash_leads_to_its_file(web: Web, git_dir: Path) -> None:
    run_git(git_dir, "branch", "planbot/progress", "feature")
    assert "checked> first" in web.text(f"{PAGES}/blob/planbot/progress/PLAN.md")
    assert "checked> first" not in web.text(f"{PAGES}/blob/main/PLAN.md")
    assert "Tick 1 box" in web.text(f"{PAGES}/tree/planbot/progress")
    assert "Tick 1 box" not in web.text(f"{PAGES}/tree/main")


def test_names_and_messages_in_git_may_be_any_bytes(web: Web, people: People, tmp_path: Path) -> None:
    clone = people.clone("alice", tmp_path / "clone")
    Path(os.fsdecode(os.fsencode(clone) + b"/\xff.md")).write_text("- [x] done\n")
    (clone / "ünïcode.md").write_text("- [x] done\n")
    (tmp_path / "message").write_bytes(b"Add \xff\n")
    run_git(clone, "add", ".")
    run_git(clone, "commit", "--quiet", f"--file={tmp_path / 'message'}")
    run_git(clone, "push", "--quiet", "origin", "main")
    html = web.text(PAGES)
    assert "Add ÿ" in html  # git itself takes such a message for Latin-1
    assert "\N{REPLACEMENT CHARACTER}.md" in html
    (commit,) = re.findall(rf'href="({PAGES}/commit/\w+)">Add', html)
    assert "<b>ünïcode.md</b>" in web.text(commit)


@pytest.mark.usefixtures("issue", "feature")
def test_a_pull_request_has_a_page_too(web: Web, alice: Client) -> None:
    alice.post(f"{REPOSITORY}/pulls", title="Progress", head="feature", base="main", body="- [ ] look")
    assert "Progress" in web.text(f"{PAGES}/pulls")
    html = web.text(f"{PAGES}/pull/2")
    assert "<code>feature</code> into <code>main</code>" in html
    web.tick(f"{PAGES}/pull/2", 0)
    assert alice.get(f"{REPOSITORY}/pulls/2").json["body"] == "- [x] look"


def test_the_log_tells_who_asked_for_what(web: Web, issue: dict[str, Any]) -> None:
    assert issue["number"] == 1
    web.tick(ISSUE, 0, 1)
    html = web.text("/-/requests")
    assert "<code>/repos/octo/plans/issues</code>" in html
    assert "&#34;title&#34;: &#34;Phase &lt;1&gt;&#34;" in html
    assert f"<code>{ISSUE}/boxes</code>" in html
    assert web.hidden(ISSUE)["token"] not in html
    web.client.get(f"{ISSUES}/1")
    assert "<code>/repos/octo/plans/issues/1</code>" in web.text("/-/requests")
    assert "<code>/repos/octo/plans/issues/1</code>" not in web.text("/-/requests?changes=1")


def test_the_only_repository_is_the_first_page_and_several_are_listed(web: Web, sandbox: Sandbox) -> None:
    reply = web.get("/")
    assert (reply.status, reply.headers["Location"]) == (303, PAGES)
    sandbox.create_repository("octo/hidden", private=True)
    sandbox.create_repository("octo/other")
    html = web.text("/")
    assert "octo/plans" in html
    assert "octo/other" in html


def test_what_may_not_be_seen_is_not_there(web: Web, sandbox: Sandbox, people: People) -> None:
    with sandbox.edit("octo/plans") as repository:
        repository.private = True
        repository.roles["alice"] = "none"
    assert web.get(f"{PAGES}/issues").status == 404
    assert b"There is no such repository" in web.get(PAGES).content
    assert people.client("rita").get(REPOSITORY).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nobody/nothing",
        "/nobody",
        f"{PAGES}/issues/99",
        f"{PAGES}/issues/99999999999999999999",
        f"{PAGES}/milestone/9",
        f"{PAGES}/blob/main/nix.md",
        f"{PAGES}/blob/main/../../../etc/passwd",
        f"{PAGES}/blob/--output=x/PLAN.md",
        f"{PAGES}/blob/main/docs",
        f"{PAGES}/commit/{'0' * 40}",
        f"{PAGES}/commit/--all",
        "/-/static/../../app.py",
        f"{PAGES}/tree/nix",
        "/-/static/nix.js",
        "/-/nix",
    ],
)
def test_what_is_not_there_is_told_on_a_page(web: Web, path: str) -> None:
    reply = web.get(path)
    assert reply.status == 404
    assert b"There is no such" in reply.content


def test_the_api_is_as_before(web: Web, alice: Client) -> None:
    """Whoever asks for no HTML, brings a token or asks for an address of the API gets what GitHub's API answers."""
    assert alice.get("/nobody/nothing").json["message"] == "Not Found"
    assert alice.get("/nobody/nothing", Accept="text/html, */*").json["message"] == "Not Found"
    assert web.get(REPOSITORY).status == 415
    assert web.get("/api/v3/repos/octo/plans").status == 415


# ticking


def test_a_tick_is_an_edit_of_the_body_like_any_other(
    web: Web, sandbox: Sandbox, alice: Client, issue: dict[str, Any]
) -> None:
    sandbox.clock.advance(60)
    with receiver() as taken:
        sandbox.add_webhook("octo/plans", taken.url, secret="s", events=["issues"])
        reply = web.tick(ISSUE, 0, 1)
        edited = [delivery for delivery in sandbox.deliveries if delivery.event == "issues"]
    assert (reply.status, reply.headers["Location"]) == (303, ISSUE)
    assert body_of(alice) == BODY.replace("[ ] first", "[x] first")
    assert alice.get(f"{ISSUES}/1").json["updated_at"] > issue["updated_at"]
    assert [(d.payload["action"], d.payload["sender"]["login"]) for d in edited] == [("edited", "alice")]
    assert edited[0].payload["changes"] == {"body": {"from": BODY}}
    assert "<b>alice</b>" in web.text(ISSUE).partition('class="edits"')[2].partition("</details>")[0]


@pytest.mark.usefixtures("issue")
def test_unticking_all_and_ticking_the_nested_one(web: Web, alice: Client) -> None:
    web.tick(ISSUE)
    assert body_of(alice) == BODY.replace("[x]", "[ ]")
    web.tick(ISSUE, 2)
    assert body_of(alice) == BODY.replace("[x]", "[ ]").replace("[ ] third", "[x] third")


@pytest.mark.usefixtures("issue")
def test_a_tick_on_a_stale_text_is_refused_in_words(web: Web, alice: Client) -> None:
    stale = web.hidden(ISSUE)["version"]
    changed = f"- [ ] new one\n{BODY}"
    alice.patch(f"{ISSUES}/1", body=changed)
    reply = web.tick(ISSUE, 0, version=stale)
    assert reply.status == 422
    html = reply.content.decode()
    assert "changed after the page was loaded, so no box was ticked" in html
    assert "new one" in html
    assert body_of(alice) == changed
    assert web.tick(ISSUE, 0).status == 303
    assert body_of(alice).startswith("- [x] new one")


@pytest.mark.usefixtures("issue")
def test_who_may_not_edit_gets_boxes_that_cannot_be_ticked(
    web: Web, sandbox: Sandbox, alice: Client, people: People
) -> None:
    fields = web.hidden(ISSUE)
    sandbox.let_act_as("rita")
    html = web.text(ISSUE)
    assert 'name="box"' not in html
    assert 'name="do" value="completed"' not in html
    refused = web.post(f"{ISSUE}/boxes", *fields.items(), ("box", 0))
    assert refused.status == 403
    assert b"Must have admin rights" in refused.content
    assert body_of(alice) == BODY
    assert people.client("rita").get(f"{ISSUES}/1").status == 200


# answering


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize(
    ("do", "state"), [("completed", ("closed", "completed")), ("not_planned", ("closed", "not_planned"))]
)
def test_closing_for_a_reason_and_reopening(web: Web, alice: Client, do: str, state: tuple[str, str]) -> None:
    assert web.answer(ISSUE, do).status == 303
    closed = alice.get(f"{ISSUES}/1").json
    assert (closed["state"], closed["state_reason"]) == state
    assert closed["closed_by"]["login"] == "alice"
    assert f"Closed as {do.replace('_', ' ')}" in web.text(ISSUE)
    assert web.answer(ISSUE, "reopen").status == 303
    assert alice.get(f"{ISSUES}/1").json["state"] == "open"


@pytest.mark.usefixtures("issue")
def test_a_comment_and_a_close_in_one(web: Web, alice: Client) -> None:
    web.answer(ISSUE, "completed", "Seen <b>it</b>")
    (comment,) = alice.get(f"{ISSUES}/1/comments").json
    assert (comment["body"], comment["user"]["login"]) == ("Seen <b>it</b>", "alice")
    assert alice.get(f"{ISSUES}/1").json["state"] == "closed"


@pytest.mark.usefixtures("issue")
def test_an_empty_comment_is_refused_and_a_refused_one_is_kept_in_the_form(
    web: Web, sandbox: Sandbox
) -> None:
    empty = web.answer(ISSUE, "comment", "  ")
    assert empty.status == 422
    assert b"There is nothing in the comment yet" in empty.content
    long = web.answer(ISSUE, "comment", "long " * 20_000)
    assert long.status == 422
    assert b"body is too long (maximum is 65536 characters)" in long.content
    assert b">long long " in long.content
    assert sandbox.requests[-1].kind == "page"


@pytest.mark.usefixtures("issue")
def test_nobody_can_only_look(web: Web, people: People) -> None:
    with Sandbox() as other:
        other.create_repository("octo/plans")
        client = Client(other.url)
        looking = Web(client)
        assert "only looking" in looking.text(f"{PAGES}/issues")
        assert "acting as <b>alice</b>" in web.text(f"{PAGES}/issues")
        client.connection.close()
    assert people.tokens["alice"] not in web.text(ISSUE)


def test_only_a_user_that_is_there_can_be_acted_as(sandbox: Sandbox) -> None:
    with pytest.raises(LookupError, match="there is no user nobody"):
        sandbox.let_act_as("nobody")


# keeping others out


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, "Another site sent this form"),
        ({"Sec-Fetch-Site": "same-site"}, "Another site sent this form"),
        ({"Origin": "http://127.0.0.1:1"}, "Another site sent this form"),
        ({"Origin": "null"}, "Another site sent this form"),
        ({"Host": "evil.example"}, "evil.example is no name of this sandbox"),
    ],
)
def test_a_form_from_elsewhere_is_refused(
    web: Web, alice: Client, headers: dict[str, str], words: str
) -> None:
    fields = web.hidden(ISSUE)
    reply = web.post(f"{ISSUE}/boxes", *fields.items(), ("box", 0), headers=headers)
    assert reply.status == 403
    assert words in reply.content.decode()
    assert body_of(alice) == BODY


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize("token", ["", "guessed", "ümlaut"])
def test_a_form_without_the_token_of_this_run_is_refused(web: Web, alice: Client, token: str) -> None:
    reply = web.tick(ISSUE, 0, token=token)
    assert reply.status == 403
    assert b"This form has expired" in reply.content
    assert web.post(f"{ISSUE}/answer", ("do", "completed")).status == 403
    assert alice.get(f"{ISSUES}/1").json["state"] == "open"
    assert body_of(alice) == BODY


def test_a_name_that_another_site_let_lead_here_shows_nothing(web: Web) -> None:
    reply = web.get(PAGES, Host="evil.example:80")
    assert reply.status == 403
    assert b"PLAN.md" not in reply.content
    assert web.get(PAGES, Host="localhost:80").status == 200
    assert web.get(PAGES, Host="[::1]:80").status == 200


@pytest.mark.parametrize("path", [PAGES, f"{PAGES}/issues/99", "/-/static/page.js", "/-/requests"])
def test_every_answer_forbids_what_the_pages_do_not_need(web: Web, path: str) -> None:
    headers = web.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


@pytest.mark.usefixtures("issue")
def test_no_page_has_a_script_or_a_style_within(web: Web) -> None:
    for path in (PAGES, f"{PAGES}/issues", ISSUE, f"{PAGES}/milestones", "/-/requests"):
        html = web.text(path)
        assert re.findall(r"<script(?! src=\"/-/static/page.js\" defer></script>)", html) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=", html) == []


def test_what_an_author_writes_is_only_text(web: Web, alice: Client) -> None:
    alice.post(ISSUES, title="<script>alert(1)</script>", body=HOSTILE, labels=["<i>x"])
    alice.post(f"{ISSUES}/1/comments", body=HOSTILE)
    alice.post(f"{REPOSITORY}/milestones", title="<script>", description=HOSTILE)
    for path in (ISSUE, f"{PAGES}/issues", f"{PAGES}/milestones", f"{PAGES}/milestone/1", "/-/requests"):
        html = web.text(path)
        assert html.count("<script") == 1
        inside = html.partition("<main")[2]
        assert re.findall(r"<(?:img|iframe|style|base|meta|object)\b", inside) == []
        assert re.findall(r"<[^>]*\s(?:on\w+|style)=", inside) == []
        assert re.findall(r"href=\"(?:javascript|data):", inside) == []
        assert inside.count('id="notice"') == 1
    assert render(HOSTILE).html.count("<input") == 1


# Markdown


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- [ ] a", [False]),
        ("* [x] a", [True]),
        ("+ [X] a", [True]),
        ("7) [ ] a", [False]),
        ("> - [ ]\ta", [False]),
        ("- [ ] [a](/b) **c**", [False]),
        ("- [ ]", []),
        ("- [ ]a", []),
        ("- [](x) a", []),
        ("- [x](y) a", []),
        ("- a [ ] b", []),
        ("[ ] a", []),
        ("    - [ ] a", []),
        ("| [ ] a |\n|---|", []),
        ("<ul><li>[ ] a</li></ul>", []),
    ],
)
def test_a_box_is_what_github_takes_for_one(line: str, found: list[bool]) -> None:
    boxes = find_boxes(line)
    assert [box.ticked for box in boxes] == found
    assert [line[box.offset - 1 : box.offset + 2] for box in boxes] == [f"[{line[b.offset]}]" for b in boxes]
    assert len(render(line).boxes) == len(found)


def test_ticking_keeps_every_other_byte() -> None:
    text = "- [X] a\r\n\t- [ ] b\r- c\n\n  - [ ] d\n\n     - [ ]  é \x00\n"
    assert with_ticked(text, {0, 3}) == text.replace("[ ]  é", "[x]  é")
    assert with_ticked(text, ()) == text.replace("[X]", "[ ]")
    assert progress(text) == Progress(1, 4)


def test_a_link_an_image_and_a_table_are_shown_without_anything_being_loaded() -> None:
    html = render('[a](b.md "t") ![*c*](https://e.org/d.png)\n\n| x |\n|--:|\n| 1 |\n').html
    assert '<a href="b.md" title="t" rel="nofollow noopener noreferrer">a</a>' in html
    assert '<a href="https://e.org/d.png" rel="nofollow noopener noreferrer">c</a>' in html
    assert '<td align="right">1</td>' in html


# staying up to date


def read_event(stream: Any) -> str:
    """Read on to the next event and return its name."""
    while True:
        line = stream.readline().decode()
        assert line, "the stream has ended"
        if line.startswith("event: "):
            return str(line.split()[1])


def listening(web: Web) -> Any:
    seen = re.findall(r'data-seen="([\d.]+)"', web.text(PAGES))[0]
    web.client.connection.request("GET", f"/-/events?seen={seen}", headers={"Accept": "text/event-stream"})
    reply = web.client.connection.getresponse()
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    return reply


def test_an_open_page_is_told_of_a_change_and_of_a_request(web: Web, alice: Client) -> None:
    with listening(web) as stream:
        alice.get(REPOSITORY)
        assert read_event(stream) == "request"
        alice.post(ISSUES, title="new")
        assert read_event(stream) == "change"


def test_an_open_page_is_told_of_a_push_past_the_sandbox(web: Web, git_dir: Path) -> None:
    with listening(web) as stream:
        time.sleep(0.01)  # a file system may keep times no finer
        seed = git_dir.parent / "seed"
        run_git(seed, "commit", "--quiet", "--allow-empty", "--message=Past")
        run_git(seed, "push", "--quiet", str(git_dir), "HEAD:main")
        assert read_event(stream) == "change"


def test_a_page_that_missed_something_is_told_at_once(web: Web, alice: Client) -> None:
    web.text(PAGES)
    alice.post(ISSUES, title="new")
    web.client.connection.request("GET", "/-/events?seen=0.0", headers={"Accept": "text/event-stream"})
    with web.client.connection.getresponse() as stream:
        assert read_event(stream) == "change"


def test_a_browser_that_leaves_is_no_failure(
    web: Web, alice: Client, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    listening(web).close()
    web.client.connection.close()
    for number in range(5):
        alice.post(ISSUES, title=f"after {number}")
    sandbox.stop()
    assert capsys.readouterr().err == ""


def test_the_sandbox_stops_while_pages_are_open(git_dir: Path) -> None:
    sandbox = Sandbox()
    sandbox.start()
    sandbox.create_repository("octo/plans", git_dir=git_dir)
    client = Client(sandbox.url)
    with listening(Web(client)) as stream:
        sandbox.stop()
        assert b"event: change" not in stream.read()
    client.connection.close()
    with sandbox:
        again = Client(sandbox.url)
        assert "PLAN.md" in Web(again).text(PAGES)
        again.connection.close()
