"""What only a sandbox has: addresses under `/_sandbox` by which another process steers it."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from planbot.sandbox.answers import refusal
from planbot.sandbox.clock import parse_timestamp, timestamp
from planbot.sandbox.faults import Fault
from planbot.sandbox.fields import Fields
from planbot.sandbox.problems import ApiError, malformed, not_found
from planbot.sandbox.routing import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request as HttpRequest

    from planbot.sandbox.record import Request
    from planbot.sandbox.services import Services

_PREFIX = "/_sandbox"
_FAULT_FIELDS = {field.name for field in fields(Fault)} - {"action"}


def is_admin(path: str) -> bool:
    """Tell whether a path is for steering the sandbox."""
    return path.startswith(f"{_PREFIX}/")


def answer_admin(http: HttpRequest, services: Services, requests: list[Request]) -> Answer:
    """Steer the sandbox; see `_ACTIONS` for what there is."""
    try:
        if (http.method, http.path) == ("GET", f"{_PREFIX}/requests"):
            return Answer(body=[asdict(request) for request in requests])
        action = _ACTIONS.get((http.method, http.path.removeprefix(_PREFIX)))
        if action is None:
            raise not_found()
        action(services, Fields.parse(http.get_data()).values)
        if http.path == f"{_PREFIX}/reset":
            requests.clear()
    except ApiError as error:
        return refusal(error)
    return Answer(204)


def _reset(services: Services, _values: dict[str, Any]) -> None:
    services.reset()


def _add_fault(services: Services, values: dict[str, Any]) -> None:
    """Add a fault: the body has the fields of `Fault`."""
    unknown = set(values) - _FAULT_FIELDS
    if unknown:
        raise malformed(f"a fault has no {', '.join(sorted(unknown))}")
    services.faults.add(Fault(**values))


def _clear_faults(services: Services, _values: dict[str, Any]) -> None:
    services.faults.clear()


def _set_lists(services: Services, values: dict[str, Any]) -> None:
    """Let lists of issues lag by `lag` seconds, or stand still while `frozen`."""
    services.faults.lag_lists(float(values.get("lag", 0)))
    if values.get("frozen"):
        services.faults.freeze_lists()
    else:
        services.faults.thaw_lists()


def _set_clock(services: Services, values: dict[str, Any]) -> None:
    """Set the clock to `time`, move it by `advance` seconds, hold it, or `release` it."""
    try:
        if "time" in values:
            services.clock.advance(parse_timestamp(values["time"]) - services.clock.now())
    except ValueError:
        raise malformed(f"the time should read like {timestamp(services.clock.now())}") from None
    services.clock.advance(float(values.get("advance", 0)))
    if "held" in values:
        (services.clock.hold if values["held"] else services.clock.release)()


def _set_limits(services: Services, values: dict[str, Any]) -> None:
    """Set any of the limits by name; a secondary one is off with null."""
    names = [name for name in vars(services.limits) if not name.startswith("_")]
    for name, value in values.items():
        if name not in names:
            raise malformed(f"there is no limit {name}: there are {', '.join(names)}")
        setattr(services.limits, name, value)


_ACTIONS: dict[tuple[str, str], Callable[[Services, dict[str, Any]], None]] = {
    ("POST", "/reset"): _reset,
    ("POST", "/faults"): _add_fault,
    ("DELETE", "/faults"): _clear_faults,
    ("PUT", "/lists"): _set_lists,
    ("PUT", "/clock"): _set_clock,
    ("PUT", "/limits"): _set_limits,
}
