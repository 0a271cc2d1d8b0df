"""The things of each SIM, fleet or profile: one list for all of them, or one list for each, whichever is fewer."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from gateway.batch.plan import ListRead, Planner
from gateway.kinds import LISTS, WHOLE_LISTS
from gateway.lists.conditions import in_order
from gateway.lists.cursor import Positions, Sealer, fingerprint
from gateway.lists.lists import NEWEST_BY, call_source, connection
from gateway.lists.merge import merge
from gateway.lists.source import Source
from gateway.page import Page, PageRequest
from gateway.where import (
    CommandWhere,
    EsimProfileWhere,
    EventWhere,
    NetworkWhere,
    OfSim,
    SessionWhere,
    SettingsUpdateWhere,
    SimWhere,
    Where,
)
from schema.command import Command
from schema.connection import Connection, page_size
from schema.context import Answers
from schema.errors import GatewayError, ScanLimit
from schema.event import SimEvent
from schema.ids import Key
from schema.lifecycle import EsimProfile, SettingsUpdate
from schema.network import Network
from schema.session import DataSession
from schema.sim import Sim

__all__ = ["Children"]

T = TypeVar("T")
SESSION_PAGE = 50
"""Sessions read to find the current one: the default page, so that a query for both asks once."""
MAX_FEW_PAGES = 5
"""Pages read of the things that a SIM has few of."""

_CONDITIONS: dict[type, Callable[[str, Any], Where]] = {  # Any: each relation has its own arguments
    Sim: lambda fleet_id, _: SimWhere(fleet_id=fleet_id),
    Network: lambda profile_id, _: NetworkWhere(profile_id=profile_id),
    DataSession: lambda sim_id, args: SessionWhere(sim_id, *in_order(args.since, args.until)),
    Command: lambda sim_id, _: CommandWhere(sim_id=sim_id),
    SimEvent: lambda sim_id, args: EventWhere(sim_id=sim_id, types=frozenset([args.type] if args.type else [])),
    SettingsUpdate: lambda sim_id, _: SettingsUpdateWhere(sim_id=sim_id),
}
_LISTS_OF_PARENT = LISTS | {Network: ("list_profile_networks",)}
_GROUPED = (Command, SettingsUpdate)
"""Kinds whose whole list serves every SIM. Events are not: a SIM's own list tells more than the account's."""


class Children:
    """Answers the relations from one thing to many."""

    def __init__(self, planner: Planner, sealer: Sealer) -> None:
        self._planner = planner
        self._calls = planner.calls
        self._sealer = sealer

    async def pages_of(self, kind: type[T], parents: Sequence[Key], args: Any) -> Answers[Connection[T]]:
        """One page for each parent. None where the provider has no such list."""
        wanted = page_size(args.first)
        whole = await self._whole_lists(kind, parents) if args.after is None else {}

        async def page_of(parent: Key) -> Connection[T] | GatewayError | None:
            return await _answer(self._page_of(kind, parent, args, wanted, whole))

        return await _each(page_of, parents)

    async def all_of(self, kind: type[T], parents: Sequence[Key]) -> Answers[list[T]]:
        """All things of each parent, where there are few."""
        return await _each(lambda parent: _answer(self._all_of(kind, parent)), parents)

    async def current_sessions_of(self, sims: Sequence[Key]) -> Answers[DataSession]:
        """The open session of each SIM, else the latest."""
        return await _each(lambda sim: _answer(self._current_session_of(sim)), sims)

    async def esim_profiles_of(self, sims: Sequence[Key]) -> Answers[EsimProfile]:
        """The eSIM profile of each SIM."""
        whole = await self._whole_lists(EsimProfile, sims)
        return await _each(lambda sim: _answer(self._esim_profile_of(sim, whole)), sims)

    async def networks_in(self, profiles: Sequence[Key], network: Key) -> Answers[Network]:
        """The network, for each profile of its account that allows it."""

        async def network_in(profile: Key) -> Network | None:
            if profile.account != network.account or not self._supports(profile, "load_profile_network"):
                return None
            found: Network | None = await self._calls.ask(
                profile.account, "load_profile_network", profile.native_id, network.native_id
            )
            return found

        return await asyncio.gather(*(_answer(network_in(profile)) for profile in profiles))

    def _supports(self, parent: Key, operation: str) -> bool:
        return self._calls.accounts[parent.account].provider.supports(operation)

    async def _page_of(
        self, kind: type[T], parent: Key, args: Any, wanted: int, whole: "Whole"
    ) -> Connection[T] | None:
        operations = [each for each in _LISTS_OF_PARENT[kind] if self._supports(parent, each)]
        if not operations:
            return None
        where = _CONDITIONS[kind](parent.native_id, args)
        question = fingerprint(kind.__name__, parent, where)
        begun = self._sealer.read(question, args.after) if args.after else Positions()
        sources = [self._source(parent, each, where, wanted, whole) for each in operations]
        listing = await merge(sources, begun, wanted, newest_by=NEWEST_BY.get(kind))
        failed = [each for each in listing.problems if not isinstance(each, ScanLimit)]
        if failed and not listing.rows:
            raise failed[0]
        return connection(listing, partial(self._sealer.write, question), is_start=not args.after)

    def _source(self, parent: Key, operation: str, where: Where, wanted: int, whole: "Whole") -> Source[Any]:
        account = self._calls.accounts[parent.account]
        read = whole.get((parent.account, operation))
        if read is None:
            return call_source(self._calls, account, operation, where, wanted)

        async def from_whole(_request: PageRequest) -> Page[Any]:
            if isinstance(read, GatewayError):
                raise read
            items = [item for item in read.items if item.sim_id == parent.native_id]
            return Page(items, in_place_of=read.in_place_of)

        size = account.provider.most_rows(operation)
        return Source(f"{parent.account}/{operation}", from_whole, size=size, keep=where.matches, keeps_all=True)

    async def _whole_lists(self, kind: type, parents: Sequence[Key]) -> "Whole":
        """Each account's whole list that is fewer calls than a list for each parent."""
        if kind not in (*_GROUPED, EsimProfile):
            return {}
        counts: dict[str, int] = defaultdict(int)
        for parent in set(parents):
            counts[parent.account] += 1
        places = [(account, operation) for account in counts for operation in LISTS[kind]]
        reads = await asyncio.gather(
            *(
                self._planner.read_list(
                    account, operation, WHOLE_LISTS[kind], instead_of=counts[account], of_shown=True
                )
                for account, operation in places
            )
        )
        return {
            place: read
            for place, read in zip(places, reads, strict=True)
            if isinstance(read, GatewayError) or (read is not None and read.is_whole)
        }

    async def _all_of(self, kind: type[T], parent: Key) -> list[T] | None:
        operation = LISTS[kind][0]
        if not self._supports(parent, operation):
            return None
        return await self._walk(parent, operation, OfSim(parent.native_id))

    async def _walk(self, parent: Key, operation: str, where: Where) -> list[Any]:
        request = PageRequest(self._calls.accounts[parent.account].provider.most_rows(operation))
        items: list[Any] = []
        for _ in range(MAX_FEW_PAGES):
            page: Page[Any] = await self._calls.ask(parent.account, operation, where, request)
            items += page.items
            if page.broken is not None:
                raise page.broken.at(parent.account, operation)
            if page.in_place_of is not None and not page.items:
                raise page.in_place_of  # that there was nothing once says nothing of now
            if page.next is None:
                return items
            request = PageRequest(request.size, page.next)
        raise ScanLimit(f"more than {MAX_FEW_PAGES} pages").at(parent.account, operation)

    async def _current_session_of(self, sim: Key) -> DataSession | None:
        if not self._supports(sim, "list_sessions"):
            return None
        most = self._calls.accounts[sim.account].provider.most_rows("list_sessions")
        request = PageRequest(min(SESSION_PAGE, most))
        page: Page[DataSession] = await self._calls.ask(
            sim.account, "list_sessions", SessionWhere(sim.native_id), request
        )
        if page.in_place_of is not None and not page.items:
            raise page.in_place_of
        if page.next is None or _is_newest_first(page.items):
            return _current(page.items)
        return _current(await self._walk(sim, "list_sessions", SessionWhere(sim.native_id)))

    async def _esim_profile_of(self, sim: Key, whole: "Whole") -> EsimProfile | None:
        if not self._supports(sim, "list_esim_profiles"):
            return None
        read = whole.get((sim.account, "list_esim_profiles"))
        if isinstance(read, GatewayError):
            raise read
        told = read or await self._profiles_of(sim)
        found = next((each for each in told.items if each.sim_id == sim.native_id), None)
        if found is None and told.in_place_of is not None:
            raise told.in_place_of
        return found

    async def _profiles_of(self, sim: Key) -> Page[EsimProfile]:
        page: Page[EsimProfile] = await self._calls.ask(
            sim.account, "list_esim_profiles", EsimProfileWhere(sim_id=sim.native_id), PageRequest(SESSION_PAGE)
        )
        return page


Whole = dict[tuple[str, str], ListRead[Any] | GatewayError]
"""Whole lists by account and operation. Any: each operation has its own kind of thing."""


async def _each(ask: Callable[[Key], Awaitable[T]], parents: Sequence[Key]) -> list[T]:
    """One answer for each parent; a parent that comes several times is asked about once."""
    distinct = list(dict.fromkeys(parents))
    answers = dict(zip(distinct, await asyncio.gather(*(ask(parent) for parent in distinct)), strict=True))
    return [answers[parent] for parent in parents]


async def _answer(question: Awaitable[T]) -> T | GatewayError:
    """A failure as a value, so that it spoils one field."""
    try:
        return await question
    except GatewayError as error:
        return error


def _current(sessions: Sequence[DataSession]) -> DataSession | None:
    """An open session beats a closed one, a later start an earlier one."""
    begun = [each for each in sessions if each.started_at is not None]
    return max(begun, key=lambda each: (bool(each.active), each.started_at), default=None)


def _is_newest_first(sessions: Sequence[DataSession]) -> bool:
    """Whether the rows are in that order: no provider promises it, so it is looked at rather than believed."""
    starts = [each.started_at for each in sessions if each.started_at is not None]
    return len(starts) == len(sessions) and starts == sorted(starts, reverse=True)
