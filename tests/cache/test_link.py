"""The way to Redis: quick while it is there, no burden while it is not, and back by itself."""

import asyncio
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.cache.connections import Call
from gateway.cache.stores import RedisLink
from gateway.replicas import Gone
from tests.cache.links import ECHO, do, is_gone, linked, until
from tests.ports import free_port, wait_for_port
from tests.redis_server import RedisServer, a_redis
from tests.waiting import in_some_round

KEYS = "return {KEYS[1], KEYS[2], ARGV[1], 7, false}"


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RedisServer]:
    """For tests that leave it as it was."""
    with a_redis() as server:
        yield server


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with a_redis() as server:
        yield server


async def test_a_script_runs_with_prefixed_keys(shared_server: RedisServer):
    """Keys get the deployment's prefix, arguments arrive as they are, answers are numbers, bytes, None and lists."""
    async with linked(shared_server.url, prefix="mine") as link:
        assert link.is_up
        assert await link.run(KEYS, ["a", "b:c"], [b"\x00\xff"]) == [b"mine:a", b"mine:b:c", b"\x00\xff", 7, None]
        await link.run("return redis.call('SET', KEYS[1], ARGV[1])", ["here"], [12])
        assert await link.values(["here", "nowhere"]) == [b"12", None]


async def test_a_script_that_redis_has_lost_is_sent_again(shared_server: RedisServer):
    """Whoever asks does not see that Redis no longer knows the script."""
    async with linked(shared_server.url) as link:
        assert await link.run(ECHO, [], ["1"]) == b"1"
        await do(shared_server.url, "SCRIPT", "FLUSH")
        assert await link.run(ECHO, [], ["2"]) == b"2"
        assert link.is_up


async def test_what_is_asked_at_one_time_goes_in_one_round_trip(shared_server: RedisServer):
    """Redis reads from its sockets a few times, not once for each question; every asker gets his own answer."""
    async with linked(shared_server.url) as link:
        await link.run(ECHO, [], ["x"])
        before = (await do(shared_server.url, "INFO", "stats"))["total_reads_processed"]
        answers = await asyncio.gather(*(link.run(ECHO, [], [number]) for number in range(200)))
        after = (await do(shared_server.url, "INFO", "stats"))["total_reads_processed"]

    assert answers == [str(number).encode() for number in range(200)]
    assert after - before < 20


async def test_more_questions_than_one_round_trip_holds_are_all_answered(shared_server: RedisServer):
    """Two thousand at once come back in order, over all connections."""
    async with linked(shared_server.url) as link:
        answers = await asyncio.gather(*(link.run(ECHO, [], [number]) for number in range(2000)))

    assert answers == [str(number).encode() for number in range(2000)]


async def test_who_leaves_spoils_nothing_for_the_others(shared_server: RedisServer):
    """Askers cancelled before or after their question was sent do not shift the answers of others."""
    async with linked(shared_server.url) as link:
        for turns in range(8):
            askers = [asyncio.create_task(link.run(ECHO, [], [number])) for number in range(20)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for asker in askers[::3]:
                asker.cancel()
            answers = await asyncio.gather(*askers, return_exceptions=True)
            stayed = [number for number in range(20) if number % 3]
            assert [answers[number] for number in stayed] == [str(number).encode() for number in stayed]
        assert link.is_up


async def test_a_question_nobody_waits_for_is_not_sent(shared_server: RedisServer):
    """Who leaves before his question is on its way has asked nothing."""
    async with linked(shared_server.url) as link:
        count = "return redis.call('INCR', KEYS[1])"
        assert await link.run(count, ["asked"], []) == 1
        leaver, stayer = (asyncio.create_task(link.run(count, ["asked"], [])) for _ in range(2))
        await asyncio.sleep(0)
        leaver.cancel()

        assert await stayer == 2


async def test_a_mistake_of_ours_is_gone_for_the_asker_alone(
    shared_server: RedisServer, caplog: pytest.LogCaptureFixture
):
    """A refused script is logged once, its asker goes on alone, and the link stays up for all others."""
    async with linked(shared_server.url) as link:
        for _ in range(3):
            with pytest.raises(Gone):
                await link.run("return redis.call('NONSENSE')", [], [])
        assert await link.run(ECHO, [], ["x"]) == b"x"

    assert [record.levelname for record in caplog.records if "refused" in record.message] == ["ERROR"]


async def test_without_redis_it_starts_down(caplog: pytest.LogCaptureFixture):
    """Opening raises nothing, asking is gone at once, and one line says so, without the password and however often it
    is tried."""
    attempts: list[float] = []

    def chance() -> float:
        attempts.append(0)
        return 0.0

    nowhere = f"redis://:geheim@127.0.0.1:{free_port()}/0"
    async with linked(nowhere, is_there=False, chance=chance) as link:
        assert not link.is_up
        assert await is_gone(link)
        with pytest.raises(Gone):
            await link.values(["a"])
        await until(lambda: len(attempts) > 2)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "geheim" not in caplog.text


async def test_a_server_that_ends_is_noticed_and_found_again(server: RedisServer, caplog: pytest.LogCaptureFixture):
    """Also without anybody asking; one line when it goes and one when it is back, with no traceback."""
    caplog.set_level(logging.INFO, "gateway.cache.link")
    async with linked(server.url) as link:
        caplog.clear()
        server.stop()
        await until(lambda: not link.is_up)
        assert await is_gone(link)
        server.start()
        await until(lambda: link.is_up)
        assert await link.run(ECHO, [], ["x"]) == b"x"

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert all(record.exc_info is None for record in caplog.records)


async def test_a_server_that_hangs_holds_up_nobody_for_long(server: RedisServer):
    """The first asker waits as long as an answer may take, all others not at all; then it comes back by itself.

    The bound is 50 ms. Tried a few times, since the machine may pause.
    """
    async with linked(server.url, bound=0.05) as link:

        async def held_up() -> tuple[float, float]:
            await until(lambda: link.is_up)
            server.hang()
            began = time.monotonic()
            assert await is_gone(link)
            first = time.monotonic()
            assert all(await asyncio.gather(*(is_gone(link) for _ in range(500))))
            others = time.monotonic()
            assert not link.is_up
            server.go_on()
            return first - began, others - first

        async def not_for_long() -> None:
            assert max(await held_up()) < 0.5

        await in_some_round(not_for_long)
        await until(lambda: link.is_up)


async def test_askers_under_way_are_told_when_it_hangs(server: RedisServer):
    """Nobody who asked before is left waiting, on whichever connection or in the queue."""
    async with linked(server.url, bound=0.05) as link:
        server.hang()
        told = await asyncio.wait_for(asyncio.gather(*(is_gone(link) for _ in range(3000))), timeout=60)
        server.go_on()

    assert all(told)


async def test_our_own_pause_is_not_taken_for_its_silence(shared_server: RedisServer):
    """When this process was busy for longer than an answer may take, the answers are read and the link stays up.

    Tried a few times, since on a busy machine Redis may really have been silent.
    """

    async def busy() -> None:
        time.sleep(0.3)  # noqa: ASYNC251  the pause that is meant

    async with linked(shared_server.url, bound=0.1) as link:

        async def answered() -> None:
            await until(lambda: link.is_up)
            gone = await asyncio.gather(*(is_gone(link) for _ in range(5)), busy())
            assert not any(gone)

        await in_some_round(answered)


async def test_a_copy_that_can_only_be_read_counts_as_gone(server: RedisServer):
    """After a failover the old server refuses writes: the link is down until it takes them again."""

    async def has_tried_again() -> bool:
        scripts = (await do(server.url, "INFO", "commandstats")).get("cmdstat_eval", {})
        return int(scripts.get("failed_calls", 0)) > 2

    async with linked(server.url) as link:
        diary = Diary()
        await link.join(diary)
        await until(lambda: link.is_up)
        before = diary.happened.count("prepared")
        await do(server.url, "REPLICAOF", "127.0.0.1", free_port())
        with pytest.raises(Gone):
            await link.run("return redis.call('SET', KEYS[1], '1')", ["a"], [])
        assert not link.is_up
        await until(has_tried_again)
        assert diary.happened.count("prepared") == before
        await do(server.url, "REPLICAOF", "NO", "ONE")
        await until(lambda: link.is_up)


async def test_one_that_takes_no_writes_counts_as_gone(server: RedisServer, caplog: pytest.LogCaptureFixture):
    """It answers, and refuses whatever changes something: that is found out without anybody asking, said once for each
    script that meets it before, and over when it is over."""
    writes = [f"return redis.call('SET', KEYS[1], '{each}')" for each in "ab"]
    async with linked(server.url) as link:
        await do(server.url, "CONFIG", "SET", "min-replicas-to-write", "1")
        for script in writes * 3:
            with pytest.raises(Gone):
                await link.run(script, ["a"], [])
        await until(lambda: not link.is_up)
        await do(server.url, "CONFIG", "SET", "min-replicas-to-write", "0")
        await until(lambda: link.is_up)

    assert len([each for each in caplog.records if "refused a command" in each.message]) <= len(writes)


async def test_user_and_password_open_the_door(server: RedisServer, caplog: pytest.LogCaptureFixture):
    """The right ones do; with wrong ones the link is down, and they are in no message."""
    await do(server.url, "ACL", "SETUSER", "gate", "on", ">ge:heim@1", "~*", "+@all")
    await do(server.url, "CONFIG", "SET", "requirepass", "other")
    place = server.url.removeprefix("redis://")
    async with linked(f"redis://gate:ge%3Aheim%401@{place}") as named, linked(f"redis://:other@{place}") as unnamed:
        assert (named.is_up, unnamed.is_up) == (True, True)
        assert await named.run(ECHO, [], ["x"]) == b"x"
    assert [each for each in caplog.messages if "no answer in time" not in each] == []
    async with (
        linked(f"redis://gate:falsch@{place}", is_there=False) as wrong,
        linked(server.url, is_there=False) as none,
    ):
        assert (wrong.is_up, none.is_up) == (False, False)

    assert "falsch" not in caplog.text


async def test_databases_are_apart(shared_server: RedisServer):
    """The number in the URL is the database that is used."""
    one = shared_server.url.removesuffix("/0") + "/1"
    async with linked(shared_server.url) as first, linked(one) as second:
        await first.run("return redis.call('SET', KEYS[1], 'zero')", ["name"], [])

        assert (await first.values(["name"]), await second.values(["name"])) == ([b"zero"], [None])


@contextmanager
def a_redis_with_tls(folder: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the certificate that vouches for it."""
    for tool in ("openssl", "redis-server"):
        if shutil.which(tool) is None:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{tool} is not installed")
            pytest.skip(f"{tool} is not installed")
    key, certificate, port = folder / "key.pem", folder / "cert.pem", free_port()
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    named = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "30"]
    subprocess.run([*request, *named, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    command = ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
    command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-auth-clients", "no"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield port, certificate
    finally:
        process.kill()
        process.wait()


async def test_tls_is_spoken_and_checked(tmp_path: Path):
    """With the authority's file the link is up; without it, or with plain words, it stays down."""
    with a_redis_with_tls(tmp_path) as (port, certificate):
        async with linked(f"rediss://127.0.0.1:{port}", ca=str(certificate)) as trusting:
            assert trusting.is_up
            assert await trusting.run(ECHO, [], ["x"]) == b"x"
        async with (
            linked(f"rediss://127.0.0.1:{port}", is_there=False) as strange,
            linked(f"redis://127.0.0.1:{port}", is_there=False) as plain,
        ):
            assert (strange.is_up, plain.is_up) == (False, False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://:geheim@127.0.0.1",
        "redis://",
        "redis://:geheim@127.0.0.1:port/0",
        "redis://:geheim@127.0.0.1/name",
        "redis://:geheim@127.0.0.1/-1",
        "redis://:geheim@127.0.0.1/0?db=3",
    ],
)
def test_a_wrong_url_says_so_without_its_password(url: str):
    """What is no URL of a Redis is refused at once, in words that may be logged."""
    with pytest.raises(ValueError, match="redis") as caught:
        RedisLink(url)

    assert "geheim" not in str(caught.value)


async def test_closing_leaves_nothing_behind(shared_server: RedisServer):
    """No task outlives the link, whether it was up, down, or never opened, and closing twice is no mistake."""
    async with linked(shared_server.url) as link:
        pass
    await link.aclose()
    async with linked(f"redis://127.0.0.1:{free_port()}", is_there=False):
        pass
    await RedisLink(shared_server.url).aclose()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not link.is_up
    assert await is_gone(link)


class Diary:
    """A companion that writes down what happens to it."""

    def __init__(self, *, fails: bool = False) -> None:
        self.happened: list[str] = []
        self.fails = fails

    @property
    def spells(self) -> int:
        """How often it was prepared, perhaps more than once, followed, and ended; each in its turn."""
        told = "".join(each[0] for each in self.happened)
        assert re.fullmatch("(p+fe)*", told), self.happened
        return told.count("e")

    async def prepare(self, call: Call) -> None:
        self.happened.append("prepared")
        await call("PING")
        if self.fails:
            raise ConnectionError("not yet")

    async def follow(self, call: Call) -> None:
        self.happened.append("follows")
        try:
            await call("BLPOP", "never", 0)
        finally:
            self.happened.append("ended")


async def test_a_companion_is_prepared_before_anybody_is_served(server: RedisServer):
    """While it fails the link is down; it follows while the link is up, and goes with it."""
    diary = Diary(fails=True)
    link = RedisLink(server.url, bound=10)
    await link.join(diary)
    await link.open()
    assert not link.is_up
    assert set(diary.happened) == {"prepared"}
    diary.fails = False
    await until(lambda: link.is_up)
    await until(lambda: diary.happened[-1] == "follows")
    server.stop()
    await until(lambda: diary.happened[-1] == "ended")
    server.start()
    await until(lambda: diary.happened[-1] == "follows")
    link.leave(diary)
    await link.aclose()

    assert diary.spells >= 2


async def test_a_companion_may_join_later(shared_server: RedisServer):
    """Joining a link that is up waits until it is prepared, and the link stays up."""
    async with linked(shared_server.url) as link:
        diary = Diary()
        await link.join(diary)
        assert diary.happened[0] == "prepared"
        await until(lambda: diary.happened[-1] == "follows")
        assert link.is_up

    assert diary.spells >= 1


async def test_a_mistake_of_a_companions_is_logged_and_survived(
    shared_server: RedisServer, caplog: pytest.LogCaptureFixture
):
    """An error that has nothing to do with Redis is told with its traceback; the link comes back."""

    class Clumsy(Diary):
        has_failed = False

        async def follow(self, call: Call) -> None:
            if not self.has_failed:
                self.has_failed = True
                raise LookupError("clumsy")
            await super().follow(call)

    async with linked(shared_server.url) as link:
        clumsy = Clumsy()
        await link.join(clumsy)
        await until(lambda: clumsy.happened[-1] == "follows" and link.is_up)

    assert [record.levelname for record in caplog.records if record.exc_info] == ["ERROR"]


async def test_who_asks_while_it_closes_hears_that_it_is_gone(shared_server: RedisServer):
    """In each moment of closing a question is answered, or there is no answer: never anything else."""
    for turns in range(6):
        async with linked(shared_server.url) as link:
            closing = asyncio.create_task(link.aclose())
            for _ in range(turns):
                await asyncio.sleep(0)
            await is_gone(link)
            await closing
