"""What a token, a repository and its branch let planbot do: reads, and writes that can only be refused."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

from planbot.errors import NotFoundError, PermissionDeniedError
from planbot.tracker import convert
from planbot.tracker.failures import InvalidError
from planbot.tracker.gateway import Gateway
from planbot.tracker.patience import MAX_WAIT
from planbot.tracker.target import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planbot.tracker.records import RepositoryRecord

TokenKind = Literal["classic", "fine-grained", "installation", "oauth", "app user", "unknown"]

# https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
_PREFIXES: dict[str, TokenKind] = {
    "ghp_": "classic",
    "github_pat_": "fine-grained",
    "ghs_": "installation",
    "gho_": "oauth",
    "ghu_": "app user",
}
_RUNS = 100


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """Hold what is known of a token; `scopes` is None where the server does not tell, `clock` its time."""

    kind: TokenKind
    login: str | None
    scopes: tuple[str, ...] | None
    clock: float | None


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """Hold what a branch demands of a push; with `unsure`, some of it may be hidden from this token."""

    pull_request: bool = False
    signatures: bool = False
    checks: tuple[str, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class ActionsRecord:
    """Hold what a repository lets GitHub Actions do."""

    enabled: bool
    allowed: str
    may_open_pulls: bool


@dataclass(frozen=True, slots=True)
class WorkflowRecord:
    """Hold a workflow: its id, the path of its file, and its state, such as `active`."""

    id: int
    path: str
    state: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Hold from when to when a run of a workflow lasted, in epoch seconds."""

    start: float
    end: float


class Inspector:
    """Ask about one repository with one token; changes nothing."""

    def __init__(self, gateway: Gateway, token: str, repository: str) -> None:
        self._gateway = gateway
        self._token = token
        self._path = f"/repos/{repository}"
        self._name = repository

    @classmethod
    def connect(
        cls,
        api_url: str,
        token: str,
        repository: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Return an inspector of a repository (`owner/name`); nothing is sent yet."""
        gateway = Gateway(
            api_url,
            Token(token),
            max_wait=MAX_WAIT,
            seconds_between_writes=0,
            timeout=15,
            sleep=sleep,
            clock=clock,
        )
        return cls(gateway, token, repository)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gateway.close()

    def token(self) -> TokenRecord:
        """Return what is known of the token.

        Raises:
            AuthenticationError: if the server does not accept it.
        """
        headers, _ = self._gateway.ask("/rate_limit", doing="ask about the token")
        scopes = headers.get("x-oauth-scopes")
        kinds = [kind for prefix, kind in _PREFIXES.items() if self._token.startswith(prefix)]
        return TokenRecord(
            kinds[0] if kinds else "unknown", self._login(), _scopes(scopes), _time(headers.get("date"))
        )

    def repository(self) -> RepositoryRecord:
        """Return the repository; raise `NotFoundError` where the token does not see it."""
        return self._gateway.get(
            self._path, convert.repository_record, doing=f"read the repository {self._name}"
        )

    def may_write_issues(self) -> bool:
        """Return whether the token may write issues: a label without a name is refused either way, but not alike."""
        return self._may("labels", "try to create a label without a name")

    def may_write_pulls(self) -> bool:
        """Return whether the token may open pull requests: one without branches is refused either way."""
        return self._may("pulls", "try to open a pull request without branches")

    def branch(self, name: str) -> BranchRecord:
        """Return what a branch demands, by rulesets and by classic protection."""
        quoted = quote(name)
        rules = self._get(f"rules/branches/{quoted}", "read the rules of the branch", list)
        branch = self._get(f"branches/{quoted}", "read the branch", dict)
        kinds = {rule.get("type") for rule in rules}
        checks = [*_ruled_checks(rules), *_protected_checks(branch)]
        classic, hidden = self._protection(quoted) if branch.get("protected") else ({}, False)
        return BranchRecord(
            pull_request="pull_request" in kinds or "required_pull_request_reviews" in classic,
            signatures="required_signatures" in kinds or _on(classic, "required_signatures"),
            checks=tuple(dict.fromkeys(checks)),
            unsure=hidden and not rules,  # what is protected by a ruleset need not be so by anything else
        )

    def actions(self) -> ActionsRecord:
        """Return what GitHub Actions may do; raise `TrackerError` where only administrators are told."""
        policy = self._get("actions/permissions", "read the settings of Actions", dict)
        workflow = self._get("actions/permissions/workflow", "read the settings of Actions", dict)
        return ActionsRecord(
            bool(policy.get("enabled")),
            str(policy.get("allowed_actions", "all")),
            bool(workflow.get("can_approve_pull_request_reviews")),
        )

    def workflows(self) -> tuple[WorkflowRecord, ...]:
        """Return the workflows of the repository."""
        listed = self._get(f"actions/workflows?per_page={_RUNS}", "list the workflows", dict)
        return tuple(
            WorkflowRecord(one["id"], str(one["path"]), str(one["state"])) for one in listed["workflows"]
        )

    def runs(self, workflow: int) -> tuple[RunRecord, ...]:
        """Return the newest runs of a workflow, the newest first."""
        path = f"actions/workflows/{workflow}/runs?per_page={_RUNS}"
        listed = self._get(path, "list the runs of a workflow", dict)
        return tuple(
            RunRecord(convert.epoch(one["created_at"]), convert.epoch(one["updated_at"]))
            for one in listed["workflow_runs"]
        )

    def _login(self) -> str | None:
        try:
            return self._gateway.get("/user", convert.user_record, doing="ask whose token this is").login
        except (PermissionDeniedError, NotFoundError):
            return None  # the token of an App or a workflow is nobody's

    def _protection(self, branch: str) -> tuple[dict[str, Any], bool]:
        """Return classic protection, and whether it is hidden from this token."""
        try:
            return self._get(f"branches/{branch}/protection", "read the protection", dict), False
        except (PermissionDeniedError, NotFoundError):
            return {}, True

    def _may(self, path: str, doing: str) -> bool:
        try:
            self._gateway.send("POST", f"{self._path}/{path}", {}, lambda _: None, doing=doing)
        except InvalidError:
            return True
        except (PermissionDeniedError, NotFoundError):
            return False
        return True

    def _get(self, path: str, doing: str, kind: type[Any]) -> Any:
        def parse(data: Any) -> Any:
            if not isinstance(data, kind):
                raise ValueError("the answer has another shape")  # noqa: TRY004 - the answer is at fault
            return data

        return self._gateway.get(f"{self._path}/{path}", parse, doing=f"{doing} in {self._name}")


def _scopes(header: str | None) -> tuple[str, ...] | None:
    if header is None:
        return None
    return tuple(scope.strip() for scope in header.split(",") if scope.strip())


def _time(header: str | None) -> float | None:
    try:
        return None if header is None else parsedate_to_datetime(header).timestamp()
    except ValueError:
        return None


def _on(protection: Mapping[str, Any], name: str) -> bool:
    return bool(protection.get(name, {}).get("enabled"))


def _ruled_checks(rules: list[dict[str, Any]]) -> list[str]:
    return [
        str(check.get("context"))
        for rule in rules
        for check in rule.get("parameters", {}).get("required_status_checks", ())
    ]


def _protected_checks(branch: Mapping[str, Any]) -> list[str]:
    protection = branch.get("protection", {}).get("required_status_checks", {})
    return [str(name) for name in protection.get("contexts", ())]
