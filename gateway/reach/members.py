"""Which SIMs are in the fleets that a caller sees: from what is known, else asked, many at once where they are many."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from gateway.page import Page, PageRequest
from gateway.provider import Provider
from gateway.where import SimWhere
from schema.errors import NotFound
from schema.sim import Sim

__all__ = ["Ask", "Known", "Members"]

LIST_SHARE = 4
"""For so many SIMs that would be asked for singly, one page of a list is read."""


class Ask(Protocol):
    """Asks the whole account, from memory where it may be; `is_anew`: its provider, whatever is remembered."""

    def __call__(
        self, operation: str, *args: object, is_anew: bool = False
    ) -> Awaitable[Any]:  # Any: each operation has its own answer
        """Raises GatewayError."""


class Known(Protocol):
    """What some answer of the whole account has already contained."""

    def __call__(self, kind: type[Any], native_ids: Iterable[str]) -> Awaitable[Mapping[str, Any]]:  # Any: of the kind
        """By id."""


class Members:
    """The SIMs of these fleets, as far as one request has come across them."""

    def __init__(self, provider: Provider, fleets: tuple[str, ...], ask: Ask, known: Known) -> None:
        self._provider = provider
        self._fleets = fleets
        self._ask = ask
        self._known = known
        self._found: dict[str, bool] = {}

    def __contains__(self, sim_id: str) -> bool:
        """Whether it is known to be one."""
        return self._found.get(sim_id, False)

    def meet(self, sim: Sim) -> None:
        """Learn from a SIM; a row that may leave out the fleet says nothing."""
        if sim.fleet_id is not None or sim.is_complete:
            self._found[sim.native_id] = sim.fleet_id in self._fleets

    async def find(self, sim_ids: Iterable[str]) -> None:
        """Find out about all of these. Raises GatewayError where one cannot be asked for."""
        missing = self._unknown(sim_ids)
        if not missing:
            return
        for sim in (await self._known(Sim, missing)).values():
            self.meet(sim)
        missing = self._unknown(missing)
        if len(missing) > len(self._fleets) and self._can_list:
            await self._read_lists(missing)
            missing = self._unknown(missing)
        await asyncio.gather(*(self._load(each) for each in missing))

    async def find_named(self, sim_id: str) -> None:
        """The same of one that the caller names. Memory never says no to him: a foreign SIM that somebody has asked for
        would be told at once and while the provider is down, and one that does not exist would not."""
        await self.find([sim_id])
        if sim_id not in self:
            await self._load(sim_id, is_anew=True)

    @property
    def _can_list(self) -> bool:
        return "fleet_id" in self._provider.filters.get("list_sims", ())

    def _unknown(self, sim_ids: Iterable[str]) -> list[str]:
        return [each for each in dict.fromkeys(sim_ids) if each not in self._found]

    async def _read_lists(self, missing: Sequence[str]) -> None:
        """The fleets' own lists, as far as that is fewer calls. Who is on none of them is in none of the fleets."""
        most = max(1, len(missing) // LIST_SHARE // len(self._fleets))
        listed: set[str] = set()
        is_whole = await asyncio.gather(*(self._read_list(each, most, missing, listed) for each in self._fleets))
        if all(is_whole):
            self._found |= {each: False for each in self._unknown(missing) if each not in listed}

    async def _read_list(self, fleet: str, most: int, missing: Sequence[str], listed: set[str]) -> bool:
        """Whether all SIMs of the fleet are on the list now."""
        request = PageRequest(self._provider.most_rows("list_sims"))
        is_sure = True
        for _ in range(most):
            page: Page[Sim] = await self._ask("list_sims", SimWhere(fleet_id=fleet), request)
            for sim in page.items:
                listed.add(sim.native_id)
                self.meet(sim)
            is_sure = is_sure and page.broken is None and page.in_place_of is None and not page.is_partial
            if page.next is None or not self._unknown(missing):
                return is_sure and page.next is None
            request = PageRequest(request.size, page.next)
        return False

    async def _load(self, sim_id: str, *, is_anew: bool = False) -> None:
        sim: Sim | None = None
        try:
            if self._provider.supports("load_sim"):
                sim = await self._ask("load_sim", sim_id, is_anew=is_anew)
        except NotFound:
            pass
        self._found[sim_id] = sim is not None and sim.fleet_id in self._fleets
