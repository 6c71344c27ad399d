"""Ports of the loopback, for programs that have to be told where to listen."""

from __future__ import annotations

import random
import socket
from contextlib import closing

_PORTS = range(
    15_000, 32_000
)  # below those that systems give to clients: what stops is to have its port again


def listens(port: int) -> bool:
    """Return whether somebody takes connections at a port of the loopback."""
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port of the loopback at which nobody listens, and which no client is given."""
    for port in random.sample(_PORTS, 100):
        with closing(socket.socket()) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("no port is free")
