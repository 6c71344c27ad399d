"""A local GitHub look-alike over HTTP, for the demo and the tests."""

from planbot.sandbox.faults import Fault
from planbot.sandbox.model import BranchRule
from planbot.sandbox.record import Request
from planbot.sandbox.sandbox import Sandbox
from planbot.sandbox.webhooks import Delivery

__all__ = ["BranchRule", "Delivery", "Fault", "Request", "Sandbox"]
