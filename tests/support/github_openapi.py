"""GitHub's own description of its REST API, and how an exchange differs from it.

The description is the npm package `@octokit/openapi`. It is OpenAPI 3.0; what a validator of JSON Schema
understands differently is converted. Where it is loose we are stricter: no key that it does not name, times
to the second, absolute addresses, and the checks of `strict_problems`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jsonschema_rs
from support import npm_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.sandbox import Request

PACKAGE, PACKAGE_VERSION = "@octokit/openapi", "23.0.2"
_DROPPED = ("example", "examples", "discriminator", "xml", "externalDocs", "description")
_KEPT_AS_IT_IS = ("default", "enum", "const", "required")
_PATH_LIKE = ("path", "ref", "branch", "name", "basehead")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ANY_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ADDRESS = re.compile(r"(https?|git|ssh)://[^/\s]+(/\S*)?")


def _is_any_time(text: str) -> bool:
    return _ANY_TIME.fullmatch(text) is not None


_FORMATS = {
    "date-time": lambda text: bool(_TIME.fullmatch(text)),
    "uri": lambda text: bool(_ADDRESS.fullmatch(text)),
    "uri-template": lambda text: bool(_ADDRESS.fullmatch(text)),
}

_REST = "https://docs.github.com/rest/using-the-rest-api"
EVERYWHERE = {
    301: f"{_REST}/best-practices-for-using-the-rest-api#follow-redirects",
    304: f"{_REST}/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate",
    307: f"{_REST}/best-practices-for-using-the-rest-api#follow-redirects",
    400: f"{_REST}/troubleshooting-the-rest-api#400-bad-request",
    401: "https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#failed-login-limit",
    403: f"{_REST}/rate-limits-for-the-rest-api#exceeding-the-rate-limit",
    415: f"{_REST}/getting-started-with-the-rest-api#accept",
    429: f"{_REST}/rate-limits-for-the-rest-api#exceeding-the-rate-limit",
}
"""Statuses that any endpoint may answer, and the page that says so; the description names few of them."""

_TROUBLE = f"{_REST}/troubleshooting-the-rest-api"
_MISSING = f"{_TROUBLE}#404-not-found-for-an-existing-resource"
_INVALID = f"{_TROUBLE}#validation-failed"
_ISSUES = "/repos/{owner}/{repo}/issues"
GAPS = {
    ("PATCH", f"{_ISSUES}/comments/{{comment_id}}", 404): _MISSING,
    ("DELETE", f"{_ISSUES}/comments/{{comment_id}}", 404): _MISSING,
    ("PATCH", "/repos/{owner}/{repo}/labels/{name}", 404): _MISSING,
    ("PATCH", "/repos/{owner}/{repo}/labels/{name}", 422): _INVALID,
    ("DELETE", "/repos/{owner}/{repo}/labels/{name}", 404): _MISSING,
    ("PATCH", "/repos/{owner}/{repo}/milestones/{milestone_number}", 404): _MISSING,
    ("PATCH", "/repos/{owner}/{repo}/milestones/{milestone_number}", 422): _INVALID,
    ("GET", "/repos/{owner}/{repo}/pulls", 404): _MISSING,
    ("POST", "/repos/{owner}/{repo}/pulls", 404): _MISSING,
    ("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", 404): _MISSING,
    ("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", 404): _MISSING,
    ("GET", "/repos/{owner}/{repo}/branches", 409): f"{_TROUBLE}#409-conflict",
}
"""Answers that GitHub gives and its description forgets: method, path, status, and the page that tells."""

CORRECTED = {
    ("GET", "/app/installations", "200"): {
        "type": "array",
        "items": {"$ref": "#/components/schemas/installation"},
    },
}
"""Answers that the description has wrong: the account is a user or an enterprise, not both at once."""

NULLS = {
    (
        "PATCH",
        "/repos/{owner}/{repo}/milestones/{milestone_number}",
        "due_on",
    ): "https://github.com/octokit/octokit.js/pull/1404",
}
"""Fields of requests that may be null and that the description says are texts, and where that was found out."""

FORGOTTEN_IN_EVENTS = ("user_view_type",)
"""Keys that the API has, and that the descriptions of some events name and of others forget."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Hold one method and path template of the description."""

    method: str
    template: str
    pattern: re.Pattern[str]
    entry: dict[str, Any]


class Description:
    """Hold the description and compare exchanges with it."""

    def __init__(self, document: dict[str, Any], version: str = "2022-11-28") -> None:
        self._document = document if version == "2022-11-28" else _changed(document, version)
        self._validators: dict[tuple[str, str, str], jsonschema_rs.Draft202012Validator] = {}

    @classmethod
    def fetch(cls, version: str = "2022-11-28") -> Description:
        """Return the description of one version of the API. Raises `npm_package.MissingError`."""
        path = npm_package.member(PACKAGE, PACKAGE_VERSION, "generated/api.github.com.json")
        return cls(json.loads(path.read_bytes()), version)

    @cached_property
    def operations(self) -> list[Operation]:
        """Return every operation, those with the fewest placeholders and the longest templates first."""
        found = [
            Operation(method.upper(), template, _pattern(template), entry)
            for template, entries in self._document["paths"].items()
            for method, entry in entries.items()
        ]
        return sorted(found, key=lambda one: (one.template.count("{"), -len(one.template)))

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request is for."""
        wanted = "GET" if method == "HEAD" else method
        matches = (o for o in self.operations if o.method == wanted and o.pattern.fullmatch(path))
        return next(matches, None)

    def schema(self, name: str) -> dict[str, Any]:
        """Return a schema as the description has it."""
        found: dict[str, Any] = self._document["components"]["schemas"][name]
        return found

    def problems(self, request: Request) -> list[str]:
        """Return how a request and its answer differ from the description."""
        operation = self.operation(request.method, request.path)
        if operation is None:
            unknown = request.status == 404 or request.path == "/graphql"
            return [] if unknown else [f"{request.method} {request.path} is not described"]
        found = [*self._answer_problems(operation, request), *strict_problems(request)]
        if request.status < 400:
            found += [*self._body_problems(operation, request), *self._query_problems(operation, request)]
        name = f"{operation.method} {operation.template} {request.status}"
        return [f"{name}: {problem}" for problem in found]

    def payload_problems(self, event: str, action: str | None, payload: Any) -> list[str]:
        """Return how a webhook's payload differs from its description."""
        name = "-".join(part for part in ("webhook", event, action) if part).replace("_", "-")
        validator = self._validator(("payload", name, ""), {"$ref": f"#/components/schemas/{name}"})
        known = _without_keys(json.loads(json.dumps(payload)), FORGOTTEN_IN_EVENTS)
        return [f"{name}: {problem}" for problem in _errors(validator, known)]

    def _answer_problems(self, operation: Operation, request: Request) -> Iterator[str]:
        response = operation.entry["responses"].get(str(request.status))
        if response is None:
            if request.status not in EVERYWHERE and not is_gap(operation, request.status):
                yield "the status is not described"
            elif isinstance(request.answer, dict):
                yield from _errors(self._basic_error, _without_status(request))
            return
        content = self._resolved(response).get("content")
        if not content:
            if request.answer is not None and request.status not in EVERYWHERE:
                yield "a body is not described"
            return
        if request.headers.get("Content-Type") == "text/html" and request.status == 403:
            return  # refused for want of a user agent, before the API sees it
        media = content.get("application/json") or next(iter(content.values()))
        key = (operation.method, operation.template, str(request.status))
        schema = CORRECTED.get(key, media["schema"])
        yield from _errors(self._validator(key, schema), _without_status(request))

    def _body_problems(self, operation: Operation, request: Request) -> Iterator[str]:
        described = operation.entry.get("requestBody")
        if described is None:
            if request.body is not None:
                yield "a request body is not described"
            return
        described = self._resolved(described)
        schema = described["content"]["application/json"]["schema"]
        if request.body is None:
            if described.get("required"):
                yield "the request body is missing"
            return
        nulls = [
            name for method, path, name in NULLS if (method, path) == (operation.method, operation.template)
        ]
        body = {key: value for key, value in request.body.items() if value is not None or key not in nulls}
        yield from _errors(self._validator((operation.method, operation.template, "body"), schema), body)

    def _query_problems(self, operation: Operation, request: Request) -> Iterator[str]:
        parameters = [self._resolved(p) for p in operation.entry.get("parameters", ())]
        schemas = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
        for name, values in parse_qs(request.query, keep_blank_values=True).items():
            if name in ("after", "before"):
                continue  # cursors come from our own Link header
            if name not in schemas:
                yield f"the query parameter {name} is not described"
                continue
            validator = self._validator((operation.method, operation.template, f"?{name}"), schemas[name])
            yield from (
                f"{name}: {problem}" for problem in _errors(validator, _from_query(schemas[name], values[0]))
            )

    @cached_property
    def _basic_error(self) -> jsonschema_rs.Draft202012Validator:
        error = {
            "anyOf": [{"$ref": f"#/components/schemas/{n}"} for n in ("basic-error", "validation-error")]
        }
        return self._validator(("error", "", ""), error)

    def _resolved(self, entry: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in entry:
            _, section, kind, name = entry["$ref"].split("/")
            entry = self._document[section][kind][name]
        return entry

    def _validator(self, key: tuple[str, str, str], schema: Any) -> jsonschema_rs.Draft202012Validator:
        validator = self._validators.get(key)
        if validator is None:
            converted = {"allOf": [_convert(schema)]}
            converted["components"] = self._closure(converted)
            formats = _FORMATS if key[2].isdecimal() else _FORMATS | {"date-time": _is_any_time}
            validator = jsonschema_rs.Draft202012Validator(converted, validate_formats=True, formats=formats)
            self._validators[key] = validator
        return validator

    def _closure(self, schema: Any) -> Any:
        """Return the converted components that a schema needs, directly or through others."""
        found: dict[str, dict[str, Any]] = {"schemas": {}, "open": {}}
        waiting = list(_references(schema))
        while waiting:
            kind, name = waiting.pop()
            if name not in found[kind]:
                source = self._document["components"]["schemas"][name]
                found[kind][name] = _convert(source, closed=kind == "schemas")
                waiting.extend(_references(found[kind][name]))
        return found


def _without_status(request: Request) -> Any:
    """Return an answer without the status that every refusal carries and the description often forgets."""
    if request.status < 400 or not isinstance(request.answer, dict):
        return request.answer
    return {
        key: value for key, value in request.answer.items() if (key, value) != ("status", str(request.status))
    }


def _without_keys(value: Any, names: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_without_keys(item, names) for item in value]
    if isinstance(value, dict):
        return {key: _without_keys(item, names) for key, item in value.items() if key not in names}
    return value


def is_gap(operation: Operation, status: int) -> bool:
    """Tell whether an answer is one that the description forgets."""
    return (operation.method, operation.template, status) in GAPS


def strict_problems(request: Request) -> Iterator[str]:
    """Find what the description lets through: enums it does not name, addresses that lead elsewhere."""
    if request.answer is None or request.status >= 300:
        return
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        yield f"the content type is {request.headers.get('Content-Type')}"
    if "X-RateLimit-Remaining" not in request.headers:
        yield "the rate limit headers are missing"
    base = request.base_url
    for path, key, value, parent in _walk(request.answer, ""):
        problem = _value_problem(key, value, parent, base)
        if problem:
            yield f"{path}: {problem}"


_CHOICES: dict[str, tuple[str, ...]] = {
    "state": ("open", "closed"),
    "visibility": ("public", "private", "internal"),
    "mergeable_state": ("clean", "dirty", "unknown", "blocked", "behind", "unstable", "draft"),
}
_WORKFLOW_STATES = ("active", "deleted", "disabled_fork", "disabled_inactivity", "disabled_manually")
_SHAPES = {"sha": r"[0-9a-f]{40}", "color": r"[0-9a-f]{6}", "node_id": r"[A-Z]+_[\w-]+"}
_ELSEWHERE = ("git_url", "ssh_url")


def _value_problem(key: str, value: Any, parent: dict[str, Any], base: str) -> str:
    problem = ""
    if isinstance(value, str) and (key == "url" or key.endswith("_url")):
        leads_away = not value.startswith(base) and key not in _ELSEWHERE and "insecure_ssl" not in parent
        problem = f"{value} leads away from {base}" if leads_away else ""
    elif key == "state" and "badge_url" in parent:
        problem = "" if value in _WORKFLOW_STATES else f"{value!r} is no state of a workflow"
    elif key in _CHOICES and value not in _CHOICES[key]:
        problem = f"{value!r} is none of {_CHOICES[key]}"
    elif key in _SHAPES and not re.fullmatch(_SHAPES[key], str(value)):
        problem = f"{value!r} does not look like a {key}"
    elif key == "type" and "login" in parent and value not in ("User", "Bot", "Organization"):
        problem = f"{value!r} is no type of user"
    elif key == "closed_at" and "state" in parent and (value is None) != (parent["state"] == "open"):
        problem = f"{value!r} does not fit the state {parent['state']}"
    return problem


def _walk(value: Any, path: str) -> Iterator[tuple[str, str, Any, dict[str, Any]]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}/{key}", key, inner, value
            yield from _walk(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{path}/{index}")


def _errors(validator: jsonschema_rs.Draft202012Validator, value: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, e.instance_path))}: {e.message[:200]}" for e in validator.iter_errors(value)
    ][:5]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    regexes = [_placeholder(part) if part.startswith("{") else re.escape(part) for part in parts]
    return re.compile("".join(regexes))


def _placeholder(part: str) -> str:
    return ".*" if part == "{path}" else ".+" if part[1:-1] in _PATH_LIKE else "[^/]+"


def _from_query(schema: dict[str, Any], text: str) -> Any:
    kind = schema.get("type")
    if kind == "integer" and text.isdecimal():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _references(schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            _, _, kind, name = reference.split("/")
            yield kind, name
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _convert(schema: Any, *, closed: bool = True) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema; a closed object has no key that the description does not name.

    The parts of an `allOf` stay open, and the whole is closed instead.
    """
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key not in _DROPPED:
            result["anyOf" if key == "oneOf" else key] = _convert_part(key, value, closed=closed)
    if closed:
        _close(result)
    return _with_null(result) if result.pop("nullable", False) is True else result


def _convert_part(key: str, value: Any, *, closed: bool) -> Any:
    if key == "properties":
        return {name: _convert(inner) for name, inner in value.items()}
    if key in ("oneOf", "anyOf", "allOf"):
        return [_convert(inner, closed=closed and key != "allOf") for inner in value]
    if key == "$ref":
        return value if closed else value.replace("/schemas/", "/open/")
    return value if key in _KEPT_AS_IT_IS else _convert(value)


def _close(schema: dict[str, Any]) -> None:
    if "additionalProperties" in schema or not ("properties" in schema or "allOf" in schema):
        return
    composed = any(key in schema for key in ("allOf", "anyOf", "$ref"))
    schema["unevaluatedProperties" if composed else "additionalProperties"] = False


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return {"anyOf": [{"type": "null"}, schema]}


def _changed(value: Any, version: str) -> Any:
    """Return a part of the description as a newer version of the API has it."""
    if isinstance(value, list):
        return [_changed(item, version) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _changed(item, version) for key, item in value.items()}
    changes = result.pop("x-github-breaking-changes", ())
    for change in changes:
        if change["version"] <= version:
            result = _patched(result, change["patch"])
    return result


def _patched(value: Any, patch: Any) -> Any:
    """Apply a JSON patch (a list of removals and replacements) or a merge patch (an object)."""
    if not isinstance(patch, list):
        return _merged(value, patch)
    for operation in patch:
        *way, last = (step.replace("~1", "/") for step in operation["path"].split("/")[1:])
        target = value
        for step in way:
            target = target[_index(target, step)]
        if operation["op"] == "remove":
            del target[_index(target, last)]
        else:
            target[_index(target, last)] = operation["value"]
    return value


def _merged(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict) or not isinstance(value, dict):
        return patch
    kept = {key: item for key, item in value.items() if key not in patch}
    changed = {key: _merged(value.get(key, {}), item) for key, item in patch.items() if item is not None}
    return kept | changed


def _index(target: Any, step: str) -> int | str:
    return int(step) if isinstance(target, list) else step
