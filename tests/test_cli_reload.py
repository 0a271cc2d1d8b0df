"""SIGHUP: credentials and callers are taken as the configuration has them now, and nobody's request is lost."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.auth.keys import NewKey, new_key
from gateway.commands.failure import Failure
from gateway.commands.hangup import hangups_held, on_hangup
from gateway.commands.reload import Reload
from gateway.config import Config, ConfigError
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions, Simulator
from tests.command_line import running, with_patience
from tests.config_tables import load, of_account
from tests.world import simulator_of, ticking

ACCOUNTS = """
[[accounts]]
name = "eu"
provider = "settled"
auth_token = "${TOKEN}"

[[accounts]]
name = "us"
provider = "homeless"
base_url = "https://us.example"
api_key = "${KEY}"
"""
CALLER = f"""
[[callers]]
name = "shop"
scopes = ["sims:read"]
accounts = ["*"]
[[callers.keys]]
prefix = "abcdefgh"
sha256 = "{"0" * 63}1"
"""
BEFORE = {"TOKEN": "the-old-token", "KEY": "the-old-key"}
AFTER = {"TOKEN": "the-new-token", "KEY": "the-new-key"}


class Desk:
    """A configuration in use, and what it is to be read as the next time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = load(folder, ACCOUNTS, BEFORE)
        self.admitted: list[tuple[str, ...]] = []
        self._next = self.config
        self._mistakes: Exception | None = None
        self.reload = Reload(self.config, self._load, self._admit)

    @property
    def secrets(self) -> list[str]:
        """What the accounts in use would send."""
        eu, us = (of_account(self.config, each) for each in (0, 1))
        return [eu.auth_token.reveal(), us.api_key.reveal()]

    async def after(self, text: str, environ: dict[str, str] | None = None, failure: Exception | None = None) -> None:
        """Read again, when that is what is written, or this is what comes of it."""
        self._mistakes = failure
        try:
            self._next = load(self.folder, text, environ or AFTER)
        except ConfigError as error:
            self._mistakes = error
        await self.reload()

    def _load(self) -> Config:
        if self._mistakes is not None:
            raise self._mistakes
        return self._next

    async def _admit(self, config: Config) -> None:
        if any(each.name == "impossible" for each in config.callers):
            raise RuntimeError("nobody foresaw that")
        self.admitted.append(tuple(each.name for each in config.callers))


@pytest.fixture
def desk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Desk:
    caplog.set_level(logging.INFO, "gateway.commands")
    return Desk(tmp_path)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged since the last time; nothing of it has a credential in it."""
    lines = [f"{each.levelname} {each.getMessage()}" for each in caplog.records]
    caplog.clear()
    assert not any(value in line for line in lines for value in (*BEFORE.values(), *AFTER.values()))
    return lines


async def test_new_credentials_and_callers(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """The very secrets that calls are made with reveal the new values; callers are as they are written now."""
    await desk.after(ACCOUNTS + CALLER)

    assert desk.secrets == list(AFTER.values())
    assert desk.admitted == [("shop",)]
    assert said(caplog) == [
        "INFO the configuration was read again, with callers, account eu: auth_token, account us: api_key"
    ]


async def test_nothing_new(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """What was taken once is not new the next time; the files that issuers refer to are read all the same."""
    await desk.after(ACCOUNTS, BEFORE)
    await desk.after(ACCOUNTS)
    caplog.clear()
    await desk.after(ACCOUNTS)

    assert desk.admitted == [()] * 3
    assert said(caplog) == ["INFO the configuration was read again, with nothing new in it"]


async def test_what_takes_a_restart(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is named and not taken, each time: accounts that come or go, and what else there is. The rest is."""
    changed = ACCOUNTS.replace("us", "asia").replace("asia.example", "us.example")
    text = changed + '[server]\nport = 81\ncursor_key = "${CURSOR}"\n[cache]\nmax_entries = 200\n'
    for _ in range(2):
        await desk.after(text, AFTER | {"CURSOR": "c" * 20})

    assert desk.secrets == [AFTER["TOKEN"], BEFORE["KEY"]]
    [first, second, _, third] = said(caplog)
    assert first == "INFO the configuration was read again, with account eu: auth_token"
    assert second == third
    assert second.removeprefix("WARNING not before a restart, as they are new or changed: ").split(", ") == [
        "account asia",
        "account us",
        "server: port",
        "server: cursor_key",
        "cache: max_entries",
    ]


@pytest.mark.parametrize("other", ['base_url = "https://other.example"', 'user = "she"', 'webhook_key = "${KEY}"'])
async def test_an_account_of_which_more_is_new(other: str, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Its credential is not taken either: it belongs to the rest, and may be another account's altogether."""
    text = ACCOUNTS.replace(
        'base_url = "https://us.example"\n', "" if "base_url" in other else 'base_url = "https://us.example"\n'
    )
    await desk.after(text + other + "\n")

    key = other.split(maxsplit=1)[0]
    assert desk.secrets == [AFTER["TOKEN"], BEFORE["KEY"]]
    [line] = [each for each in said(caplog) if each.startswith("WARNING")]
    assert {"account us: api_key", f"account us: {key}"} == set(line.partition("changed: ")[2].split(", "))


async def test_an_account_of_another_kind(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """The same name at another provider is another account."""
    await desk.after(
        ACCOUNTS.replace('"settled"', '"homeless"\nbase_url = "https://eu.example"').replace("auth_token", "api_key")
    )

    assert desk.secrets == [BEFORE["TOKEN"], AFTER["KEY"]]
    assert said(caplog)[-1].endswith("changed: account eu: provider")


async def test_mistakes_change_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Every mistake is logged, and all stays as it was, also what is right in the file."""
    await desk.after(ACCOUNTS + CALLER + "[server]\nprot = 1\ndeadline = 0\n")

    assert desk.secrets == list(BEFORE.values())
    assert desk.admitted == []
    first, *mistakes = said(caplog)
    assert first == "ERROR the configuration stays as it was, with 2 to put right"
    assert [each.split(":")[:2] for each in mistakes] == [["ERROR server", " prot"], ["ERROR server", " deadline"]]


async def test_what_cannot_be_served_changes_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """As one that has fewer calls for an account than there are workers."""
    await desk.after(ACCOUNTS, failure=Failure("--workers 2 is too many"))

    assert desk.secrets == list(BEFORE.values())
    assert said(caplog) == ["ERROR the configuration stays as it was: --workers 2 is too many"]


async def test_what_nobody_foresaw_changes_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Where callers cannot be admitted, credentials stay as they are, and the gateway goes on."""
    await desk.after(ACCOUNTS + CALLER.replace("shop", "impossible"))

    assert desk.secrets == list(BEFORE.values())
    assert [each.partition(" in a way")[0] for each in said(caplog)] == [
        "ERROR the configuration could not be read again"
    ]


# --- the signal ----------------------------------------------------------------------------------------------------


@pytest.fixture
def held() -> Any:  # Any: a fixture that gives nothing
    """SIGHUP as `serve` has it while it starts."""
    with hangups_held():
        yield


def tell() -> None:
    """The main thread; others that a test has do not hold it."""
    signal.raise_signal(signal.SIGHUP)


async def test_one_after_the_other(held: None) -> None:
    """Signals that come while the configuration is being read make for one more reading, and never two at once."""
    under_way, go_on, calls, most = 0, asyncio.Semaphore(0), 0, 0
    begun = asyncio.Semaphore(0)

    async def again() -> None:
        nonlocal under_way, most, calls
        under_way += 1
        calls, most = calls + 1, max(most, under_way)
        begun.release()
        await go_on.acquire()
        under_way -= 1

    async with asyncio.timeout(60), on_hangup(again):
        tell()
        await begun.acquire()
        for _ in range(5):
            tell()
            await asyncio.sleep(0.01)
        go_on.release()
        await begun.acquire()
        go_on.release()

    assert (calls, most) == (2, 1)


async def test_one_that_came_too_early(held: None) -> None:
    """A signal from before the gateway was ready is answered before it serves, and one after it has ended is held."""
    calls = 0

    async def again() -> None:
        nonlocal calls
        calls += 1

    tell()
    async with on_hangup(again):
        assert calls == 1
    tell()
    pending = signal.sigpending()
    signal.sigwait({signal.SIGHUP})

    assert (calls, signal.SIGHUP in pending) == (1, True)


# --- the whole -----------------------------------------------------------------------------------------------------

NAME = "twilio-supersim"
READ = "the configuration was read (again)"
QUERY = "{ sims(first: 1) { nodes { iccid } problems { code } } }"


class Site:
    """A simulated provider, and a configuration of one account there whose credential is in a file beside it."""

    def __init__(self, folder: Path, simulator: Simulator, url: str) -> None:
        self.config, self._token = folder / "gateway.toml", folder / "token"
        self.right = str(simulator.account["auth_token"])
        self._table = f'[[accounts]]\nname = "eu"\nprovider = "{NAME}"\nbase_url = "{url}/{NAME}{simulator.path}"\n'
        self._table += f'account_sid = "{simulator.account["account_sid"]}"\nauth_token_file = "token"\n'
        self.write(self.right)

    def write(self, token: str, *callers: NewKey, more: str = "") -> None:
        """What is read next."""
        self._token.write_text(token)
        keys = [f'[[callers.keys]]\nprefix = "{key.prefix}"\nsha256 = "{key.sha256}"\n' for key in callers]
        shop = '[[callers]]\nname = "shop"\nscopes = ["sims:read"]\naccounts = ["*"]\n' if keys else ""
        self.config.write_text("".join([self._table, shop, *keys]))
        with_patience(self.config)
        with self.config.open("a") as file:  # now within [server]
            file.write(more)


@asynccontextmanager
async def a_site(folder: Path) -> AsyncIterator[Site]:
    simulator = simulator_of(platforms()[NAME], SimulationOptions(3, 1, ticking(), {}))
    async with serving(SimulationHost({NAME: simulator})) as url:
        yield Site(folder, simulator, url)


async def came_of(url: str, key: NewKey | None = None) -> str:
    """How a question is answered, in a word, over a connection of its own: which worker gets it is chance."""
    headers = {"cache-control": "no-cache"} | ({"authorization": f"Bearer {key.text}"} if key else {})
    async with httpx.AsyncClient(timeout=120) as http:
        answer = (await http.post(url, json={"query": QUERY}, headers=headers)).json()
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    found = answer["data"]["sims"]
    return "found" if found["nodes"] else str(found["problems"][0]["code"])


async def test_a_gateway_is_told_of_a_new_credential_and_of_callers(tmp_path: Path) -> None:
    """Without a restart: the account's new credential, the first callers, and one of them less; with a mistake in the
    file all stays as it was. Nothing of it is in the log."""
    first, second = new_key(), new_key()
    async with a_site(tmp_path) as site, running("serve", "--config", site.config, "--port", "0") as gateway:
        url = await gateway.find(r"GraphQL at (http://\S+)", errors=True)
        answers = [await came_of(url)]
        for token, keys in [("a-wrong-token", ()), (site.right, (first, second)), (site.right, (second,))]:
            site.write(token, *keys)
            gateway.process.send_signal(signal.SIGHUP)
            await gateway.find(READ, errors=True)
            answers += [await came_of(url), await came_of(url, first), await came_of(url, second)]
        site.write("a-wrong-token", first, more="prot = 1\n")
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.find("server: (prot): unknown key", errors=True)
        answers += [await came_of(url, first), await came_of(url, second)]
        assert await gateway.stop(signal.SIGTERM) == 0

    told = "".join((*gateway.output, gateway.errors))
    assert answers == [
        "found",
        *("DENIED", "DENIED", "DENIED"),
        *("UNAUTHENTICATED", "found", "found"),
        *("UNAUTHENTICATED", "UNAUTHENTICATED", "found"),
        *("UNAUTHENTICATED", "found"),
    ]
    assert not any(secret in told for secret in (site.right, "a-wrong-token", first.text, second.text))


async def test_every_worker_reads_it_again(tmp_path: Path) -> None:
    """Each by itself and none anew; one that is started later because another died has the new ones from the start,
    and that another died is known at once."""
    key = new_key()
    async with (
        a_site(tmp_path) as site,
        running("serve", "--config", site.config, "--port", "0", "--workers", "2") as gateway,
    ):
        url = await gateway.find(r"GraphQL at (http://\S+)", errors=True)
        for _ in range(2):
            await gateway.find("Application startup (complete)", errors=True)
        site.write(site.right, key)
        before = workers(gateway.process.pid)
        gateway.process.send_signal(signal.SIGHUP)
        for _ in range(2):
            await gateway.find(READ, errors=True)
        answers = {await came_of(url) for _ in range(10)} | {await came_of(url, key) for _ in range(10)}
        assert workers(gateway.process.pid) == before
        os.kill(min(before), signal.SIGKILL)
        await gateway.find(READ, errors=True)
        answers |= {await came_of(url) for _ in range(10)}
        after = workers(gateway.process.pid)
        assert await gateway.stop(signal.SIGTERM) == 0

    assert answers == {"UNAUTHENTICATED", "found"}
    assert len(before & after) == 1
    assert len(after) == 2


def workers(pid: int) -> set[int]:
    """The processes that serve for this one."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return {each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()}
