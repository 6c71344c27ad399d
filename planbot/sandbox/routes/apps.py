"""What a GitHub App asks: where it is installed, for tokens, and what a token covers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planbot.sandbox.apps import grant
from planbot.sandbox.paging import page
from planbot.sandbox.problems import ApiError, forbidden, not_found
from planbot.sandbox.resources.apps import installation_resource, selection, token_resource
from planbot.sandbox.resources.repositories import repository_resource
from planbot.sandbox.routing import Answer, Endpoints
from planbot.sandbox.store import covers

if TYPE_CHECKING:
    from planbot.sandbox.call import Call
    from planbot.sandbox.model import App

endpoints = Endpoints()


@endpoints.add("GET", "/app/installations", "apps/apps#list-installations-for-the-authenticated-app")
def list_installations(call: Call) -> Answer:
    """List where the App is installed."""
    app = _app(call)
    found = list(app.installations.values())
    return page(call, None, found, lambda installation: installation_resource(call.view, app, installation))


@endpoints.add(
    "POST",
    "/app/installations/<number>/access_tokens",
    "apps/apps#create-an-installation-access-token-for-an-app",
)
def create_token(call: Call) -> Answer:
    """Make a token that is good for an hour, for all that the installation covers."""
    app = _app(call)
    installation = app.installations.get(call.number("number"))
    if installation is None:
        raise not_found()
    if installation.suspended_at is not None:
        raise forbidden("This installation has been suspended")
    return Answer(201, token_resource(*grant(call.store, app, installation), installation))


@endpoints.add(
    "GET",
    "/installation/repositories",
    "apps/installations#list-repositories-accessible-to-the-app-installation",
)
def list_repositories(call: Call) -> Answer:
    """List the repositories that the token's installation covers."""
    installation = call.store.installation(call.actor().installation)
    if installation is None:
        raise forbidden("Resource not accessible by integration")
    found = [r for r in call.store.state.repositories.values() if covers(installation, r)]
    answer = page(call, None, found, lambda repository: repository_resource(call.view, repository))
    listed = {
        "total_count": len(found),
        "repository_selection": selection(installation),
        "repositories": answer.body,
    }
    return replace(answer, body=listed)


def _app(call: Call) -> App:
    if call.view.app is None:
        raise ApiError(401, "A JSON web token could not be decoded")
    return call.view.app
