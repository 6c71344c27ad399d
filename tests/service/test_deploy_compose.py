"""`config/deploy/compose.yml` and its proxy: that they fit the service, and that the proxy does what it is for."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml
from service.hooks import Wishes, delivery_id, fronted, signature
from service.outcomes import board
from service.test_deploy import DEPLOY, skip
from service.test_webhooks import ISSUE
from support.ports import free_port, listens
from support.postgres import PASSWORD

from planbot.service.settings import PagesOptions, ServiceSettings, WebhookOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.hooks import Fronted
    from support.postgres import Postgres

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
PROXY = (DEPLOY / "haproxy.cfg").read_text()
LONG_RUNNING = ("serve", "worker")
WORD = "open sesame"


def test_what_is_started_are_commands_that_need_no_more_than_the_environment_says(
    cluster: Postgres, database: str
) -> None:
    name = database.rpartition("/")[2]
    given = SERVICES["setup"]["environment"]
    assert set(given) == {"PLANBOT_QUEUE", "PGPASSWORD"}
    queue = given["PLANBOT_QUEUE"].replace("@database/planbot", f"@127.0.0.1:{cluster.port}/{name}")

    def run(service: str) -> subprocess.CompletedProcess[str]:
        words = [word.replace("/etc/planbot/", "/nowhere/") for word in SERVICES[service]["command"]]
        return subprocess.run(
            [sys.executable, "-m", "planbot", *words],
            env={**os.environ, "PLANBOT_QUEUE": queue, "PGPASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("setup")
    assert (done.returncode, PASSWORD in done.stderr) == (0, False), done.stderr
    for service in LONG_RUNNING:
        done = run(service)
        assert done.returncode == 2
        assert "/nowhere/service.yml: the settings cannot be read" in done.stderr


def test_who_stops_them_waits_longer_than_they_take() -> None:
    grace = ServiceSettings((), None, None).grace
    for name in LONG_RUNNING:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > grace


def test_what_the_proxy_and_the_health_check_ask_is_what_is_listened_at() -> None:
    places = re.findall(r"^  server-template serve (\d+) serve:(\d+)$", PROXY, re.MULTILINE)
    ports = [one.listen[1] for one in (WebhookOptions(), PagesOptions())]
    assert [int(port) for _, port in places] == ports
    assert {int(count) for count, _ in places} == {SERVICES["serve"]["deploy"]["replicas"]}
    bound = re.search(r"^  bind :(\d+) ssl crt (\S+)/tls.pem", PROXY, re.MULTILINE)
    assert bound is not None
    assert SERVICES["proxy"]["ports"] == [f"443:{bound[1]}"]
    assert f"{bound[2]}:{bound[2]}:ro" in SERVICES["proxy"]["volumes"]


def test_the_example_of_the_environment_names_every_variable_that_is_wanted() -> None:
    example = re.findall(r"^([A-Z_]+)=$", (DEPLOY / "environment.example").read_text(), re.MULTILINE)
    wanted = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yml").read_text()))
    named = set(re.findall(r"env: ([A-Z_]+)", (DEPLOY.parent / "service.yml").read_text()))
    assert set(example) == wanted | named


def test_the_password_is_in_no_address_and_no_argument() -> None:
    for service in SERVICES.values():
        assert "PASSWORD" not in json.dumps([service.get("command"), service.get("healthcheck")])
        assert "PASSWORD" not in service.get("environment", {}).get("PLANBOT_QUEUE", "")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Ask a proxy that runs."""

    url: str
    certificate: str

    def get(self, path: str, password: str = "") -> requests.Response:
        """Ask for a page."""
        login = ("planbot", password) if password else None
        return requests.get(self.url + path, auth=login, verify=self.certificate, timeout=60)

    def post(self, length: int = 0) -> int:
        """Send a webhook as GitHub does, with an issue's text of so many characters; return the status."""
        issue = ISSUE["issue"] | {"body": "x" * length}
        body = json.dumps(ISSUE | {"issue": issue}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "issues",
            "X-GitHub-Delivery": delivery_id(),
            "X-Hub-Signature-256": signature(body),
        }
        url = f"{self.url}/webhook"
        return requests.post(url, body, headers=headers, verify=self.certificate, timeout=60).status_code


def haproxy() -> str:
    """Return where the program is; Debian has it off most people's PATH."""
    found = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    return found or skip("no HAProxy is installed: apt-get install haproxy")


@contextmanager
def proxied(folder: Path, *behind: Fronted) -> Iterator[Proxy]:
    """Run the proxy as it is shipped, but for the addresses, which are of this machine."""
    program = haproxy()
    key, certificate, pem = folder / "key.pem", folder / "certificate.pem", folder / "tls.pem"
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run(["openssl", "req", "-x509", *made, *names, *files], check=True, capture_output=True)
    pem.write_text(key.read_text() + certificate.read_text())
    port = free_port()
    text = PROXY.replace("bind :8443", f"bind 127.0.0.1:{port}").replace("/etc/planbot-proxy", str(folder))
    for listened, urls in ((8321, [one.hooks for one in behind]), (8322, [one.pages for one in behind])):
        servers = [f"  server serve{at} {urlsplit(url).netloc}" for at, url in enumerate(urls)]
        text = text.replace(f"  server-template serve 2 serve:{listened}", "\n".join(servers))
    settings = folder / "haproxy.cfg"
    settings.write_text(text)
    command = [program, "-db", "-f", str(settings)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "PAGES_PASSWORD": WORD}, stdout=log, stderr=log
        )
        try:
            proxy = Proxy(f"https://localhost:{port}", str(certificate))
            while not listens(port):
                assert process.poll() is None, (folder / "log").read_text()
            yield proxy
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_the_proxy_s_settings_are_as_its_own_program_wants_them(tmp_path: Path) -> None:
    with fronted() as one, proxied(tmp_path, one):
        said = subprocess.run(
            [haproxy(), "-c", "-f", str(tmp_path / "haproxy.cfg")],
            env={**os.environ, "PAGES_PASSWORD": WORD},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stderr) == (0, "")


def test_webhooks_are_for_everybody_and_pages_for_those_who_have_the_password(tmp_path: Path) -> None:
    with fronted(board=board("octo/plans")) as one, proxied(tmp_path, one) as proxy:
        assert proxy.post() == 202
        assert one.wishes.asked
        for path in ("/", "/metrics", "/style.css", "/readyz", "/webhook/"):
            assert proxy.get(path).status_code == 401
        assert proxy.get("/", "a guess").status_code == 401
        page = proxy.get("/", WORD)
        assert (page.status_code, "octo/plans" in page.text) == (200, True)


@pytest.mark.parametrize("how", ["drain", "stop"])
def test_while_one_of_two_ends_no_webhook_is_refused(tmp_path: Path, how: str) -> None:
    wishes = Wishes()
    with ExitStack() as stack:
        ends, stays = (stack.enter_context(fronted(wishes=wishes)) for _ in range(2))
        proxy = stack.enter_context(proxied(tmp_path, ends, stays))
        assert [proxy.post() for _ in range(4)] == [202] * 4
        getattr(ends.front, how)()
        assert [proxy.post(length) for length in (0, 100_000) for _ in range(10)] == [202] * 20
    assert len(wishes.asked) == 24
