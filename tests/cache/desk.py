"""A cache for a test: a clock that stands until it is moved, and a provider that says what the test wants."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.cache.cache import Cache, Told
from gateway.cache.labels import Labels
from gateway.cache.question import Question
from gateway.cache.shared import SharedEntries
from gateway.cache.shelf import Shelf
from gateway.cache.stores import BoundedMemory
from gateway.cache.together import Together
from gateway.cache.windows import Windows
from gateway.page import Page, PageRequest
from gateway.upstream.errand import Errand
from gateway.where import SimWhere
from schema.errors import GatewayError
from schema.sim import Sim

__all__ = ["ACCOUNT", "LIST", "Desk", "sim_question"]

ACCOUNT = "trackers"
LIST = Question(ACCOUNT, "list_sims", (SimWhere(), PageRequest(50)))


def sim_question(native_id: str) -> Question:
    return Question(ACCOUNT, "load_sim", (native_id,))


class Desk:
    """Asks the cache questions; counts what reaches the provider."""

    def __init__(
        self,
        *,
        chance: float = 0.0,
        patience: float = 60.0,
        fresh: float = 60.0,
        shared: SharedEntries | None = None,
        sign: str = "1",
    ) -> None:
        self.now = datetime(2026, 11, 17, 12, tzinfo=UTC)
        windows = {ACCOUNT: Windows({"Sim": fresh}), "meters": Windows()}
        self.memory = BoundedMemory(max_entries=1000, max_bytes=10_000_000)
        shelf = Shelf(self.memory, windows, lambda: self.now)
        labels = Labels({ACCOUNT: f"{ACCOUNT}~{sign}"})
        self.together = None if shared is None else Together(shared, labels)
        self.cache = Cache(shelf, self.together, chance=lambda: chance, patience=patience)
        self.asked: list[Question] = []
        self.failure: GatewayError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.version = 1

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def ask(self, question: Question, max_age: float | None = None, *, is_answering: bool = True) -> Told:
        return await self.cache.ask(
            question, lambda: self.answer(question), Errand(), max_age, is_answering=is_answering
        )

    async def name_of(self, native_id: str, max_age: float | None = None) -> str:
        name: str = (await self.ask(sim_question(native_id), max_age)).answer.name
        return name

    async def settled(self) -> None:
        """Until what is fetched in the background has come."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def answer(self, question: Question) -> Any:
        """Any: each operation has its own answer. Names tell which version of the provider's truth they are of."""
        self.asked.append(question)
        version, failure = self.version, self.failure
        await self.gate.wait()
        if failure is not None:
            raise failure
        if question.operation == "list_sims":
            return Page([Sim(native_id=str(number), name=f"v{version}", is_complete=False) for number in range(3)])
        native_id = str(question.args[0])
        return None if native_id == "nobody" else Sim(native_id=native_id, name=f"v{version}")
