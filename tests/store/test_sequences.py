"""Whatever is done with writes in whatever order, both stores come to what a plain model says."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store.opening import StoreOptions
from gateway.store.records import Stage, WriteRecord
from gateway.store.store import KEPT_WRITES, Overtaken
from tests.redis_server import RedisServer
from tests.store.desk import Desk, a_desk, a_write

OWNERS = ("a", "b")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["beat", "claim", "claim", "die", "finish", "intend", "leave", "release", "take", "tomorrow"]),
        st.sampled_from(["w1", "w2"]),
        st.sampled_from(OWNERS),
    ),
    max_size=25,
)


@dataclass
class Model:
    """What the protocol says, in memory. Each answer is a record, None, or the word for a refusal."""

    time: float
    alive: set[str] = field(default_factory=set)
    records: dict[str, WriteRecord] = field(default_factory=dict)

    def put(self, record: WriteRecord, stage: Stage) -> None:
        over = self.time if stage is Stage.OVER else None
        self.records[record.id] = msgspec.structs.replace(record, stage=stage, over=over)

    def there(self, id: str) -> WriteRecord | None:
        record = self.records.get(id)
        return (
            None if record is None or (record.over is not None and record.over + KEPT_WRITES <= self.time) else record
        )

    def orphans(self) -> list[WriteRecord]:
        return [each for each in self.records.values() if each.over is None and each.owner not in self.alive]

    def step(self, what: str, record: WriteRecord) -> object:
        there = self.there(record.id)
        if what == "beat":
            self.alive.add(record.owner)
        elif what in ("die", "leave"):
            self.alive.discard(record.owner)
        elif what == "claim":
            if there is not None:
                return there
            self.put(record, Stage.CLAIMED)
        elif what == "intend":
            if there is not None and (there.over is not None or there.owner != record.owner):
                return "overtaken"
            self.put(record, Stage.SENT)
        elif what == "finish":
            self.put(record, Stage.OVER)
        elif what == "release" and there is not None and there.over is None and there.owner == record.owner:
            del self.records[record.id]
        elif what == "take" and there in self.orphans():
            self.records[record.id] = msgspec.structs.replace(self.records[record.id], owner=record.owner)
            return self.records[record.id]
        return None


async def done(desk: Desk, what: str, record: WriteRecord) -> object:
    """The same step at the store."""
    try:
        match what:
            case "beat":
                await desk.store.beat(record.owner)
            case "die":
                await desk.dies(record.owner)
            case "leave":
                await desk.store.leave(record.owner)
            case "claim":
                return await desk.store.claim(record)
            case "intend":
                await desk.store.intend(record)
            case "finish":
                await desk.store.finish(msgspec.structs.replace(record, over=desk.clock.time))
            case "release":
                await desk.store.release(record.id, record.owner)
            case "take":
                return await desk.store.take(record.id, record.owner)
    except Overtaken:
        return "overtaken"
    return None


async def compared(options: StoreOptions, steps: list[tuple[str, str, str]]) -> None:
    async with a_desk(options) as desk:
        model = Model(desk.clock.time)
        for number, (what, name, owner) in enumerate(steps):
            if what == "tomorrow":
                # Who lives is told by Redis's own clock there: all of them die before the test's clock goes on.
                for each in OWNERS:
                    await desk.store.leave(each)
                model.alive.clear()
                desk.clock.time = model.time = model.time + KEPT_WRITES
                await desk.store.purge()
                continue
            record = a_write(name, owner=owner, began=model.time, fingerprint=str(number))

            assert await done(desk, what, record) == model.step(what, record)
            assert [await desk.store.write(each) for each in ("w1", "w2")] == [model.there("w1"), model.there("w2")]
            assert _by_id(await desk.store.orphans()) == _by_id(model.orphans())


def _by_id(records: list[WriteRecord]) -> list[WriteRecord]:
    return sorted(records, key=lambda record: record.id)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_any_sequence(kind: str, steps: list[tuple[str, str, str]], tmp_path: Path, redis_server: RedisServer) -> None:
    """Every answer, every record and every orphan is as the model has it, after each step."""
    name = f"test-{uuid4().hex}"
    options = StoreOptions(tmp_path / name) if kind == "sqlite" else StoreOptions(redis=redis_server.url, prefix=name)

    asyncio.run(compared(options, steps))
