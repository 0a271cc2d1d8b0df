"""What a resolver may ask for. The gateway fills this in for each request; a test may with a stand-in."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from schema.errors import GatewayError
from schema.ids import Key

if TYPE_CHECKING:
    from schema.account import Account
    from schema.connection import Connection
    from schema.job import Job, JobCounts, JobItem, JobItemArgs, JobPayload
    from schema.lifecycle import EsimProfile
    from schema.network import Network
    from schema.relation import Loaders
    from schema.session import DataSession
    from schema.sim import Sim
    from schema.usage import UsageFilter, UsageRecord, UsageSpan, ZoneUsage
    from schema.write import Written

__all__ = ["Answers", "Context"]

T = TypeVar("T")
Answers = list[T | GatewayError | None]
"""One answer for each thing asked, in the order asked: the thing, why not, or null."""


class Context(Protocol):
    """One request's view of the providers: only the accounts its caller may see, each question asked once."""

    loaders: "Loaders"

    @property
    def now(self) -> datetime:
        """The moment this request began, in UTC."""

    def accounts(self) -> "list[Account]":
        """Every account the caller may see, by name."""

    def account(self, name: str) -> "Account":
        """One of those accounts."""

    def give(self, things: int) -> None:
        """Count things of a list that comes with something else. Raises Invalid beyond what a request may be given."""

    async def load(self, kind: type[T], keys: Sequence[Key]) -> Answers[T]:
        """Things by key: null where there is none, or where the account does not exist for the caller."""

    async def complete(self, sims: "Sequence[Sim]") -> "Answers[Sim]":
        """The same SIMs with every field the provider can tell, where a list told only some."""

    async def sims_by_iccid(self, iccid: str) -> "list[Sim]":
        """Every SIM with this ICCID. Raises Unavailable when none is found and an account did not answer."""

    async def sims_by_device(self, device_id: str) -> "list[Sim]":
        """Every SIM linked to this device of a provider's device registry."""

    async def page(
        self,
        kind: type[T],
        filter: object,
        first: int | None,
        after: str | None,
    ) -> "Connection[T]":
        """One page of a list over all chosen accounts."""

    async def pages_of(
        self,
        kind: type[T],
        parents: Sequence[Key],
        args: Any,  # Any: each relation has its own arguments
    ) -> "Answers[Connection[T]]":
        """One page of things for each parent."""

    async def all_of(self, kind: type[T], parents: Sequence[Key]) -> Answers[list[T]]:
        """The few things of a kind that each parent has."""

    async def current_sessions_of(self, sims: Sequence[Key]) -> "Answers[DataSession]":
        """The open or else the latest session of each SIM."""

    async def esim_profiles_of(self, sims: Sequence[Key]) -> "Answers[EsimProfile]":
        """The eSIM profile of each SIM."""

    async def networks_in(self, profiles: Sequence[Key], network: Key) -> "Answers[Network]":
        """The network, for each network access profile that allows it."""

    async def usage(
        self,
        filter: "UsageFilter",
        first: int | None,
        after: str | None,
    ) -> "Connection[UsageRecord]":
        """Usage over accounts, added up as asked."""

    async def usage_of(self, sims: Sequence[Key], span: "UsageSpan") -> "Answers[list[UsageRecord]]":
        """Usage of each SIM over a span."""

    async def cycle_usage_of(self, sims: Sequence[Key]) -> "Answers[UsageRecord]":
        """Usage of each SIM in its provider's running billing cycle."""

    async def zone_usage_of(self, sims: Sequence[Key]) -> "Answers[list[ZoneUsage]]":
        """Usage of each SIM by the provider's rating zones in the running billing cycle."""

    async def write(self, wanted: object) -> "Written":
        """Do what the input of a mutation wants, once, or only say what that would be. Raises nothing that is about the
        input or the provider: that is in `problems`."""

    # --- jobs --------------------------------------------------------------------------------------------------

    async def start_job(self, wanted: object) -> "JobPayload":
        """Begin what the input of a bulk mutation wants, or only say what that would be. What is wrong with the input
        and whatever else is in the way, is in `problems`."""

    async def cancel_job(self, native_id: str) -> "JobPayload":
        """Stop a job. As above."""

    async def jobs_by_id(self, native_ids: Sequence[str]) -> "Answers[Job]":
        """Jobs by their own ids."""

    async def jobs(self, first: int | None, after: str | None) -> "Connection[Job]":
        """One page of all jobs, the newest first."""

    async def job_counts(self, jobs: "Sequence[Job]") -> "Answers[JobCounts]":
        """How many items of each job have come to which end."""

    async def job_items(self, job: "Job", args: "JobItemArgs") -> "Connection[JobItem]":
        """One page of a job's items, in the order of their numbers."""
