"""Conditions narrowed to the fleets that a caller sees, so that the provider itself leaves out what is not theirs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from gateway.provider import Provider
from gateway.where import SimWhere, UsageWhere, Where

__all__ = ["has_fleets", "within"]

W = TypeVar("W", bound=Where)


def within(where: W, fleets: Sequence[str] | None) -> list[W]:
    """The same question for each of these fleets, where it is one about SIMs or usage that can be put so; none where
    it is about another fleet. None for fleets: every one may be seen.

    Usage of one SIM is told whole, whichever fleet it was in. ICCIDs are looked up one by one, and not by fleet.
    """
    if fleets is None or not isinstance(where, SimWhere | UsageWhere):
        return [where]
    if where.fleet_id is not None:
        return [where] if where.fleet_id in fleets else []
    if isinstance(where, UsageWhere) and where.sim_id is not None:
        return [where]
    if isinstance(where, SimWhere) and where.iccids:
        return [where]
    return [replace(where, fleet_id=each) for each in fleets]


def has_fleets(provider: Provider) -> bool:
    """Whether a SIM can be in a fleet there at all."""
    return provider.supports("load_fleet") or provider.supports("list_fleets")
