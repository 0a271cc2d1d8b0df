"""A provider without a socket: SIMs in fleets, and what was asked about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from gateway.page import Page, PageRequest
from gateway.where import SimWhere
from schema.errors import NotFound, Unavailable
from schema.sim import Sim

__all__ = ["FLEETS", "Office"]

FLEETS = ("f1", "f2")


@dataclass
class Office:
    """A provider's SIMs by id, with the fleet each is in, in pages of `rows`; and what is remembered of them."""

    fleets: Mapping[str, str | None]
    rows: int = 3
    remembered: tuple[str, ...] = ()
    has_partial_rows: bool = False
    is_partial: bool = False
    fails: bool = False
    raises_not_found: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)
    """To other operations."""
    asked: list[str] = field(default_factory=list)
    operations_asked: list[str] = field(default_factory=list)
    asked_anew: list[str] = field(default_factory=list)
    """Operations, those of `asked` as well: all, and those that were asked whatever is remembered."""
    filters: ClassVar[Mapping[str, frozenset[str]]] = {"list_sims": frozenset({"fleet_id"})}

    operations: tuple[str, ...] = ("load_sim", "list_fleets")

    def supports(self, operation: str) -> bool:
        return operation in self.operations

    def most_rows(self, operation: str) -> int:
        return self.rows if operation == "list_sims" else 0

    def sim(self, native_id: str, *, is_row: bool = False) -> Sim:
        if is_row and self.has_partial_rows:
            return Sim(native_id=native_id, is_complete=False)
        return Sim(native_id=native_id, fleet_id=self.fleets[native_id])

    async def ask(self, operation: str, *args: object, is_anew: bool = False) -> Any:
        self.operations_asked.append(operation)
        if is_anew:
            self.asked_anew.append(operation)
        if operation == "load_sim":
            [native_id] = cast("tuple[str]", args)
            self.asked.append(native_id)
            if self.fails:
                raise Unavailable("it is down")
            if self.raises_not_found and native_id not in self.fleets:
                raise NotFound("there is none")
            return self.sim(native_id) if native_id in self.fleets else None
        if operation in self.answers:
            return self.answers[operation]
        where, request = cast("tuple[SimWhere, PageRequest]", args)
        self.asked.append(f"{where.fleet_id} {request.token or 0}")
        all_of = [each for each, fleet in self.fleets.items() if fleet == where.fleet_id]
        start = int(request.token or 0)
        end = start + request.size
        rows = [self.sim(each, is_row=True) for each in all_of[start:end]]
        return Page(rows, next=str(end) if end < len(all_of) else None, is_partial=self.is_partial)

    async def known(self, kind: type[Any], native_ids: Iterable[str]) -> Mapping[str, Any]:
        assert kind is Sim
        return {each: self.sim(each) for each in native_ids if each in self.remembered}
