"""Answers that refuse a request, with GitHub's status codes and words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """Refuse a request with a status, a message and, for a 422, the list of what is wrong.

    https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: tuple[dict[str, Any], ...] = (),
        headers: dict[str, str] | None = None,
        docs: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.docs = docs


class ConnectionDropped(Exception):  # noqa: N818  it is what happens, not an error
    """Cut the connection without an answer."""


def not_found() -> ApiError:
    """Say 404, which is also what hides a private repository."""
    return ApiError(404, "Not Found")


def forbidden(message: str = "Must have admin rights to Repository.") -> ApiError:
    """Say 403."""
    return ApiError(403, message)


def invalid(
    resource: str, field: str, code: str = "invalid", *, value: object = None, message: str = ""
) -> ApiError:
    """Say 422 `Validation Failed` for one field; `code` is GitHub's word for what is wrong with it."""
    error: dict[str, Any] = {"resource": resource, "code": code, "field": field}
    if value is not None:
        error["value"] = value
    if message:
        error["message"] = message
    return ApiError(422, "Validation Failed", errors=(error,))


def custom(resource: str, message: str) -> ApiError:
    """Say 422 `Validation Failed` for what is wrong with the whole, in words."""
    error = {"resource": resource, "code": "custom", "message": message}
    return ApiError(422, "Validation Failed", errors=(error,))


def too_long(resource: str, field: str, limit: int) -> ApiError:
    """Say 422 for a text over its limit."""
    return invalid(resource, field, "custom", message=f"{field} is too long (maximum is {limit} characters)")


def malformed(problem: str) -> ApiError:
    """Say 422 `Invalid request` for a body that does not fit the endpoint's schema."""
    return ApiError(422, f"Invalid request.\n\n{problem}")
