"""The door of one account of which a caller sees some fleets only: every answer passes it, and what is not theirs does
not exist."""

from dataclasses import replace
from typing import Any

from gateway.cache.stamps import things_in
from gateway.page import Page
from gateway.provider import Provider
from gateway.reach.members import Ask, Known, Members
from gateway.reach.within import has_fleets
from gateway.where import SimWhere, UsageWhere
from schema.errors import Unsupported
from schema.fleet import Fleet
from schema.network import Network, NetworkAccessProfile
from schema.rate_plan import RatePlan
from schema.sim import Sim
from schema.usage import UsageRecord

__all__ = ["Fence", "nothing"]

OF_ALL = frozenset(
    {
        "load_rate_plan",
        "load_network",
        "load_network_access_profile",
        "load_profile_network",
        "list_rate_plans",
        "list_networks",
        "list_network_access_profiles",
        "list_profile_networks",
    }
)
"""What an account offers as a whole: whoever sees any of its fleets may read it."""

OFFERED = (Network, NetworkAccessProfile, RatePlan)


class Fence:
    """`ask` and `known` are those of the whole account. What is foreign is told in the words for what is not there, and
    what nobody thought of here does not pass."""

    def __init__(self, provider: Provider, fleets: tuple[str, ...], ask: Ask, known: Known) -> None:
        self.fleets = fleets if has_fleets(provider) else ()
        self._ask = ask
        self._known = known
        self._members = Members(provider, self.fleets, ask, known)

    async def ask(self, operation: str, *args: object, of_shown: bool = False) -> Any:  # Any: see Ask
        """As `Calls.ask`. `of_shown`: only what belongs to SIMs that were shown in this request is wanted, so that
        nobody is asked whose the rest is."""
        subject = args[0]
        if not self.fleets or not await self._may_ask(operation, subject):
            return nothing(operation)
        if operation in OF_ALL:
            return await self._ask(operation, *args)
        if isinstance(subject, UsageWhere) and _is_of_all(subject) and not of_shown:
            raise Unsupported("usage is told here of one SIM or one fleet at a time")
        is_theirs = operation == "load_cycle_usage" or any(_named(subject))
        answer = await self._sifted(await self._ask(operation, *args), is_theirs=is_theirs, of_shown=of_shown)
        if not is_theirs and _is_of_one(operation, subject) and not any(things_in(answer)):
            # Nor does memory say no here: see Members.find_named.
            anew = await self._ask(operation, *args, is_anew=True)
            answer = await self._sifted(anew, is_theirs=is_theirs, of_shown=of_shown)
        return answer

    async def known(self, kind: type[Any], native_ids: list[str]) -> dict[str, Any]:  # Any: as above
        """As `Calls.known`."""
        found = await self._known(kind, native_ids)
        passed = (await self.sifted(Page(list(found.values())))).items
        shown = {id(each) for each in passed}
        return {native_id: each for native_id, each in found.items() if id(each) in shown}

    async def sifted(self, answer: Any) -> Any:  # Any: as above
        """What may be shown of something that came another way than by asking."""
        return await self._sifted(answer, is_theirs=False, of_shown=False)

    async def _may_ask(self, operation: str, subject: object) -> bool:
        """Whether the SIM and the fleet that a question is about exist for the caller."""
        sim_id, fleet_id = _named(subject)
        if operation == "load_cycle_usage":
            sim_id = str(subject)
        if operation == "load_fleet":
            fleet_id = str(subject)
        if sim_id is not None:
            await self._members.find_named(sim_id)
        return (sim_id is None or sim_id in self._members) and (fleet_id is None or fleet_id in self.fleets)

    async def _sifted(self, answer: Any, *, is_theirs: bool, of_shown: bool) -> Any:  # Any: as above
        things = list(things_in(answer))
        for sim in (each for each in things if isinstance(each, Sim)):
            self._members.meet(sim)
        if not of_shown:
            await self._members.find(filter(None, map(_owner, things)))
        if not isinstance(answer, Page):
            return answer if things and self._passes(answer, is_theirs) else None
        items = [each for each in things if self._passes(each, is_theirs)]
        is_counted = is_theirs and len(items) == len(things)
        return replace(answer, items=items, total=answer.total if is_counted else None)

    def _passes(self, thing: Any, is_theirs: bool) -> bool:  # Any: things of every type
        """`is_theirs`: what names neither SIM nor fleet was told of one that may be seen."""
        if isinstance(thing, OFFERED):
            return bool(self.fleets)
        if isinstance(thing, Fleet):
            return thing.native_id in self.fleets
        owner = _owner(thing)
        if owner is not None:
            return owner in self._members
        if isinstance(thing, UsageRecord) and thing.fleet_id is not None:
            return thing.fleet_id in self.fleets
        return is_theirs


def nothing(operation: str) -> Page[Any] | None:  # Any: as above
    """What an operation answers where there is nothing."""
    return Page([]) if operation.startswith("list_") else None


def _named(subject: object) -> tuple[str | None, str | None]:
    """The SIM and the fleet that a question is about."""
    sim_id = getattr(subject, "sim_id", None)
    return sim_id, subject.fleet_id if isinstance(subject, SimWhere | UsageWhere) else None


def _is_of_one(operation: str, subject: object) -> bool:
    """Whether a question is about something that the caller names, and that may be foreign."""
    is_list = operation.startswith("list_")
    return not is_list or bool(getattr(subject, "iccids", None) or getattr(subject, "eid", None))


def _is_of_all(where: UsageWhere) -> bool:
    return where.sim_id is None and where.fleet_id is None


def _owner(thing: Any) -> str | None:  # Any: as above
    """The SIM a thing is or belongs to."""
    owner: str | None = thing.native_id if isinstance(thing, Sim) else getattr(thing, "sim_id", None)
    return owner
