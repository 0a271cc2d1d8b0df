"""What the writer does about writes that a dead process has left, and about its own where it counts as dead."""

import asyncio
from pathlib import Path

import pytest

from gateway.changes import SendSmsCommand
from gateway.store.records import Stage, WriteRecord
from gateway.writes.order import Told
from schema.write import WriteOutcome
from tests.waiting import until
from tests.writes.desk import CALLER, TEXT, Desk, a_desk
from tests.writes.site import SUPERSIM

APPLIED, UNKNOWN = WriteOutcome.APPLIED, WriteOutcome.UNKNOWN


async def kept(desk: Desk, id: str = "key:once") -> WriteRecord:
    record = await desk.store.write(id)
    assert record is not None
    return record


# --- what dead processes left --------------------------------------------------------------------------------


async def test_a_command_that_was_sent(tmp_path: Path):
    """What a dead process had sent is found at the provider, audited, told to whoever asks again, and not resent."""
    async with a_desk(tmp_path) as desk:
        made = (await desk.account.provider.send_sms_command(SendSmsCommand(sim_id=desk.sim_id, payload=TEXT))).thing
        assert made is not None
        await desk.left_behind(Stage.SENT, desk.order().write)
        writer = await desk.writer()

        await writer.mend()

        record = await kept(desk)
        assert (record.stage, record.outcome, record.native_id) == (Stage.OVER, "APPLIED", made.native_id)
        [line] = desk.audited()
        assert (line["outcome"], line["target"], line["caller"]) == ("APPLIED", made.native_id, CALLER)
        told = await writer.run(desk.order())
        assert (told.outcome, told.native_id) == (APPLIED, made.native_id)
        assert len(desk.site.writes()) == 1


async def test_a_command_of_which_there_is_no_trace(tmp_path: Path):
    """What a dead process may have sent and does not show is UNKNOWN, is audited so, and is never sent."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(Stage.SENT, desk.order().write)
        writer = await desk.writer()

        await writer.mend()

        assert (await kept(desk)).outcome == "UNKNOWN"
        assert [line["outcome"] for line in desk.audited()] == ["UNKNOWN"]
        told = await writer.run(desk.order())
        assert (told.outcome, bool(told.problems)) == (UNKNOWN, True)
        assert desk.site.writes() == []


async def test_what_was_only_claimed(tmp_path: Path):
    """What a dead process had not begun is let go without a word in the audit log, and can be done by another."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(Stage.CLAIMED, desk.order().write)
        writer = await desk.writer()

        await writer.mend()

        assert await desk.store.write("key:once") is None
        assert desk.audited() == []
        assert (await writer.run(desk.order())).outcome is APPLIED
        assert len(desk.site.writes()) == 1


@pytest.mark.parametrize("stage", [Stage.CLAIMED, Stage.SENT])
async def test_whoever_asks_need_not_wait_for_the_mending(stage: Stage, tmp_path: Path):
    """Who orders the same again finds out what a dead process left, before anybody else has looked."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(stage, desk.order().write)
        writer = await desk.writer()

        told = await writer.run(desk.order())

        assert told.outcome is (APPLIED if stage is Stage.CLAIMED else UNKNOWN)
        assert len(desk.site.writes()) == (stage is Stage.CLAIMED)
        assert len(desk.audited()) == 1


async def test_an_account_that_is_no_longer_there(tmp_path: Path):
    """What was left at an account that is not configured any more is UNKNOWN, and does not stop the mending."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(Stage.SENT, desk.order().write, account="gone")
        await desk.left_behind(Stage.SENT, desk.order().write, id="key:other")
        writer = await desk.writer()

        await writer.mend()

        assert [(await kept(desk, each)).outcome for each in ("key:once", "key:other")] == ["UNKNOWN"] * 2


async def test_a_record_that_cannot_be_read(tmp_path: Path):
    """What another version began is left to it, is UNKNOWN to who asks, and does not keep others from being mended."""
    async with a_desk(tmp_path) as desk:
        odd = await desk.left_behind(Stage.SENT, desk.order().write)
        odd.write = b'{"type":"of a later version"}'
        await desk.store.intend(odd)
        await desk.left_behind(Stage.SENT, desk.order().write, id="key:other")
        writer = await desk.writer()

        await writer.mend()

        assert (await kept(desk)).stage is Stage.SENT
        assert (await kept(desk, "key:other")).outcome == "UNKNOWN"
        assert (await writer.run(desk.order())).outcome is UNKNOWN
        assert desk.site.writes() == []


async def test_what_is_not_for_mending(tmp_path: Path):
    """The writes of jobs, and those of processes that live, are left to these."""
    async with a_desk(tmp_path) as desk:
        job = await desk.left_behind(Stage.SENT, desk.order().write, id="job:1:2")
        alive = await desk.left_behind(Stage.SENT, desk.order().write)
        await desk.store.beat("dead")
        await (await desk.writer()).mend()
        await desk.store.leave("dead")
        await desk.store.beat("another")
        alive.owner = "another"

        assert [(await kept(desk, each.id)).stage for each in (job, alive)] == [Stage.SENT] * 2
        assert desk.audited() == []


# --- a process that counts as dead ---------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["key:once", None])
async def test_one_that_stood_still_does_not_mend_its_own(id: str | None, tmp_path: Path):
    """A process that counts as dead while it sends lets its own write be: it has one outcome and one line."""
    async with a_desk(tmp_path) as desk:
        writer = await desk.writer()
        desk.site.host.latency[SUPERSIM] = 1.0
        sending = asyncio.create_task(writer.run(desk.order(id)))
        await until(lambda: len(desk.site.writes()) == 1)
        await desk.store.leave(writer.owner)
        [orphan] = await desk.store.orphans()
        assert orphan.stage is Stage.SENT

        await writer.mend()

        assert (await sending).outcome is APPLIED
        assert [line["outcome"] for line in desk.audited()] == ["APPLIED"]


async def test_two_that_both_find_out(tmp_path: Path):
    """Mending and asking again at the same time come to one answer and one line."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(Stage.SENT, desk.order().write)
        one, other = await desk.writer(), await desk.writer()

        _, *told = await asyncio.gather(one.mend(), one.run(desk.order()), other.mend(), other.run(desk.order()))

        answers = [each for each in told if isinstance(each, Told)]
        assert [each.outcome for each in answers] == [UNKNOWN] * 2
        assert answers[0] == answers[1]
        assert len(desk.audited()) == 1
        assert desk.site.writes() == []


async def test_a_claim_that_is_let_go_and_taken_at_once(tmp_path: Path):
    """Mending what was only claimed does not let go what somebody else has begun meanwhile: it is sent once."""
    async with a_desk(tmp_path) as desk:
        await desk.left_behind(Stage.CLAIMED, desk.order().write)
        one, other = await desk.writer(), await desk.writer()

        told = await asyncio.gather(one.mend(), one.run(desk.order()), other.mend(), other.run(desk.order()))

        assert told[1] == told[3]
        assert (await kept(desk)).outcome == "APPLIED"
        assert len(desk.site.writes()) == 1
