"""What a simulator was asked, so that a test or a curious person can read it back."""

import re
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime

__all__ = ["Request", "RequestLog", "shown_body"]

_MOST_BODY = 2048
_SECRET = re.compile(r"(client_secret=)[^&]*")


@dataclass(slots=True)
class Request:
    """One request that arrived. `path` is below the provider's mount; `status` is None until an answer began.

    `ms` is the time to the end of the answer. Headers are never kept: they hold credentials.
    """

    method: str
    path: str
    query: str
    time: datetime
    body: str = ""
    status: int | None = None
    ms: float | None = None
    fault: str | None = None

    def shown(self) -> dict[str, object]:
        """As JSON."""
        return {**asdict(self), "time": self.time.isoformat()}


class RequestLog:
    """The newest requests of one provider, oldest first."""

    def __init__(self, most: int = 10_000) -> None:
        self._requests: deque[Request] = deque(maxlen=most)

    def add(self, request: Request) -> None:
        """Keep one more; the oldest goes when there are too many."""
        self._requests.append(request)

    def all(self) -> list[Request]:
        """What is kept, newest last."""
        return list(self._requests)

    def clear(self) -> None:
        """Forget all."""
        self._requests.clear()


def shown_body(body: bytes) -> str:
    """The start of a body as text, without a client secret."""
    return _SECRET.sub(r"\1***", body[:_MOST_BODY].decode("utf-8", "replace"))
