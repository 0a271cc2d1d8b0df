"""One public JSON document at a configured address, read now and then: no credentials, no redirects, a bounded size."""

from typing import TypeVar

import msgspec

from gateway.upstream.carrier import Carrier
from gateway.upstream.exchange import Times, Writer, exchange
from schema.errors import BadResponse, Unavailable

__all__ = ["LARGEST", "DocumentReader"]

T = TypeVar("T")

LARGEST = 256 * 1024
"""Bytes of a document. The largest key sets in use are some 20 KiB."""

OK = 200


class DocumentReader:
    """Reads documents of one origin, that of the address `home`. A failure is a GatewayError without an address or a
    body in it."""

    def __init__(self, home: str, times: Times) -> None:
        self._carrier = Carrier(home, connections=2)
        self._writer = Writer(times)

    async def read(self, url: str, kind: type[T]) -> T:
        """What is there, as `kind`. Raises Unavailable, TimedOut or BadResponse."""
        answer = await exchange(self._carrier, self._writer.write("GET", url, {}))
        if answer.status != OK:
            raise Unavailable(f"the answer was HTTP {answer.status}")
        if len(answer.body) > LARGEST:
            raise BadResponse(f"the answer is larger than {LARGEST} bytes")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadResponse("the answer is not the document that belongs there") from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._carrier.aclose()
