"""Users as GitHub writes them.

https://docs.github.com/rest/users/users
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.clock import timestamp
from planbot.sandbox.view import node_id

if TYPE_CHECKING:
    from planbot.sandbox.model import User
    from planbot.sandbox.view import View

_TYPES = {"user": "User", "bot": "Bot", "organization": "Organization"}


def simple_user(view: View, user: User) -> dict[str, Any]:
    """Write a user the short way, as inside other resources."""
    url = f"{view.api}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": node_id("U", user.id),
        "avatar_url": f"{view.web}/avatars/u/{user.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{view.web}/{user.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": _TYPES[user.kind],
        "user_view_type": "public",
        "site_admin": False,
    }


def user_of_login(view: View, login: str | None) -> dict[str, Any] | None:
    """Write the user with this login the short way, or null for none."""
    return None if login is None else simple_user(view, view.store.known_user(login))


def public_user(view: View, user: User) -> dict[str, Any]:
    """Write a user as everyone sees it."""
    created = timestamp(user.created_at)
    return simple_user(view, user) | {
        "name": user.login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": created,
        "updated_at": created,
    }


def private_user(view: View, user: User) -> dict[str, Any]:
    """Write a user as it sees itself."""
    return (
        public_user(view, user)
        | {"user_view_type": "private", "notification_email": None}
        | dict.fromkeys(
            ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators"), 0
        )
        | {
            "two_factor_authentication": True,
            "plan": {"name": "free", "space": 976562499, "collaborators": 0, "private_repos": 10000},
        }
    )
