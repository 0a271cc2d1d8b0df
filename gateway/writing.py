"""What a provider can be told to change. An adapter overrides the operations its API has; the rest refuse.

Each takes one record of `gateway.changes` and makes exactly one HTTP call, with `Client.write`, after everything that
can be refused beforehand was: what their API cannot say raises Unsupported, what is wrong in `extra` raises Invalid
with its path. What they do not allow is sent, and their refusal is passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from msgspec import UNSET

from gateway.changes import (
    AddProfileNetwork,
    CreateFleet,
    CreateNetworkAccessProfile,
    CreateRatePlan,
    DeleteRatePlan,
    DeleteSim,
    DeleteSmsCommand,
    OrderEsimProfile,
    RegisterSim,
    RemoveProfileNetwork,
    SendIpCommand,
    SendSmsCommand,
    UpdateFleet,
    UpdateNetworkAccessProfile,
    UpdateRatePlan,
    UpdateSim,
    Write,
)
from gateway.operation import Capable, writing
from schema.command import IpCommand, SmsCommand
from schema.errors import Invalid, Unsupported
from schema.fleet import Fleet
from schema.lifecycle import EsimProfile
from schema.network import NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.sim import Sim
from schema.status import SimTarget

__all__ = ["Done", "Writing"]

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    """What a provider answered to a write that it took.

    `thing` is the state it answered with; None where it answers none, which is then read back. `is_pending`: it said
    that the change is under way (HTTP 202). `request_id` is its own name for the call, where it gives one.
    """

    thing: T | None = None
    is_pending: bool = False
    request_id: str | None = None


class Writing(Capable):
    """The part of a provider that changes something."""

    targets: ClassVar[Mapping[SimTarget, str]] = {}
    """The provider's word for each status a SIM can be asked to take, where exactly one word means it."""

    target_notes: ClassVar[Mapping[SimTarget, str]] = {}
    """Why there is none, where there is none."""

    settable: ClassVar[frozenset[str]] = frozenset()
    """Every word that can be asked for, as `nativeStatus`."""

    status_consequences: ClassVar[Mapping[str, str]] = {}
    """What is known to follow from a word: that it is charged from then on, that there is no way back."""

    write_consequences: ClassVar[Mapping[str, str]] = {}
    """What is known to follow from an operation."""

    text_limit: ClassVar[int | None] = 160
    """Characters of the GSM alphabet in one text message; None: not checked here, as it is the provider's own."""

    binary_limit: ClassVar[int | None] = 140
    """Bytes in one text message; None: as above."""

    def native_target(self, write: UpdateSim) -> str | None:
        """The provider's word for the wanted status; None where none is wanted.

        Raises Unsupported for a status that its API cannot say, Invalid for a word that is not one of its own.
        """
        if write.native_status is not UNSET:
            if write.native_status not in self.settable:
                allowed = ", ".join(sorted(self.settable)) or "none"
                message = f"nativeStatus: this provider takes {allowed}; found {write.native_status[:40]!r}"
                raise Invalid(message, path=["input", "nativeStatus"])
            return write.native_status
        if write.status is UNSET:
            return None
        if write.status not in self.targets:
            why = self.target_notes.get(write.status, "the provider has no such status")
            raise Unsupported(f"status: {write.status.value} cannot be asked for: {why}", path=["input", "status"])
        return self.targets[write.status]

    def consequence(self, operation: str, write: Write) -> str | None:
        """What is known to follow from this write beyond what it says; None where nothing is."""
        word = self.native_target(write) if isinstance(write, UpdateSim) else None
        told = [self.write_consequences.get(operation), self.status_consequences.get(word or "")]
        return "; ".join(each for each in told if each) or None

    @writing
    async def register_sim(self, write: RegisterSim) -> Done[Sim]:
        """Take a SIM, by what is printed on it, into the account."""
        raise self.lacks("register_sim")

    @writing
    async def update_sim(self, write: UpdateSim) -> Done[Sim]:
        """Change a SIM's name, status, fleet, plan and whatever else the API lets change, in one call."""
        raise self.lacks("update_sim")

    @writing
    async def delete_sim(self, write: DeleteSim) -> Done[Sim]:
        """Take a SIM out of the account for good."""
        raise self.lacks("delete_sim")

    @writing
    async def send_sms_command(self, write: SendSmsCommand) -> Done[SmsCommand]:
        """Send a text message, or bytes in one, to a SIM's device."""
        raise self.lacks("send_sms_command")

    @writing
    async def send_ip_command(self, write: SendIpCommand) -> Done[IpCommand]:
        """Send a UDP datagram to a SIM's device."""
        raise self.lacks("send_ip_command")

    @writing
    async def delete_sms_command(self, write: DeleteSmsCommand) -> Done[SmsCommand]:
        """Take a command out of the account's list."""
        raise self.lacks("delete_sms_command")

    @writing
    async def create_fleet(self, write: CreateFleet) -> Done[Fleet]:
        """Make a fleet."""
        raise self.lacks("create_fleet")

    @writing
    async def update_fleet(self, write: UpdateFleet) -> Done[Fleet]:
        """Change a fleet."""
        raise self.lacks("update_fleet")

    @writing
    async def create_network_access_profile(self, write: CreateNetworkAccessProfile) -> Done[NetworkAccessProfile]:
        """Make a network access profile."""
        raise self.lacks("create_network_access_profile")

    @writing
    async def update_network_access_profile(self, write: UpdateNetworkAccessProfile) -> Done[NetworkAccessProfile]:
        """Rename a network access profile."""
        raise self.lacks("update_network_access_profile")

    @writing
    async def add_profile_network(self, write: AddProfileNetwork) -> Done[NetworkAccessProfile]:
        """Allow a network in a network access profile. The answer is the network, so `Done.thing` stays None."""
        raise self.lacks("add_profile_network")

    @writing
    async def remove_profile_network(self, write: RemoveProfileNetwork) -> Done[NetworkAccessProfile]:
        """Allow a network in a network access profile no more."""
        raise self.lacks("remove_profile_network")

    @writing
    async def order_esim_profile(self, write: OrderEsimProfile) -> Done[EsimProfile]:
        """Order an eSIM profile."""
        raise self.lacks("order_esim_profile")

    @writing
    async def create_rate_plan(self, write: CreateRatePlan) -> Done[RatePlan]:
        """Make a rate plan."""
        raise self.lacks("create_rate_plan")

    @writing
    async def update_rate_plan(self, write: UpdateRatePlan) -> Done[RatePlan]:
        """Rename a rate plan."""
        raise self.lacks("update_rate_plan")

    @writing
    async def delete_rate_plan(self, write: DeleteRatePlan) -> Done[RatePlan]:
        """Delete a rate plan."""
        raise self.lacks("delete_rate_plan")
