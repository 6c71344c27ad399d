"""What GitHub's REST API answers, cut down to a size a test can read."""

from __future__ import annotations

from typing import Any

TOKEN = "ghp_do_not_tell"
API = "https://api.example.test"


def repository_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": 77,
        "full_name": "o/r",
        "default_branch": "main",
        "html_url": "https://example.test/o/r",
        "private": False,
        "fork": False,
        "archived": False,
        "has_issues": True,
        "permissions": {"admin": False, "push": True, "pull": True},
    } | changes


def issue_json(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "id": 1000 + number,
        "title": "Title",
        "body": "Body",
        "state": "open",
        "state_reason": None,
        "labels": [{"name": "planbot", "color": "ededed"}],
        "milestone": None,
        "assignees": [],
        "user": {"login": "ann", "id": 5},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
        "html_url": f"https://example.test/o/r/issues/{number}",
        "repository_url": f"{API}/repos/o/r",
        "locked": False,
        "closed_by": None,
    } | changes


def milestone_json(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": "Phase 1",
        "description": None,
        "state": "open",
        "due_on": None,
    } | changes


def label_json(name: str = "planbot") -> dict[str, Any]:
    return {"name": name, "color": "0e8a16", "description": None}


def edits_json(
    *, oldest: tuple[dict[str, Any], ...] = (), newest: tuple[dict[str, Any], ...] = ()
) -> dict[str, Any]:
    issue = {"oldest": {"nodes": list(oldest)}, "newest": {"nodes": list(newest)}}
    return {"data": {"viewer": {"login": "planbot"}, "repository": {"issue": issue}}}
