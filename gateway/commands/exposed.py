"""Whether a gateway that asks nobody for credentials may listen where it is to listen."""

import ipaddress
import logging
import socket

from gateway.commands.failure import CONFIGURATION, Failure

__all__ = ["check_open", "is_loopback"]

log = logging.getLogger("gateway.commands")


def check_open(listener: socket.socket, *, is_insecure: bool) -> None:
    """For a gateway without callers: Failure where others can reach it, and nobody said that they may."""
    if is_loopback(listener):
        return
    address = listener.getsockname()[0]
    if is_insecure:
        log.warning("whoever can reach %s may do everything: no callers are configured", address)
        return
    raise Failure(
        f"no callers are configured, and others can reach {address}, who could do everything; give [[callers]] "
        "(`sim-gateway key new` makes a key) or [[issuers]] in the configuration, or --host 127.0.0.1, or --insecure",
        CONFIGURATION,
    )


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach it. By the address that it has: a name may mean anything."""
    return ipaddress.ip_address(str(listener.getsockname()[0]).partition("%")[0]).is_loopback
