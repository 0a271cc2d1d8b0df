"""Networks in WAYSCloud's words: country and operator in English, MCC and MNC run together."""

from __future__ import annotations

from typing import Final

from gateway.simulation.world import Operator

__all__ = ["known", "network_type", "of_session", "thin"]

_TYPES: Final = {"LTE": "4G"}

_COUNTRIES: Final = {
    "AT": "Austria",
    "AU": "Australia",
    "BR": "Brazil",
    "CA": "Canada",
    "CH": "Switzerland",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IT": "Italy",
    "JP": "Japan",
    "MX": "Mexico",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "SE": "Sweden",
    "SG": "Singapore",
    "US": "United States",
    "ZA": "South Africa",
}


def thin(operator: Operator) -> dict[str, object]:
    """Country and operator only, as the all-SIM feed shows it."""
    country = _COUNTRIES.get(operator.country, operator.country)
    return {"country": country, "operator": f"{operator.name} {country}"}


def known(operator: Operator) -> dict[str, object]:
    """With the network's code, as the activity of one SIM shows it."""
    return {**thin(operator), "network_code": operator.mcc + operator.mnc}


def of_session(operator: Operator, rat: str) -> dict[str, object]:
    """All five fields, as a session shows it; only here the country has a code."""
    names = thin(operator)
    return {
        "country": names["country"],
        "country_code": operator.country,
        "operator": names["operator"],
        "network_code": operator.mcc + operator.mnc,
        "network_type": network_type(rat),
    }


def network_type(rat: str) -> str:
    """`4G` for LTE, as in the samples; other radios keep their name."""
    return _TYPES.get(rat, rat)
