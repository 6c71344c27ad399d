"""The endpoints, one module for each kind of resource."""

from __future__ import annotations

from planbot.sandbox.routes import (
    actions,
    apps,
    comments,
    git,
    graphql,
    issues,
    labels,
    milestones,
    pulls,
    relations,
    repositories,
    users,
)

ENDPOINTS = tuple(
    endpoint
    for module in (
        users,
        repositories,
        apps,
        issues,
        comments,
        labels,
        milestones,
        relations,
        pulls,
        git,
        actions,
        graphql,
    )
    for endpoint in module.endpoints.entries
)
