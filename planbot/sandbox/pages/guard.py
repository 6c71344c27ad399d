"""What keeps the pages to the person in front of them: whose form it is, and what a browser may run."""

from __future__ import annotations

import hmac
import secrets
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as HttpRequest

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # `no-referrer` would take the origin from forms as well
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class RefusedError(Exception):
    """Refuse a request, with a status and what the person in front of the page should know."""

    def __init__(self, status: int, title: str, advice: str) -> None:
        super().__init__(title)
        self.status, self.title, self.advice = status, title, advice


class Guard:
    """Refuse what comes from elsewhere than the sandbox's own pages.

    Nobody signs in, so there is no cookie that another site could make use of: a form counts because it holds the
    token, which only these pages show and other sites cannot read.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)

    def check_host(self, http: HttpRequest) -> None:
        """Raise `RefusedError` 403 for a name that is not this machine's.

        A site can let its own name lead here and would then read along; an address or `localhost` cannot be
        turned so. https://en.wikipedia.org/wiki/DNS_rebinding
        """
        name = urlsplit(f"//{http.host}").hostname or ""
        if name != "localhost" and not _is_address(name):
            advice = "Open the page by the address that the sandbox printed when it started."
            raise RefusedError(403, f"{name} is no name of this sandbox", advice)

    def check_form(self, http: HttpRequest) -> None:
        """Raise `RefusedError` 403 for a form that another site sent, or one that is from before a restart.

        https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
        """
        site, origin = http.headers.get("Sec-Fetch-Site"), http.headers.get("Origin")
        if site not in (None, "same-origin") or origin not in (None, f"http://{http.host}"):
            raise RefusedError(403, "Another site sent this form", "Nothing was changed.")
        if not hmac.compare_digest(http.form.get("token", "").encode(), self.token.encode()):
            advice = (
                "The page is from before the sandbox was started. Go back, load it again, and try once more."
            )
            raise RefusedError(403, "This form has expired", advice)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
