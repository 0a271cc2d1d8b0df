"""Things by id, many at once."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from gateway.batch.plan import ListRead, Planner
from gateway.kinds import LISTS, LOADS, NESTED, WHOLE_LISTS
from gateway.page import Page, PageRequest
from gateway.reach.within import within
from gateway.where import SimWhere
from schema.context import Answers
from schema.errors import GatewayError, NotFound, ScanLimit
from schema.ids import Key
from schema.lifecycle import EsimProfile
from schema.sim import Sim

__all__ = ["MAX_NESTED_PAGES", "Entities"]

T = TypeVar("T")
Answer = Any
"""A thing, an error or None. Any: one table of operations serves every type."""

MAX_NESTED_PAGES = 5
"""Pages of a SIM's list that are read to find one thing in it by id."""


class Entities:
    """Loads by key. Every key has its own answer; one bad key spoils no other."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self.calls = planner.calls

    async def load(self, kind: type[T], keys: Sequence[Key]) -> Answers[T]:
        """One answer for each key, in order: None for an unknown account, an empty id or a thing that is not there."""
        wanted: dict[str, dict[str, Answer]] = defaultdict(dict)
        for key in keys:
            if key.native_id and key.account in self.calls.accounts:
                wanted[key.account][key.native_id] = None
        found = await asyncio.gather(*(self._of_account(kind, name, list(ids)) for name, ids in wanted.items()))
        by_account = dict(zip(wanted, found, strict=True))
        return [by_account.get(key.account, {}).get(key.native_id) for key in keys]

    async def complete(self, sims: Sequence[Sim]) -> Answers[Sim]:
        """The same SIMs with every field the provider can tell."""
        return await asyncio.gather(*(self._completed(sim) for sim in sims))

    async def _completed(self, sim: Sim) -> Sim | GatewayError | None:
        """One call where the row names the device and the provider knows SIMs by device, else a load by id."""
        if sim.is_complete:
            return sim
        by_device = self.calls.accounts[sim.account_name].provider.supports("find_sim_by_device")
        if sim.device_id is not None and by_device:
            found: Answer = await self.calls.try_ask(sim.account_name, "find_sim_by_device", sim.device_id)
            if isinstance(found, GatewayError) or (found is not None and found.native_id == sim.native_id):
                return found
        whole: Sim | GatewayError | None = await self._single(Sim, sim.account_name, sim.native_id)
        return whole

    async def _of_account(self, kind: type, account: str, ids: list[str]) -> dict[str, Answer]:
        known: dict[str, Answer] = await self.calls.known(account, kind, ids)
        answers: dict[str, Answer] = {each: known.get(each) for each in ids}
        missing = [each for each in ids if each not in known]
        if kind in NESTED:
            found = await asyncio.gather(*(self._in_list(kind, account, each) for each in missing))
            return answers | dict(zip(missing, found, strict=True))
        return answers | await self._planned(kind, account, missing)

    async def _planned(self, kind: type, account: str, ids: list[str]) -> dict[str, Answer]:
        if not self.calls.accounts[account].provider.supports(LOADS[kind]):
            return dict.fromkeys(ids)
        answers: dict[str, Answer] = {}
        if kind in WHOLE_LISTS:
            read = await self._whole_list(kind, account, instead_of=len(ids))
            if isinstance(read, GatewayError):
                return dict.fromkeys(ids, read)
            if read is not None:
                listed = {item.native_id: item for item in read.items}
                absent = read.in_place_of  # None: there is no such thing
                answers = {each: listed.get(each, absent) for each in ids if read.is_whole or each in listed}
        singly = [each for each in ids if each not in answers]
        found = await asyncio.gather(*(self._single(kind, account, each) for each in singly))
        return answers | dict(zip(singly, found, strict=True))

    async def _whole_list(self, kind: type, account: str, instead_of: int) -> ListRead[Any] | GatewayError | None:
        """All things of a kind. Who sees some fleets only has their SIMs read fleet by fleet; eSIM profiles are not
        read, as it would have to be found out of each whose it is."""
        fleets = self.calls.fleets(account)
        if fleets is not None and kind is EsimProfile:
            return None
        wheres = within(WHOLE_LISTS[kind], fleets)
        whole = ListRead[Any]([], is_whole=True)
        for where in wheres:
            shape = (where.fleet_id or "") if isinstance(where, SimWhere) else ""
            read = await self._planner.read_list(
                account, LISTS[kind][0], where, instead_of=instead_of // len(wheres), shape=shape
            )
            if read is None or isinstance(read, GatewayError):
                return read
            old = whole.in_place_of or read.in_place_of
            whole = ListRead(whole.items + read.items, whole.is_whole and read.is_whole, old)
        return whole

    async def _single(self, kind: type, account: str, native_id: str) -> Answer:
        return await self.calls.try_ask(account, LOADS[kind], native_id)

    async def _in_list(self, kind: type, account: str, native_id: str) -> Answer:
        """Find `sim/thing` in its SIM's list. None also where the provider has no such list."""
        sim_id, _, thing = native_id.partition("/")
        provider, operation = self.calls.accounts[account].provider, LISTS[kind][0]
        if not sim_id or not thing or not provider.supports(operation):
            return None
        request = PageRequest(provider.most_rows(operation))
        for _ in range(MAX_NESTED_PAGES):
            page: Page[Any] | GatewayError = await self.calls.try_ask(
                account, operation, NESTED[kind](sim_id=sim_id), request
            )
            if isinstance(page, GatewayError):
                return None if isinstance(page, NotFound) else page
            match = next((item for item in page.items if item.native_id == native_id), None)
            if match is not None or page.next is None:
                return match or page.in_place_of
            request = PageRequest(request.size, page.next)
        return ScanLimit(f"not among the first {MAX_NESTED_PAGES} pages of its SIM").at(account, operation)
