"""GitHub Apps: registered with a key of their own, installed on accounts, at work with tokens good for an hour.

https://docs.github.com/apps/creating-github-apps/about-creating-github-apps/about-creating-github-apps
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planbot.sandbox.model import App, Grant, Installation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planbot.sandbox.store import Store

TOKEN_SECONDS = 3600


def register(store: Store, slug: str) -> tuple[App, str]:
    """Add an App with a bot of its own; return it and its private key in PEM form."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  heavy, and few need it
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  likewise

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    store.add_user(f"{slug}[bot]", role="none", kind="bot")
    app = App(store.next_id(), slug, public.decode(), store.clock.now())
    store.state.apps[app.id] = app
    return app, private.decode()


def install(store: Store, app: App, account: str, repositories: Sequence[str] | None) -> Installation:
    """Install an App on an account, for these repositories (`owner/name`), or all of the account's for None."""
    ids = None if repositories is None else [store.repository_named(name).id for name in repositories]
    installation = Installation(store.next_id(), account, store.clock.now(), ids)
    app.installations[installation.id] = installation
    return installation


def grant(store: Store, app: App, installation: Installation) -> tuple[str, Grant]:
    """Return a fresh token of an installation, and what it is good for."""
    token = store.add_token(f"{app.slug}[bot]")
    store.state.grants[token] = Grant(installation.id, store.clock.now() + TOKEN_SECONDS)
    return token, store.state.grants[token]
