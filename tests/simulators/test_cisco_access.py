"""Cisco simulator: who may call, how often, and what the account table says of it."""

import asyncio
import base64

import httpx
import pytest

from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from tests.simulators.cisco_account import Clock, cisco, cisco_simulator, refused, sample

ENCODED = base64.b64encode(b"demo:demo-control-center-key").decode()


@pytest.mark.parametrize("auth", [None, ("demo", "wrong"), ("other", "demo-control-center-key")])
async def test_a_wrong_key_is_refused(auth):
    """401 with Cisco's own body, the code a string."""
    async with cisco() as account:
        answer = await account.client.get("/echo/x", auth=auth, headers={} if auth else {"Authorization": ""})

        assert refused(answer) == (401, "10000001")
        assert answer.json() == sample("invalid_credentials.json")


@pytest.mark.parametrize(
    "header", ["Bearer x", "Basic", "Basic ***", "Basic /w==", "demo", f"Bearer {ENCODED}", f"Basic {ENCODED} "]
)
async def test_a_malformed_header_is_a_wrong_key(header):
    """Nothing but Basic with user and key is understood, and nothing breaks."""
    async with cisco() as account:
        request = account.client.build_request("GET", "/echo/x", headers={"Authorization": header})
        answer = await account.client.send(request, auth=lambda request: request)

        assert refused(answer) == (401, "10000001")


async def test_an_address_off_the_list_looks_like_a_wrong_key():
    """The same 401 for a right key from a wrong place."""
    async with cisco(ip_allowed="off") as account:
        assert await account.refusal("/echo/x") == (401, "10000001")


async def test_only_version_one_exists():
    """Any other version is 10000024, also for calls that do not exist."""
    async with cisco() as account:
        for version in ("v2", "1", "v1.1"):
            url = f"http://simulator/rws/api/{version}/devices"
            assert refused(await account.client.get(url)) == (400, "10000024")


async def test_unknown_paths_and_methods_answer_as_errors_do():
    """JSON with a code, not the framework's own page."""
    async with cisco() as account:
        assert await account.refusal("/nothing/here") == (404, "20000001")
        assert refused(await account.client.delete(f"/devices/{account.iccid(0)}"))[0] == 404
        assert refused(await account.client.put("/devices", json={}))[0] == 404


async def test_the_account_begins_five_calls_a_second():
    """The sixth within any second is refused with a 400, and a full second later all is well."""
    async with cisco(rate="5") as account:
        codes = []
        for _ in range(5):
            codes.append((await account.client.get("/echo/x")).status_code)
            account.clock.forward(milliseconds=100)
        sixth = refused(await account.client.get("/echo/x"))
        account.clock.forward(milliseconds=500)
        after = [(await account.client.get("/echo/x")).status_code for _ in range(2)]

        assert codes == [200] * 5
        assert sixth == (400, "40000029")
        assert after == [200, 400]


async def test_the_window_slides():
    """Five at the end of one second and five at the start of the next are ten in one second."""
    async with cisco(rate="5") as account:
        account.clock.forward(milliseconds=900)
        first = [(await account.client.get("/echo/x")).status_code for _ in range(5)]
        account.clock.forward(milliseconds=200)
        second = (await account.client.get("/echo/x")).status_code

        assert first == [200] * 5
        assert second == 400


async def test_the_usual_tier_and_the_other_status_can_be_had():
    """One call a second, refused with 429."""
    async with cisco(rate="1", throttle_status="429") as account:
        assert (await account.client.get("/echo/x")).status_code == 200
        assert refused(await account.client.get("/echo/x")) == (429, "40000029")
        account.clock.forward(seconds=1)
        assert (await account.client.get("/echo/x")).status_code == 200
        assert account.simulator.account.items() >= {"calls": 1, "window": 1.0}.items()


async def test_a_wrong_key_uses_up_nothing():
    """Only the account's own calls count against it."""
    async with cisco(rate="1") as account:
        await account.client.get("/echo/x", auth=("demo", "wrong"))

        assert (await account.client.get("/echo/x")).status_code == 200


async def test_two_calls_at_once_are_one_too_many():
    """The account answers one call at a time and refuses the other; without the rule both pass."""
    async with cisco() as account:
        both = await asyncio.gather(*(account.client.get("/echo/x") for _ in range(2)))
        after = await account.client.get("/echo/x")

        assert sorted(answer.status_code for answer in both) == [200, 400]
        assert after.status_code == 200
    async with cisco(serial="off") as account:
        both = await asyncio.gather(*(account.client.get("/echo/x") for _ in range(2)))
        assert [answer.status_code for answer in both] == [200, 200]


async def test_a_failing_call_frees_the_account():
    """A refusal does not leave the account busy."""
    async with cisco() as account:
        await account.client.get("/devices")

        assert (await account.client.get("/echo/x")).status_code == 200


async def test_the_account_table_says_how_to_reach_it_and_how_fast():
    """Credentials and the calls in a second the gateway should keep to; no rate, no limit."""
    async with cisco(rate="5") as account:
        table = account.simulator.account

        assert table["provider"] == "cisco-control-center"
        assert (table["calls"], table["window"]) == (5, 1.0)
        assert account.simulator.path == "/rws/api/v1"
    async with cisco(rate="0") as account:
        assert not {"calls", "window"} & account.simulator.account.keys()


@pytest.mark.parametrize("switches", [{"rate": "fast"}, {"rate": "-1"}, {"serial": "maybe"}, {"colour": "red"}])
async def test_a_wrong_switch_is_an_error(switches):
    """Nobody tests against a switch that does not exist."""
    with pytest.raises(ValueError, match=next(iter(switches))):
        cisco_simulator(Clock(), **switches)


async def test_every_switch_says_what_it_means():
    """Each has a default it accepts and a line of words."""
    made = cisco_simulator(Clock())

    for name, switch in made.switches.items():
        assert switch.meaning, name
        assert not switch.values or switch.default in switch.values


async def test_it_answers_over_a_socket_under_its_mount():
    """Through the host on loopback: the base URL of the account table works as it stands."""
    made = cisco_simulator(Clock(), rate="5")
    auth = (str(made.account["username"]), str(made.account["api_key"]))
    host = SimulationHost({"cisco-control-center": made})
    async with serving(host) as url, httpx.AsyncClient(auth=auth) as client:
        base = f"{url}/cisco-control-center{made.path}"
        query = {"modifiedSince": "2026-01-01T00:00:00+00:00", "pageSize": 2}
        page = await client.get(f"{base}/devices", params=query)
        iccid = page.json()["devices"][0]["iccid"]
        edited = await client.put(f"{base}/devices/{iccid}", json={"accountCustom7": "x"})
        device = await client.get(f"{base}/devices/{iccid}")
        unknown = await client.get(f"{base}/devices/1")

    assert len(page.json()["devices"]) == 2
    assert edited.json() == {"iccid": iccid}
    assert device.json()["accountCustom7"] == "x"
    assert refused(unknown) == (404, "20000001")
    assert [request.status for request in host.requests("cisco-control-center")] == [200, 200, 200, 404]


@pytest.mark.parametrize(
    ("status", "code"), [(401, "10000001"), (429, "40000029"), (500, "30000001"), (503, "30000001")]
)
async def test_the_host_can_speak_its_errors(status, code):
    """A fault of a given status comes in Cisco's own body."""
    body = cisco_simulator(Clock()).refusal(status)

    assert body["errorCode"] == code
    assert body["errorMessage"]
