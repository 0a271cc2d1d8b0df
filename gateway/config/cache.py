"""The `[cache]` table, and what of it an account may have of its own."""

from gateway.cache.windows import TYPES
from gateway.config.outside import Outside
from gateway.config.problem import Problem
from gateway.config.records import MIB, CacheSettings
from gateway.config.redis import redis_rules, with_authority
from gateway.config.rules import Entries, Rule, between
from gateway.config.table import read_table

__all__ = ["WINDOWS", "read_cache"]

DAY = 86_400

WINDOWS = {"fresh": Entries(TYPES, between(0, DAY)), "stale": Entries(TYPES, between(0, 7 * DAY))}
"""Seconds by type, for all accounts or for one."""


def read_cache(given: object, outside: Outside) -> tuple[CacheSettings | None, list[Problem]]:
    """The cache's settings, or what is wrong with them."""
    if not isinstance(given, dict):
        return None, [Problem("cache", "it must be a table; begin it with [cache]")]
    cache, problems = read_table(CacheSettings, "cache", given, outside, _rules(outside))
    return None if cache is None else with_authority(cache, outside), problems


def _rules(outside: Outside) -> dict[str, Rule | Entries]:
    return {
        **redis_rules(outside),
        "max_entries": between(100, 10_000_000),
        "max_bytes": between(MIB, 64 * 1024 * MIB),
        **WINDOWS,
    }
