"""Where the tracker is, which repository is meant, and with which token."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from planbot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_API_URL = "https://api.github.com"

_REPOSITORY = re.compile(r"(?P<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?P<name>(?!\.{1,2}$)[A-Za-z0-9._-]+)")
_SCP_LIKE = re.compile(r"(?:[^/@:]+@)?(?P<host>[^/:]+):(?!//)(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Token:
    """Hold a token so that nothing shows it by accident: only `reveal` tells it.

    Raises:
        UsageError: if it cannot be a token.
    """

    _value: str

    def __post_init__(self) -> None:
        # An HTTP library that cannot send a header quotes it, token and all, in its complaint.
        if not re.fullmatch(r"[!-~]+", self._value):
            raise UsageError(
                "the token is empty or holds characters that no token has",
                hint="Copy it again into GITHUB_TOKEN.",
            )

    def reveal(self) -> str:
        """Return the token itself, to be handed to the client and nowhere else."""
        return self._value

    @property
    def of_installation(self) -> bool:
        """Return whether this is the token of an App's installation, a workflow's among them.

        https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
        """
        return self._value.startswith("ghs_")

    def __repr__(self) -> str:
        return "Token(***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Target:
    """Hold what to connect to; `html_url` is the root of the server's web pages."""

    api_url: str
    repository: str
    token: Token
    html_url: str


def resolve(
    api_url: str | None, repo: str | None, environ: Mapping[str, str], origin_url: str | None
) -> Target:
    """Find the target from arguments, else the environment, else (the repository only) the origin remote.

    Reads GITHUB_API_URL, GITHUB_REPOSITORY, and GITHUB_TOKEN or GH_TOKEN.

    Raises:
        UsageError: if something is missing or malformed.
    """
    api = api_address(api_url or environ.get("GITHUB_API_URL") or DEFAULT_API_URL)
    html_url = web_address(api)
    named = repo or environ.get("GITHUB_REPOSITORY")
    return Target(
        api_url=api,
        repository=_repository(named) if named else _guess(origin_url, html_url),
        token=_token(environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""),
        html_url=html_url,
    )


def api_address(url: str) -> str:
    """Return the address of a server's API as it is used; raise `UsageError` for one that may not be."""
    parts = _split(url)
    if not (parts and parts.scheme in {"http", "https"} and parts.hostname) or parts.query or parts.fragment:
        raise UsageError(
            f"{_without_user(url)!r} is no API address",
            hint=f"It looks like {DEFAULT_API_URL}, or https://HOST/api/v3 for GitHub Enterprise Server.",
        )
    if parts.username is not None:
        raise UsageError(
            f"the API address {_without_user(url)!r} must hold no user or password",
            hint="The token goes into GITHUB_TOKEN.",
        )
    if parts.hostname in {"github.com", "www.github.com"}:
        raise UsageError(f"{url!r} is GitHub's web address", hint=f"Its API is at {DEFAULT_API_URL}.")
    if parts.scheme == "http" and not _is_near(parts.hostname):
        raise UsageError(
            f"{url!r} would send the token unencrypted",
            hint="Use https; http is for this machine and its own network only.",
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only on demand, and then it may turn out to be none
    except ValueError:
        return None
    return parts


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host  # localhost, or a container's name


def web_address(api_url: str) -> str:
    """Return the root of the web pages of the server whose API this is."""
    parts = urlsplit(api_url)
    host = parts.netloc
    # github.com and GHE.com have the API on a host of its own, GitHub Enterprise Server under a path:
    # https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency
    if host == "api.github.com" or host.endswith(".ghe.com"):
        host = host.removeprefix("api.")
    return f"{parts.scheme}://{host}"


def _repository(name: str) -> str:
    if _REPOSITORY.fullmatch(name) is None:
        raise UsageError(f"{name!r} is no repository", hint="Write it as owner/name.")
    return name


def repository_of(url: str | None, html_url: str) -> str | None:
    """Return the repository (`owner/name`) that a remote's address names on this server, or None."""
    host, path = _host_and_path(url or "")
    name = path.strip("/").removesuffix(".git")
    same = host is not None and host == urlsplit(html_url).hostname
    return name if same and _REPOSITORY.fullmatch(name) else None


def _guess(origin_url: str | None, html_url: str) -> str:
    hint = "Name it as owner/name with --repo or GITHUB_REPOSITORY."
    if not origin_url:
        raise UsageError(
            "no repository was named, and there is no origin remote to tell",
            hint="Add it, for plan files and journal are fetched from there: git remote add origin URL",
        )
    if name := repository_of(origin_url, html_url):
        return name
    host, path = _host_and_path(origin_url)
    server = urlsplit(html_url).hostname
    if host not in (None, server) and _REPOSITORY.fullmatch(path.strip("/").removesuffix(".git")):
        raise UsageError(
            f"no repository was named, and origin is on {host}, not on {server}",
            hint=f"{hint} For another server set GITHUB_API_URL.",
        )
    raise UsageError(
        f"no repository was named, and {_without_user(origin_url)!r} (origin) tells none", hint=hint
    )


def _host_and_path(url: str) -> tuple[str | None, str]:
    if scp := _SCP_LIKE.fullmatch(url):
        host, path = scp["host"], scp["path"]
    elif (parts := _split(url)) and parts.hostname:
        host, path = parts.hostname, parts.path
    else:
        return None, ""
    # https://docs.github.com/en/authentication/troubleshooting-ssh/using-ssh-over-the-https-port
    aliases = {"ssh.github.com": "github.com", "www.github.com": "github.com"}
    return aliases.get(host.lower(), host.lower()), path


def _without_user(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)


def _token(value: str) -> Token:
    if not value.strip():
        raise UsageError(
            "there is no token",
            hint="Set GITHUB_TOKEN to one that may read issues and contents of the repository, "
            "and write them unless it is for diff or status.",
        )
    return Token(value.strip())
