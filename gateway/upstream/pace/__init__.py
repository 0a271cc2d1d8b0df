"""How fast an account may be asked, whose turn it is, and how replicas keep its limits together."""

from gateway.upstream.pace.limits import Limits
from gateway.upstream.pace.pace import Pace, Quota, Turn
from gateway.upstream.pace.refusal import NoTurn

__all__ = ["Limits", "NoTurn", "Pace", "Quota", "Turn"]
