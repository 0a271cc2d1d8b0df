"""WAYSCloud simulator: keys, the rate limit, the shapes of errors."""

import httpx
import pytest

from gateway.providers.wayscloud.simulator.refusal import SHAPES
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from tests.simulators.wayscloud_account import Clock, refused, sample, wayscloud, wayscloud_simulator

KEY = "wayscloud_globalsim_demo_key"


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}])
async def test_both_ways_to_send_the_key_work(headers):
    """Bearer, or the header of the newer pages."""
    async with wayscloud() as account:
        account.client.headers.pop("Authorization")

        assert (await account.client.get("/sims/activity", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"bearer {KEY}"},
        {"Authorization": f"Bearer  {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"X-API-Key": "wrong"},
    ],
)
async def test_any_other_way_is_refused(headers):
    """Lower-case bearer, two blanks and a bare key are the mistakes the documentation lists."""
    async with wayscloud() as account:
        account.client.headers.pop("Authorization")
        answer = await account.client.get("/sims/activity", headers=headers)

        assert refused(answer) == (401, "AUTH_FAILED")
        assert answer.json() == sample("auth_failed.json")


async def test_the_key_of_another_service_may_not():
    """403, which is not the same as a wrong key."""
    async with wayscloud() as account:
        answer = await account.client.get("/sims/activity", headers={"X-API-Key": "wayscloud_storage_1_x"})

        assert refused(answer) == (403, "INSUFFICIENT_PERMISSIONS")


async def test_five_hundred_requests_a_minute():
    """The next one is refused until the first is a minute old; refused ones and wrong keys do not count."""
    async with wayscloud(rate="500") as account:
        await account.client.get("/sims", headers={"Authorization": "Bearer wrong"})
        codes = [(await account.client.get("/x")).status_code for _ in range(499)]
        account.clock.forward(seconds=20)
        codes.append((await account.client.get("/x")).status_code)
        early = await account.client.get("/x")
        account.clock.forward(seconds=39.5)
        still = await account.client.get("/x")
        account.clock.forward(seconds=0.5)
        later = [(await account.client.get("/x")).status_code for _ in range(500)]

        assert set(codes) == {404}
        assert refused(early) == (429, "RATE_LIMIT_EXCEEDED")
        assert early.headers["Retry-After"] == "40"
        assert still.headers["Retry-After"] == "1"
        assert later == [404] * 499 + [429]
        assert account.simulator.account.items() >= {"calls": 500, "window": 60}.items()


async def test_the_wait_may_go_unsaid():
    """Retry-After is not promised anywhere."""
    async with wayscloud(rate="1", retry_after="off") as account:
        await account.client.get("/x")
        answer = await account.client.get("/x")

        assert answer.status_code == 429
        assert "Retry-After" not in answer.headers


async def test_an_error_comes_in_any_of_the_shapes_clients_know():
    """The documented one by default; the others are what the provider's own SDK is ready for."""
    bodies = {}
    for shape in SHAPES:
        async with wayscloud(errors=shape, invalid_status="422") as account:
            answer = await account.client.get("/sims/activity", params={"limit": 1000})
            assert answer.status_code == 422
            bodies[shape] = answer.json()

    documented = bodies["error"]["error"]
    assert documented["details"] == {"field": "limit", "provided": "1000", "expected": "Integer (1-100)"}
    assert documented.keys() == sample("invalid_parameter.json")["error"].keys()
    assert bodies["detail"] == {"detail": documented["message"]}
    assert bodies["detail_list"]["detail"][0]["msg"] == documented["message"]
    assert bodies["detail_error"] == {"detail": {"error": documented}}
    assert bodies["message"] == {"message": documented["message"]}


async def test_unknown_paths_and_methods_answer_as_errors_do():
    """JSON in the documented shape, not the framework's own page."""
    async with wayscloud() as account:
        assert await account.refusal("/nothing") == (404, "NOT_FOUND")
        assert refused(await account.client.post("/sims/activity")) == (404, "NOT_FOUND")


async def test_it_answers_over_a_socket_under_its_mount():
    """Through the host on loopback: the base URL of the account table works as it stands."""
    made = wayscloud_simulator(Clock(), rate="500")
    headers = {"Authorization": f"Bearer {made.account['api_key']}"}
    host = SimulationHost({"wayscloud": made})
    async with serving(host) as url, httpx.AsyncClient(headers=headers) as client:
        base = f"{url}/wayscloud{made.path}"
        feed = await client.get(f"{base}/sims/activity", params={"limit": 1})
        iccid = feed.json()["activity"][0]["iccid"]
        sessions = await client.get(f"{base}/sims/{iccid}/sessions")
        wrong = await client.get(f"{base}/sims/{iccid}/sessions", params={"limit": 101})

    assert sessions.json()["iccid"] == iccid
    assert refused(wrong) == (400, "INVALID_PARAMETER")
    assert [request.path for request in host.requests("wayscloud")] == [
        "/v1/globalsim/sims/activity",
        f"/v1/globalsim/sims/{iccid}/sessions",
        f"/v1/globalsim/sims/{iccid}/sessions",
    ]


@pytest.mark.parametrize("switches", [{"rate": "many"}, {"megabyte": "1"}, {"window_days": "0"}, {"colour": "red"}])
async def test_a_wrong_switch_is_an_error(switches):
    """Nobody tests against a switch that does not exist."""
    with pytest.raises(ValueError, match=next(iter(switches))):
        wayscloud_simulator(Clock(), **switches)


async def test_every_switch_says_what_it_means():
    """Each has a default it accepts and a line of words."""
    made = wayscloud_simulator(Clock())

    for name, switch in made.switches.items():
        assert switch.meaning, name
        assert not switch.values or switch.default in switch.values


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_the_host_can_speak_its_errors(status):
    """A fault of a given status comes in the documented body."""
    body = wayscloud_simulator(Clock()).refusal(status)

    assert body["error"]["code"]
    assert body["error"]["message"]
