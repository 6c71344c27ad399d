"""Users, the root of the API and the rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.problems import forbidden, not_found
from planbot.sandbox.resources.users import private_user, public_user
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call

endpoints = Endpoints()

_ROOT = {
    "current_user_url": "user",
    "current_user_authorizations_html_url": "settings/connections/applications{/client_id}",
    "authorizations_url": "authorizations",
    "code_search_url": "search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "user/emails",
    "emojis_url": "emojis",
    "events_url": "events",
    "feeds_url": "feeds",
    "followers_url": "user/followers",
    "following_url": "user/following{/target}",
    "gists_url": "gists{/gist_id}",
    "hub_url": "hub",
    "issue_search_url": "search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "issues",
    "keys_url": "user/keys",
    "label_search_url": "search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "notifications",
    "organization_url": "orgs/{org}",
    "organization_repositories_url": "orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "orgs/{org}/teams",
    "public_gists_url": "gists/public",
    "rate_limit_url": "rate_limit",
    "repository_url": "repos/{owner}/{repo}",
    "repository_search_url": "search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "user/repos{?type,page,per_page,sort}",
    "starred_url": "user/starred{/owner}{/repo}",
    "starred_gists_url": "gists/starred",
    "topic_search_url": "search/topics?q={query}{&page,per_page}",
    "user_url": "users/{user}",
    "user_organizations_url": "user/orgs",
    "user_repositories_url": "users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "search/users?q={query}{&page,per_page,sort,order}",
}


@endpoints.add("GET", "/", "meta/meta#github-api-root")
def read_root(call: Call) -> Answer:
    """List the addresses that the API starts from."""
    addresses = {key: f"{call.view.api}/{path}" for key, path in _ROOT.items()}
    return Answer(body=call.view.without(addresses, "authorizations_url", "hub_url"))


@endpoints.add("GET", "/user", "users/users#get-the-authenticated-user")
def read_own_user(call: Call) -> Answer:
    """Say who asks; an App's token is nobody's, as GitHub has it."""
    user = call.actor()
    if user.kind == "bot":
        raise forbidden("Resource not accessible by integration")
    return Answer(body=private_user(call.view, user))


@endpoints.add("GET", "/users/<login>", "users/users#get-a-user")
def read_user(call: Call) -> Answer:
    """Show a user."""
    user = call.store.user(call.arguments["login"])
    if user is None:
        raise not_found()
    return Answer(body=public_user(call.view, user))


@endpoints.add("GET", "/rate_limit", "rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user")
def read_rate_limit(call: Call) -> Answer:
    """Tell what is left of the limits."""
    overview = call.services.limits.overview(call.viewer.login if call.viewer else "")
    return Answer(body=call.view.without(overview, "rate"))
