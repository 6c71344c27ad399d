"""Repositories and who may do what in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.metadata import assignable
from planbot.sandbox.paging import page
from planbot.sandbox.problems import forbidden, not_found
from planbot.sandbox.resources.repositories import full_repository, repository_resource
from planbot.sandbox.resources.users import simple_user
from planbot.sandbox.routing import Answer, Endpoints

if TYPE_CHECKING:
    from planbot.sandbox.call import Call

endpoints = Endpoints()


@endpoints.add("GET", "/repos/<owner>/<repo>", "repos/repos#get-a-repository")
def read_repository(call: Call) -> Answer:
    """Show a repository."""
    return Answer(body=full_repository(call.view, call.repository()))


@endpoints.add("GET", "/user/repos", "repos/repos#list-repositories-for-the-authenticated-user")
def list_own_repositories(call: Call) -> Answer:
    """List the repositories where the user has a role of its own, by name."""
    user = call.actor()
    if user.kind == "bot":
        raise forbidden("Resource not accessible by integration")
    own = [r for r in call.store.state.repositories.values() if call.store.has_role(user, r)]
    own.sort(key=lambda repository: repository.full_name.lower())
    return page(call, None, own, lambda repository: repository_resource(call.view, repository))


@endpoints.add("GET", "/repos/<owner>/<repo>/assignees", "issues/assignees#list-assignees")
def list_assignees(call: Call) -> Answer:
    """List the users that issues can be assigned to."""
    repository = call.repository()
    users = [u for u in call.store.state.users.values() if assignable(call, repository, u)]
    return page(call, repository, users, lambda user: simple_user(call.view, user))


@endpoints.add(
    "GET", "/repos/<owner>/<repo>/assignees/<login>", "issues/assignees#check-if-a-user-can-be-assigned"
)
def check_assignee(call: Call) -> Answer:
    """Say 204 if issues can be assigned to a user, else 404."""
    repository = call.repository()
    user = call.store.user(call.arguments["login"])
    if user is None or not assignable(call, repository, user):
        raise not_found()
    return Answer(204)
