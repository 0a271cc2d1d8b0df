"""/v1/UsageRecords: sums by period and group; a row only where data moved."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.networks import Networks
from gateway.providers.supersim.simulator.registry import Registry
from gateway.providers.supersim.simulator.windows import UsageQuestion, question_of
from gateway.simulation.operators import OPERATORS, Operator
from gateway.simulation.records import Usage
from gateway.simulation.twilio_call import Call, Refusal
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot
from gateway.simulation.world import seconds

__all__ = ["UsageRecords"]

_PRICE = Decimal("0.10")
"""USD per 10^6 bytes."""

_LAG = timedelta(hours=24)
_CACHED = 400
_Spread = dict[tuple[int | None, Operator], Usage]


@dataclass(frozen=True, slots=True)
class _Filter:
    """What the usage is limited to; None does not limit."""

    sim: int | None
    fleet: int | None
    network: Operator | None
    country: str | None

    def allows(self, operator: Operator) -> bool:
        """Whether usage on this network counts."""
        if self.network is not None and operator != self.network:
            return False
        return self.country is None or operator.country == self.country


class UsageRecords:
    """The one handler, and a small store of totals already added up."""

    def __init__(self, desk: Desk, registry: Registry, fleets: Fleets, networks: Networks) -> None:
        self._desk = desk
        self._registry = registry
        self._fleets = fleets
        self._networks = networks
        self._totals: OrderedDict[tuple[int, int, int], _Spread] = OrderedDict()

    def listing(self, call: Call) -> Listing:
        """Filters: Sim, Fleet, Network, IsoCountry; Group; Granularity; StartTime, EndTime (exclusive)."""
        question = question_of(call, self._desk.switches["alignment"] == "yes")
        limit = self._filter(call)
        periods = question.periods(self._desk.switches["usage_order"] == "newest")

        def read(position: Position, _: Snapshot) -> Rows:
            first, skip = position
            for place in range(first, len(periods)):
                rows = self._rows(question, limit, periods[place], skip)
                for inner, row in rows:
                    yield (place, inner + 1), self._shown(limit, periods[place], row, call.now)
                skip = 0

        return Listing("usage_records", (0, 0), read)

    def _filter(self, call: Call) -> _Filter:
        sim, fleet, network = call.asked("Sim"), call.asked("Fleet"), call.asked("Network")
        country = call.asked("IsoCountry")
        found = _Filter(
            sim=self._registry.find(sim) if sim else None,
            fleet=self._fleets.find(fleet) if fleet else None,
            network=OPERATORS[number] if network and (number := self._networks.find(network)) is not None else None,
            country=country.upper() if country else None,
        )
        for name, key, value in (
            ("Sim", sim, found.sim),
            ("Fleet", fleet, found.fleet),
            ("Network", network, found.network),
        ):
            if key is not None and value is None:
                raise Refusal(400, 83600, f"Invalid {name}: {key} was not found")
        if country is not None and not (len(country) == 2 and country.isalpha()):
            raise Refusal(400, 83600, "Invalid IsoCountry: two letters are needed")
        return found

    def _rows(
        self, question: UsageQuestion, limit: _Filter, period: tuple[datetime, datetime], skip: int
    ) -> Iterator[tuple[int, tuple[dict[str, object], Usage]]]:
        """(place, (what the row is grouped by, usage)) from a place on."""
        if question.group == "sim":
            yield from self._by_sim(limit, period, skip)
            return
        grouped: dict[tuple[str, object], Usage] = {}
        for (fleet, operator), usage in self._spread(limit, period).items():
            if limit.allows(operator) and (limit.fleet is None or fleet == limit.fleet):
                key = self._key(question.group, fleet, operator)
                grouped[key] = grouped.get(key, Usage()).plus(usage)
        rows = [({key[0]: key[1]}, usage) for key, usage in grouped.items() if usage.total]
        yield from list(enumerate(rows))[skip:]

    def _key(self, group: str | None, fleet: int | None, operator: Operator) -> tuple[str, object]:
        if group == "fleet":
            return "fleet_sid", None if fleet is None else self._desk.fleets.encode(fleet)
        if group == "network":
            return "network_sid", self._networks.sid_of(operator)
        if group == "isoCountry":
            return "iso_country", operator.country
        return "", None

    def _by_sim(
        self, limit: _Filter, period: tuple[datetime, datetime], skip: int
    ) -> Iterator[tuple[int, tuple[dict[str, object], Usage]]]:
        places = self._registry.indexes(skip) if limit.sim is None else iter([(0, limit.sim)][skip:])
        for place, index in places:
            if limit.fleet is not None and self._registry.fleet(index) != limit.fleet:
                continue
            usage = self._of_sim(index, limit, period)
            if usage.total:
                yield place, ({"sim_sid": self._desk.sims.encode(index)}, usage)

    def _of_sim(self, index: int, limit: _Filter, period: tuple[datetime, datetime]) -> Usage:
        if limit.network is None and limit.country is None:
            return self._desk.world.data(index, *period)
        total = Usage()
        for operator, usage in self._desk.world.data_by_operator(index, *period).items():
            total = total.plus(usage) if limit.allows(operator) else total
        return total

    def _spread(self, limit: _Filter, period: tuple[datetime, datetime]) -> _Spread:
        """Usage by fleet and network, of one SIM or of all."""
        if limit.sim is not None:
            return self._spread_of([limit.sim], period)
        now = seconds(self._desk.world.now())
        key = (min(seconds(period[0]), now), min(seconds(period[1]), now), self._registry.version)
        if key not in self._totals:
            self._totals[key] = self._all(period)
            while len(self._totals) > _CACHED:
                self._totals.popitem(last=False)
        return self._totals[key]

    def _all(self, period: tuple[datetime, datetime]) -> _Spread:
        apart = self._registry.apart()
        totals = self._desk.world.totals(*period, apart=apart)
        found: _Spread = {(group, operator): usage for (group, operator), usage in totals.items()}
        for key, usage in self._spread_of(apart, period).items():
            found[key] = found.get(key, Usage()).plus(usage)
        return found

    def _spread_of(self, indexes: list[int], period: tuple[datetime, datetime]) -> _Spread:
        found: _Spread = {}
        for index in indexes:
            fleet = self._registry.fleet(index)
            for operator, usage in self._desk.world.data_by_operator(index, *period).items():
                found[fleet, operator] = found.get((fleet, operator), Usage()).plus(usage)
        return found

    def _shown(
        self, limit: _Filter, period: tuple[datetime, datetime], row: tuple[dict[str, object], Usage], now: datetime
    ) -> dict[str, object]:
        """A row; sid and country fields are null unless filtered or grouped by."""
        named, usage = row
        start, end = period
        mark = usage.total % 4
        return {
            "account_sid": self._desk.account,
            "sim_sid": None if limit.sim is None else self._desk.sims.encode(limit.sim),
            "network_sid": None if limit.network is None else self._networks.sid_of(limit.network),
            "fleet_sid": None if limit.fleet is None else self._desk.fleets.encode(limit.fleet),
            "iso_country": limit.country,
            **{name: value for name, value in named.items() if name},
            "period": {"start_time": self._desk.stamp(start), "end_time": self._desk.stamp(end)},
            "data_upload": usage.up,
            "data_download": usage.down,
            "data_total": usage.total,
            "data_total_billed": self._billed(usage, start, end, now),
            "billed_unit": None if mark == 3 else "USD",
        }

    def _billed(self, usage: Usage, start: datetime, end: datetime, now: datetime) -> str | float | None:
        """Money comes a day late: nothing yet for the last 24 hours, a share for a period that reaches into them."""
        billed_end = min(end, now - _LAG)
        share = max(billed_end - start, timedelta(0)) / (end - start)
        amount = (Decimal(usage.total) / 1_000_000 * _PRICE * Decimal(str(round(share, 6)))).quantize(Decimal("0.0001"))
        kind = self._desk.switches["billed"]
        if kind == "mixed" and amount and usage.total % 16 == 5:
            return None
        if kind == "string" or (kind == "mixed" and usage.total % 2):
            return "0" if not amount else str(amount)
        return float(amount)
