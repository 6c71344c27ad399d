"""GitHub Apps' installations and their tokens, as GitHub writes them.

https://docs.github.com/rest/apps/apps
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.clock import timestamp
from planbot.sandbox.resources.users import simple_user

if TYPE_CHECKING:
    from planbot.sandbox.model import App, Grant, Installation
    from planbot.sandbox.view import View

PERMISSIONS = {"contents": "write", "issues": "write", "metadata": "read", "pull_requests": "write"}
EVENTS = ["issues", "pull_request", "push", "repository"]


def installation_resource(view: View, app: App, installation: Installation) -> dict[str, Any]:
    """Write an installation."""
    account = view.store.known_user(installation.account)
    organization = account.kind == "organization"
    settings = f"organizations/{account.login}/settings" if organization else "settings"
    suspended = installation.suspended_at
    return {
        "id": installation.id,
        "account": simple_user(view, account),
        "repository_selection": selection(installation),
        "access_tokens_url": f"{view.api}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{view.api}/installation/repositories",
        "html_url": f"{view.web}/{settings}/installations/{installation.id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": account.id,
        "target_type": "Organization" if organization else "User",
        "permissions": PERMISSIONS,
        "events": EVENTS,
        "created_at": timestamp(installation.created_at),
        "updated_at": timestamp(installation.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if suspended is None else simple_user(view, account),
        "suspended_at": None if suspended is None else timestamp(suspended),
    }


def token_resource(token: str, grant: Grant, installation: Installation) -> dict[str, Any]:
    """Write a fresh token of an installation."""
    return {
        "token": token,
        "expires_at": timestamp(grant.expires_at),
        "permissions": PERMISSIONS,
        "repository_selection": selection(installation),
    }


def selection(installation: Installation) -> str:
    """Return GitHub's word for how many of an account's repositories an installation covers."""
    return "all" if installation.repositories is None else "selected"
