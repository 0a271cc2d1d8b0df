"""WAYSCloud Global SIM."""

from typing import Annotated

import msgspec

from gateway.platform import Platform, Settings, Wiring
from gateway.providers.wayscloud.provider import GlobalSim
from gateway.providers.wayscloud.refusal import read_refusal
from gateway.secret import Secret
from gateway.upstream.auth import Header
from gateway.upstream.pace import Limits

__all__ = ["PLATFORMS", "GlobalSimSettings"]


class GlobalSimSettings(Settings, frozen=True, kw_only=True):
    """An API key. `mb_bytes` and `end_date_inclusive` settle what no public source does: the bytes of a megabyte, and
    whether the last day asked for belongs to a range."""

    api_key: Secret
    mb_bytes: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000
    end_date_inclusive: bool = True


def _connect(settings: GlobalSimSettings, wiring: Wiring) -> GlobalSim:
    return GlobalSim(
        wiring.client(Header(settings.api_key, _header), read_refusal),
        wiring.now,
        mb_bytes=settings.mb_bytes,
        is_end_inclusive=settings.end_date_inclusive,
    )


def _header(key: str) -> tuple[str, str]:
    """Keys of the newer form have a header of their own, which is recommended; personal tokens and older keys are
    taken as Bearer, spelled exactly so (page "Authentication")."""
    if key.startswith("wayscloud_") and not key.startswith("wayscloud_pat_"):
        return "X-API-Key", key
    return "Authorization", f"Bearer {key}"


PLATFORMS = (
    Platform(
        name="wayscloud",
        provider=GlobalSim,
        settings=GlobalSimSettings,
        connect=_connect,
        limits=Limits(concurrency=8, calls=500, window=60.0),
        base_url="https://api.wayscloud.services/v1/globalsim",
        simulator="gateway.providers.wayscloud.simulator:simulator",
    ),
)
