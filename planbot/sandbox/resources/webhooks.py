"""Webhooks as GitHub writes them.

https://docs.github.com/rest/repos/webhooks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planbot.sandbox.clock import timestamp
from planbot.sandbox.resources.repositories import repository_resource
from planbot.sandbox.resources.users import user_of_login

if TYPE_CHECKING:
    from planbot.sandbox.model import Repository, Webhook
    from planbot.sandbox.view import View


def webhook_resource(view: View, repository: Repository, webhook: Webhook) -> dict[str, Any]:
    """Write a webhook; its secret stays hidden."""
    url = f"{view.repository_url(repository)}/hooks/{webhook.id}"
    return {
        "type": "Repository",
        "id": webhook.id,
        "name": "web",
        "active": True,
        "events": webhook.events,
        "config": {
            "url": webhook.url,
            "content_type": "json",
            "insecure_ssl": "0",
            "secret": "********",
        },
        "created_at": timestamp(webhook.created_at),
        "updated_at": timestamp(webhook.updated_at),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": _last_response(webhook.status),
    }


def ping_payload(view: View, repository: Repository, webhook: Webhook) -> dict[str, Any]:
    """Write what a `ping` carries; the owner stands in for whoever registered the webhook."""
    return {
        "zen": "Keep it logically awesome.",
        "hook_id": webhook.id,
        "hook": webhook_resource(view, repository, webhook),
        "repository": repository_resource(view, repository),
        "sender": user_of_login(view, repository.owner),
    }


def _last_response(status: int | None) -> dict[str, Any]:
    if status is None:
        return {"code": None, "status": "unused", "message": None}
    return {"code": status, "status": "active", "message": "OK"}
