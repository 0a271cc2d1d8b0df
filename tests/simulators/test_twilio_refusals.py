"""What the Twilio-family simulators refuse, and with which code."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from gateway.providers.supersim import simulator as supersim
from gateway.providers.supersim.simulator.windows import months_before
from gateway.providers.wireless import simulator as wireless
from gateway.simulation.host import SimulationHost
from gateway.simulation.simulator import SimulationOptions, Simulator
from tests.simulators.twilio_family import Clock, kore_client, twilio_http

NOBODY = "HS" + "0" * 32


def made(kind: str, clock: Clock | None = None, **switches: str) -> Simulator:
    build = {"supersim": supersim.twilio_simulator, "wireless": wireless.twilio_simulator}[kind]
    return build(SimulationOptions(sims=120, seed=9, now=clock or Clock(), switches=switches))


async def sid(client: httpx.AsyncClient, query: str) -> str:
    found: str = (await client.get(f"/v1/Sims?{query}")).json()["sims"][0]["sid"]
    return found


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("Sims", {"Iccid": "8988307"}, 83001),
        ("Sims/{active}", {"Fleet": ""}, 83008),
        ("Sims/{active}", {"AccountSid": "AC" + "1" * 32}, 20001),
        ("Sims/{active}", {"CallbackUrl": "ftp://x"}, 20001),
        ("Sims/{active}", {"CallbackMethod": "PUT"}, 20001),
        ("Fleets", {}, 20002),
        ("Fleets", {"NetworkAccessProfile": "none"}, 20001),
        ("Fleets", {"NetworkAccessProfile": "europe", "UniqueName": "retail"}, 83011),
        ("Fleets", {"NetworkAccessProfile": "europe", "DataLimit": "0"}, 20001),
        ("Fleets", {"NetworkAccessProfile": "europe", "DataEnabled": "maybe"}, 20001),
        ("NetworkAccessProfiles", {"UniqueName": "europe"}, 83011),
        ("NetworkAccessProfiles", {"Networks": "HW0"}, 20001),
        ("NetworkAccessProfiles/europe/Networks", {}, 20002),
        ("SmsCommands", {"Sim": "{active}"}, 20002),
        ("SmsCommands", {"Sim": "{mute}", "Payload": "x"}, 20001),
        ("IpCommands", {"Sim": "{active}", "Payload": "x"}, 20002),
        ("IpCommands", {"Sim": "{active}", "Payload": "x", "DevicePort": "70000"}, 20001),
        ("IpCommands", {"Sim": "{active}", "Payload": "x" * 1301, "DevicePort": "7"}, 20001),
        ("IpCommands", {"Sim": "{active}", "Payload": "%", "PayloadType": "binary", "DevicePort": "7"}, 20001),
        ("IpCommands", {"Sim": "{inactive}", "Payload": "x", "DevicePort": "7"}, 83400),
        ("ESimProfiles", {"Eid": "12"}, 20001),
    ],
)
async def test_supersim_writes_are_checked(path: str, form: dict[str, str], code: int) -> None:
    """Each mistake is 400 with its code, and changes nothing."""
    async with twilio_http(made("supersim")) as client:
        sims = {
            "{active}": await sid(client, "Status=active&Fleet=vehicles"),
            "{mute}": await sid(client, "Status=active&Fleet=charging"),
            "{inactive}": await sid(client, "Status=inactive&Fleet=vehicles"),
        }
        filled = {name: sims.get(value, value) for name, value in form.items()}
        answer = await client.post(f"/v1/{path.replace('{active}', sims['{active}'])}", data=filled)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"AccountSid": "AC" + "1" * 32}, 33101),
        ({"UniqueName": "{taken}"}, 33101),
        ({"SmsUrl": "x"}, 33101),
        ({"SmsMethod": "PUT"}, 33101),
    ],
)
async def test_wireless_updates_are_checked(form: dict[str, str], code: int) -> None:
    """Each mistake is 400 with its code."""
    async with twilio_http(made("wireless")) as client:
        sims = (await client.get("/v1/Sims?Status=active")).json()["sims"]
        taken = next(sim["unique_name"] for sim in sims[1:] if sim["unique_name"])
        filled = {name: value.replace("{taken}", taken) for name, value in form.items()}
        answer = await client.post(sims[0]["url"], data=filled)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "path",
    [
        "Sims/{nobody}",
        "Sims/{nobody}/BillingPeriods",
        "Sims/{nobody}/IpAddresses",
        "Fleets/HF0",
        "Fleets/none",
        "SmsCommands/HC0",
        "IpCommands/HG0",
        "ESimProfiles/HP0",
        "Networks/HW0",
        "NetworkAccessProfiles/none",
        "NetworkAccessProfiles/none/Networks",
        "NetworkAccessProfiles/europe/Networks/HW0",
    ],
)
async def test_absent_things_are_20404(path: str) -> None:
    """An id that nobody made is 404 with code 20404."""
    async with twilio_http(made("supersim")) as client:
        answer = await client.get(f"/v1/{path.replace('{nobody}', NOBODY)}")

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    "path", ["Sims?Fleet=none", "SmsCommands?Sim=nobody", "SettingsUpdates?Sim=nobody", "ESimProfiles?SimSid=HS0"]
)
async def test_filters_by_something_absent_find_nothing(path: str) -> None:
    """A list filtered by an unknown thing is empty."""
    async with twilio_http(made("supersim")) as client:
        answer = (await client.get(f"/v1/{path}")).json()

    assert answer[answer["meta"]["key"]] == []


@pytest.mark.parametrize(
    ("at", "months", "before"),
    [((2026, 3, 31), 1, (2026, 2, 28)), ((2024, 3, 30), 1, (2024, 2, 29)), ((2026, 1, 15), 18, (2024, 7, 15))],
)
def test_a_month_before_is_the_same_day_or_the_last(
    at: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    """Usage windows count in calendar months."""
    assert months_before(datetime(*at, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)


async def test_a_new_sim_comes_to_life() -> None:
    """Registered, given a fleet and made ready, a SIM has its first billing period and becomes active by use."""
    clock = Clock()
    async with twilio_http(made("supersim", clock)) as client:
        new = (await client.get("/v1/Sims?Status=new")).json()["sims"][0]
        asked = await client.post(new["url"], data={"Status": "ready", "Fleet": "vehicles"})
        clock.tick(seconds=4)
        ready = (await client.get(new["url"])).json()["status"]
        clock.tick(days=92)
        active = (await client.get(new["url"])).json()["status"]
        periods = (await client.get(new["links"]["billing_periods"])).json()["billing_periods"]

    assert (asked.status_code, ready, active) == (202, "ready", "active")
    assert [period["period_type"] for period in periods] == ["active"] * 4 + ["ready"]


async def test_a_text_to_an_inactive_sim_waits_a_day() -> None:
    """It stays queued for 24 hours and then fails."""
    clock = Clock()
    async with twilio_http(made("supersim", clock)) as client:
        sim = await sid(client, "Status=inactive&Fleet=vehicles")
        url = (await client.post("/v1/SmsCommands", data={"Sim": sim, "Payload": "hello"})).json()["url"]
        clock.tick(hours=23)
        waiting = (await client.get(url)).json()["status"]
        clock.tick(hours=1)
        over = (await client.get(url)).json()["status"]

    assert (waiting, over) == ("queued", "failed")


async def test_a_narrowband_sim_takes_a_hundred_commands_at_once() -> None:
    """The hundred-and-second queued command is 33118."""
    simulator = made("wireless")
    async with twilio_http(simulator) as client:
        narrow = [
            sim["sid"]
            for sim in (await client.get("/v1/Sims?Status=active&RatePlan=standard&PageSize=100")).json()["sims"]
            if {row["radio_link"] for row in (await client.get(f"{sim['url']}/DataSessions")).json()["data_sessions"]}
            == {"NB-IoT"}
        ]
        codes = [
            (await client.post("/v1/Commands", data={"Command": "x", "Sim": narrow[0]})).status_code for _ in range(102)
        ]

    assert codes == [201] * 101 + [400]


async def test_wireless_usage_dates_are_inclusive() -> None:
    """A bare End includes its whole day; an End before Start is 33101."""
    async with twilio_http(made("wireless")) as client:
        bare = (await client.get("/v1/UsageRecords?Start=2026-11-01&End=2026-11-02")).json()["usage_records"]
        exact = (await client.get("/v1/UsageRecords?Start=2026-11-01T00:00:00Z&End=2026-11-02T23:59:59Z")).json()[
            "usage_records"
        ]
        wrong = await client.get("/v1/UsageRecords?Start=2026-11-03&End=2026-11-02")

    assert bare == exact
    assert exact[0]["period"] == {"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T23:59:59Z"}
    assert (wrong.status_code, wrong.json()["code"]) == (400, 33101)


async def test_usage_of_one_network_and_country() -> None:
    """Filtered by network or country, all SIMs' rows add up to the filtered whole."""
    window = "StartTime=2026-10-25T00:00:00Z&EndTime=2026-11-20T00:00:00Z"
    async with twilio_http(made("supersim")) as client:
        countries = (await client.get(f"/v1/UsageRecords?Group=isoCountry&{window}")).json()["usage_records"]
        networks = (await client.get(f"/v1/UsageRecords?Group=network&{window}")).json()["usage_records"]
        for row, name, key in [(countries[0], "IsoCountry", "iso_country"), (networks[0], "Network", "network_sid")]:
            only = f"{name}={row[key]}&{window}&PageSize=1000"
            whole = (await client.get(f"/v1/UsageRecords?{only}")).json()["usage_records"]
            sims = (await client.get(f"/v1/UsageRecords?Group=sim&{only}")).json()["usage_records"]

            assert whole[0]["data_total"] == row["data_total"] == sum(sim["data_total"] for sim in sims)
            assert whole[0][key] == row[key]


async def test_a_wrong_method_on_the_token_endpoint_is_405() -> None:
    """Only POST gives a token, and a bad scheme opens nothing."""
    simulator = wireless.kore_simulator(SimulationOptions(sims=20, seed=1, now=Clock()))
    async with kore_client(simulator) as client:
        wrong = await client.get("/api-services/v1/auth/token")
        client.headers["authorization"] = client.headers["authorization"].replace("Bearer", "Basic")
        basic = await client.get("/v1/Sims")

    assert (wrong.status_code, basic.status_code) == (405, 403)


async def test_a_host_takes_no_endless_body_and_no_websocket() -> None:
    """A body above a mebibyte is 413; lifespan is acknowledged; a websocket is closed."""
    host = SimulationHost({"twilio-supersim": made("supersim")})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://h.test") as client:
        large = await client.post("/twilio-supersim/v1/Sims", content=b"x" * (1024 * 1024 + 1))
    sent: list[str] = []
    queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    for kind in ("lifespan.startup", "lifespan.shutdown"):
        queue.put_nowait({"type": kind})

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message["type"])

    await host({"type": "lifespan"}, queue.get, send)
    await host({"type": "websocket", "path": "/"}, queue.get, send)

    assert large.status_code == 413
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
