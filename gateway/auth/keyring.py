"""The keys of one issuer as they are kept: fetched by one, used by all, and used on while the issuer is gone."""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from math import inf

from gateway.auth.jwks import KeySet, PublicKey
from gateway.auth.refusal import IssuerGone
from gateway.auth.sources import Source
from schema.errors import GatewayError

__all__ = ["Keyring"]

FRESH = 600.0
"""Seconds after which keys are fetched anew, behind what goes on with the old ones."""
OLDEST = 24 * 3600.0
"""Seconds for which keys are used when the issuer cannot be reached."""
PAUSE = 30.0
"""Seconds between two times that the issuer is asked for a key that it did not have: names of keys can be made up."""
PAUSE_AFTER_FAILURE = 5.0
LONGEST = 10.0
"""Seconds for which anybody waits for the issuer."""

log = logging.getLogger(__name__)


class Keyring:
    """`name` is the issuer's in the configuration, `clock` in seconds. Close it at the end."""

    def __init__(self, name: str, source: Source, clock: Callable[[], float]) -> None:
        self._name = name
        self._source = source
        self._clock = clock
        self._keys: KeySet | None = None
        self._brought = -inf
        """When the keys came."""
        self._ended = -inf
        """When the last fetch ended, however it did."""
        self._is_lost = False
        """Whether it failed."""
        self._is_closed = False
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """The key of this name, None where the issuer has none. Raises IssuerGone where that cannot be known."""
        age = self._clock() - self._brought
        if age >= OLDEST:
            await self._asked()
        elif age >= FRESH and self._may_ask():
            self._begin()
        key = self._known(kid, algorithm)
        if key is None:
            await self._asked()
            key = self._known(kid, algorithm)
        return key

    def inherit(self, older: "Keyring") -> None:
        """Begin with the keys of one that had them from the same source."""
        self._keys, self._brought, self._ended = older._keys, older._brought, older._ended

    async def aclose(self) -> None:
        """End what is under way, and close every connection. Keys that are here still serve who comes late."""
        self._is_closed = self._is_lost = True
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
        await self._source.aclose()

    def _known(self, kid: str | None, algorithm: str) -> PublicKey | None:
        return None if self._keys is None else self._keys.find(kid, algorithm)

    async def _asked(self) -> None:
        """The issuer was asked just now, by whomever. Raises IssuerGone if it did not answer."""
        if self._may_ask():
            self._begin()
        if self._fetching is not None:
            await asyncio.wait([self._fetching])  # whoever leaves leaves the others their answer
        if self._is_lost:
            raise IssuerGone("the issuer of the token cannot be asked for its keys now", retry_after=self._rest())

    def _may_ask(self) -> bool:
        return self._fetching is None and self._rest() <= 0 and not self._is_closed

    def _rest(self) -> float:
        """Seconds until the issuer may be asked again."""
        pause = PAUSE_AFTER_FAILURE if self._is_lost else PAUSE
        return max(0.0, self._ended + pause - self._clock())

    def _begin(self) -> None:
        # In a context of its own: it is nobody's errand.
        self._fetching = asyncio.get_running_loop().create_task(self._fetch(), context=Context())

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                keys = await self._source.keys()
        except GatewayError as error:
            self._lost(error.message)
        except TimeoutError:
            self._lost(f"no answer within {LONGEST:g} s")
        except Exception:
            log.exception("a mistake of ours: the keys of issuer %s cannot be read", self._name)
            self._is_lost = True
        else:
            self._found(keys)
        finally:
            self._ended = self._clock()
            self._fetching = None

    def _lost(self, reason: str) -> None:
        """Losing an issuer and finding it again is logged, each once."""
        if not self._is_lost:
            log.warning("the keys of issuer %s cannot be fetched: %s", self._name, reason)
        self._is_lost = True

    def _found(self, keys: KeySet) -> None:
        """None at all is an answer, too: the issuer takes back what it has signed."""
        if not keys:
            log.warning("issuer %s has no key for the algorithms that are configured", self._name)
        if self._is_lost:
            log.info("the keys of issuer %s can be fetched again", self._name)
        self._is_lost = self._is_closed
        self._keys, self._brought = keys, self._clock()
