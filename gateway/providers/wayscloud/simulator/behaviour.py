"""The switches of this simulator: nearly all of them stand for something no public source settles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.providers.wayscloud.simulator.refusal import SHAPES
from gateway.simulation.simulator import Switch, chosen

__all__ = ["SWITCHES", "Behaviour", "behaviour_of"]

_ON_OFF: Final = ("on", "off")

SWITCHES: Final[Mapping[str, Switch]] = {
    "rate": Switch("500", "Requests per minute and API key (documented); 0 no limit"),
    "retry_after": Switch("on", "A 429 carries Retry-After (the SDK honours it when given)", _ON_OFF),
    "errors": Switch("error", "Shape of error bodies: the documented one, or one of the SDK's", tuple(SHAPES)),
    "invalid_status": Switch("400", "HTTP status of an invalid parameter", ("400", "422")),
    "megabyte": Switch("1000000", "Bytes in a megabyte", ("1000000", "1048576")),
    "decimals": Switch("2", "Digits after the point of a megabyte figure", ("1", "2")),
    "end_date": Switch("inclusive", "Whether end_date belongs to the range", ("inclusive", "exclusive")),
    "summary": Switch("filter", "What a session summary covers: the filter or the page", ("filter", "page")),
    "open_session": Switch(
        "null",
        "An open session: end and duration null, a duration so far, or both keys absent",
        ("null", "duration", "absent"),
    ),
    "status_words": Switch("active", "active alone, or suspended and inactive too", ("active", "more")),
    "window_days": Switch("30", "Days that the feed and the sessions go back when no date is asked"),
    "feed_days": Switch("90", "Days the feed of all SIMs keeps, whatever dates are asked"),
    "unbilled": Switch("off", "One SIM in ten has no subscription: no bill names it, the feed does", _ON_OFF),
    "sim_list": Switch("off", "GET /sims lists the SIMs: invented, no source has it", _ON_OFF),
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The switches, read. `megabyte` is in bytes, `rate` per minute."""

    rate: int
    retry_after: bool
    errors: str
    invalid_status: int
    megabyte: int
    decimals: int
    inclusive_end: bool
    summary_of_page: bool
    open_session: str
    more_statuses: bool
    window_days: int
    feed_days: int
    unbilled: bool
    sim_list: bool

    def megabytes(self, count: int) -> float:
        """Bytes as the provider prints them: a rounded float, so that sums of it do not add up."""
        return round(count / self.megabyte, self.decimals)


def behaviour_of(given: Mapping[str, str]) -> Behaviour:
    """The behaviour these switches ask for.

    Raises:
        ValueError: an unknown switch, or a value it cannot have.
    """
    value = chosen(SWITCHES, given)
    return Behaviour(
        rate=_count(value, "rate", 0, 1_000_000),
        retry_after=value["retry_after"] == "on",
        errors=value["errors"],
        invalid_status=int(value["invalid_status"]),
        megabyte=int(value["megabyte"]),
        decimals=int(value["decimals"]),
        inclusive_end=value["end_date"] == "inclusive",
        summary_of_page=value["summary"] == "page",
        open_session=value["open_session"],
        more_statuses=value["status_words"] == "more",
        window_days=_count(value, "window_days", 1, 400),
        feed_days=_count(value, "feed_days", 1, 90),
        unbilled=value["unbilled"] == "on",
        sim_list=value["sim_list"] == "on",
    )


def _count(value: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = value[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
        raise ValueError(f"switch {name!r} is a whole number from {least} to {most}, not {text!r}")
    return int(text)
