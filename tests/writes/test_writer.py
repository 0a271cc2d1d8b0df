"""What the writer does when its process ends, about equal commands, and for the audit log."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.audit.log import AUDIT_FILE
from gateway.changes import RegisterSim, SendSmsCommand, UpdateFleet, UpdateSim, Write
from gateway.page import PageRequest
from gateway.store.opening import StoreOptions
from gateway.store.records import WriteRecord
from gateway.where import FleetWhere
from gateway.writes import writer as writing
from gateway.writes.order import Order, Told
from gateway.writes.writer import Writer
from schema.status import SimTarget
from schema.write import WriteOutcome
from tests.waiting import until
from tests.writes.desk import CALLER, TEXT, Desk, a_desk
from tests.writes.site import SEND, SUPERSIM, asked_alike, sim_for_texts

APPLIED, REFUSED, UNKNOWN = WriteOutcome.APPLIED, WriteOutcome.REFUSED, WriteOutcome.UNKNOWN


async def kept(desk: Desk, id: str = "key:once") -> WriteRecord:
    record = await desk.store.write(id)
    assert record is not None
    return record


# --- a process that ends -------------------------------------------------------------------------------------


async def test_ending_while_a_write_is_under_way(tmp_path: Path):
    """What is under way comes to its end before the process does, and is answered."""
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        desk.site.host.latency[SUPERSIM] = 0.5
        sending = asyncio.create_task(writer.run(desk.order()))
        await until(lambda: len(desk.site.writes()) == 1)

        await writer.aclose()

        assert (await sending).outcome is APPLIED
        assert (await kept(desk)).outcome == "APPLIED"


async def test_ending_before_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What takes too long is told as UNKNOWN, is found out by the next process, and is not sent again."""
    monkeypatch.setattr(writing, "CLOSING_TIME", 0.1)
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        desk.site.host.latency[SUPERSIM] = 3600
        sending = asyncio.create_task(writer.run(desk.order()))
        await until(lambda: len(desk.site.writes()) == 1)
        await writer.aclose()
        await desk.store.leave(writer.owner)
        desk.site.host.latency.clear()
        assert (await sending).outcome is UNKNOWN

        told = await (await desk.writer()).run(desk.order())

        assert told.outcome is APPLIED
        assert (await desk.there())[told.native_id or ""] == TEXT
        assert len(desk.site.writes()) == 1
        assert len(desk.audited()) == 1


async def test_another_takes_over_only_when_it_has_ended(tmp_path: Path):
    """While a gateway ends, another waits for what is still under way there, and both tell the same."""
    store = StoreOptions(folder=tmp_path)
    async with a_desk(tmp_path / "unused") as desk, desk.site.gateway(store) as other:
        sim = await sim_for_texts(other)
        async with desk.site.gateway(store) as ending:
            desk.site.host.latency[SUPERSIM] = 1.0
            sending = asyncio.create_task(ending.data(SEND, asked_alike(sim, "once")))
            await until(lambda: len(desk.site.writes()) == 1)
            asking = asyncio.create_task(other.data(SEND, asked_alike(sim, "once")))
            await asyncio.sleep(0.1)

        assert await asking == await sending
        assert len((tmp_path / AUDIT_FILE).read_text().splitlines()) == 1
        assert len(desk.site.writes()) == 1


# --- equal commands ------------------------------------------------------------------------------------------


async def sent_alike(writers: Sequence[Writer], desk: Desk, count: int = 2) -> list[Told]:
    """Equal commands without keys, at once."""
    return list(await asyncio.gather(*(writers[each % len(writers)].run(desk.order(None)) for each in range(count))))


@pytest.mark.parametrize("processes", [1, 2])
async def test_two_equal_commands_whose_answers_are_lost(processes: int, tmp_path: Path):
    """Of two equal commands whose answers are both lost none is resent, and no one command is told for both."""
    async with a_desk(tmp_path) as desk:
        writers = [await desk.writer() for _ in range(processes)]
        desk.site.host.fault(SUPERSIM, "reset", count=2, path="/v1/SmsCommands")

        told = await sent_alike(writers, desk)

        assert len(desk.site.writes()) == 2
        ids = [each.native_id for each in told if each.outcome is APPLIED]
        assert len(set(ids)) == len(ids)
        assert {each.outcome for each in told} <= {APPLIED, UNKNOWN}
        assert set(ids) <= (await desk.there()).keys()
        assert all(each.problems for each in told if each.outcome is UNKNOWN)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("lost", ["drop", "reset"])
async def test_one_of_two_equal_commands_is_lost(lost: str, processes: int, tmp_path: Path):
    """The one whose answer came has its own command; the other is never told that this one is its own."""
    async with a_desk(tmp_path) as desk:
        writers = [await desk.writer() for _ in range(processes)]
        desk.site.host.fault(SUPERSIM, lost, count=1, path="/v1/SmsCommands")

        told = await sent_alike(writers, desk)

        assert len(desk.site.writes()) == 2
        assert APPLIED in {each.outcome for each in told}
        ids = [each.native_id for each in told if each.outcome is APPLIED]
        assert len(set(ids)) == len(ids)
        made = [each for each, text in (await desk.there()).items() if text == TEXT]
        assert len(made) == (1 if lost == "drop" else 2)
        assert len(ids) <= len(made)


async def test_the_only_one_like_it(tmp_path: Path):
    """A single command whose answer is lost is found by what it says, also where an equal one was sent before."""
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        first = await writer.run(desk.order(None))
        desk.site.host.fault(SUPERSIM, "reset", count=1, path="/v1/SmsCommands")

        second = await writer.run(desk.order(None))

        assert (first.outcome, second.outcome) == (APPLIED, APPLIED)
        assert first.native_id != second.native_id
        assert len(desk.site.writes()) == 2


# --- the audit log -------------------------------------------------------------------------------------------

CODE = "H3LL0W0RLD"


async def test_a_line_for_each_write(tmp_path: Path):
    """Each write has one line with its outcome, and none repeats what a device is told or what registers a SIM."""
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        fleet = (await desk.account.provider.list_fleets(FleetWhere(), PageRequest(1))).items[0].native_id
        moved = UpdateSim(sim_id=desk.sim_id, callback_url="https://example.com/hook?token=hush", name="pump")
        orders: list[tuple[Write, str | None, WriteOutcome]] = [
            (desk.order().write, None, APPLIED),
            (desk.order().write, "drop", UNKNOWN),
            (RegisterSim(iccid="8988300000000000001", registration_code=CODE), None, REFUSED),
            (moved, None, APPLIED),
            (UpdateFleet(fleet_id=fleet, name="new name"), None, APPLIED),
        ]
        for number, (write, fault, outcome) in enumerate(orders):
            if fault:
                desk.site.host.fault(SUPERSIM, fault, count=1)
            told = await writer.run(Order(SUPERSIM, write, CALLER, f"key:{number}"))
            assert told.outcome is outcome

        lines = desk.audited()

        assert [(line["operation"], line["outcome"]) for line in lines] == [
            *(("send_sms_command", "APPLIED"), ("send_sms_command", "UNKNOWN"), ("register_sim", "REFUSED")),
            *(("update_sim", "APPLIED"), ("update_fleet", "APPLIED")),
        ]
        assert {(line["caller"], line["account"]) for line in lines} == {(CALLER, SUPERSIM)}
        assert lines[2]["code"] == "REFUSED"
        assert lines[3]["target"] == desk.sim_id
        assert lines[3]["changes"]["name"]["new"] == "pump"
        assert lines[4]["changes"]["name"]["new"] == "new name"
        text = (tmp_path / AUDIT_FILE).read_text()
        assert not [secret for secret in (TEXT, CODE, "hush") if secret in text]


async def test_no_line_where_nothing_was_sent(tmp_path: Path):
    """What was refused here, was only tried, or is asked again has no line of its own."""
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        await writer.run(desk.order())
        await writer.run(desk.order())
        await writer.run(Order(SUPERSIM, SendSmsCommand(sim_id=desk.sim_id, payload="other"), CALLER, "key:once"))
        refused = await writer.run(
            Order(SUPERSIM, UpdateSim(sim_id=desk.sim_id, status=SimTarget.TERMINATED), CALLER, None)
        )
        await writer.planned(SUPERSIM, desk.order().write)

        assert refused.outcome is REFUSED
        assert [line["outcome"] for line in desk.audited()] == ["APPLIED"]


async def test_the_record_of_what_is_over_says_nothing_of_it(tmp_path: Path):
    """Once a write is over the store no longer holds what was to be written."""
    async with a_desk(tmp_path) as desk:
        await (await desk.writer()).run(desk.order())

        record = await kept(desk)

        assert record.write == b""
        told: Any = msgspec.json.decode(record.result or b"")  # Any: JSON
        assert told["outcome"] == "APPLIED"
