"""The host of the simulators: mounts, request log, faults, latency, serving."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.providers.supersim.simulator import kore_simulator, twilio_simulator
from gateway.simulation.faults import KINDS, FaultSyntaxError, parse_faults
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions
from tests.simulators.twilio_family import Clock
from tests.waiting import until

SIMS = "/twilio-supersim/v1/Sims?PageSize=5"
SOON = httpx.Timeout(60, read=0.05)
"""Given up while nothing comes, and not while the machine has yet to connect."""


@pytest.fixture
def host() -> SimulationHost:
    options = SimulationOptions(sims=40, seed=1, now=Clock())
    return SimulationHost({"twilio-supersim": twilio_simulator(options), "kore-supersim": kore_simulator(options)})


@pytest.fixture
async def client(host: SimulationHost) -> AsyncIterator[httpx.AsyncClient]:
    account = host.simulators["twilio-supersim"].account
    auth = (str(account["account_sid"]), str(account["auth_token"]))
    async with (
        serving(host) as url,
        httpx.AsyncClient(base_url=url, auth=auth, trust_env=False, timeout=60) as made,
    ):
        yield made


async def test_each_provider_has_its_mount(client: httpx.AsyncClient) -> None:
    """The root lists the mounts; an unknown one is 404 and lists them too."""
    root, nowhere = await client.get("/"), await client.get("/aeris/v1/Sims")

    assert root.json()["providers"] == {
        "twilio-supersim": "/twilio-supersim",
        "kore-supersim": "/kore-supersim",
    }
    assert (nowhere.status_code, nowhere.json()) == (404, root.json())


async def test_requests_are_logged_without_credentials(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """The log tells method, path, query, body and status, newest last, and never a header or a client secret."""
    await client.get(SIMS)
    await client.post("/twilio-supersim/v1/SmsCommands", data={"Sim": "nobody", "Payload": "hi there"})
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "hush"}
    await client.post("/kore-supersim/api-services/v1/auth/token", data=form)
    log = (await client.get("/twilio-supersim/__requests")).json()
    kore = (await client.get("/kore-supersim/__requests")).text

    assert [(entry["method"], entry["path"], entry["query"], entry["status"]) for entry in log] == [
        ("GET", "/v1/Sims", "PageSize=5", 200),
        ("POST", "/v1/SmsCommands", "", 400),
    ]
    assert log[1]["body"] == "Sim=nobody&Payload=hi+there"
    assert log[1]["ms"] >= 0
    assert log[0].keys() == {"method", "path", "query", "time", "body", "status", "ms", "fault"}
    assert "hush" not in kore
    assert len(host.requests("twilio-supersim")) == 2
    assert (await client.delete("/twilio-supersim/__requests")).status_code == 204
    assert host.requests("twilio-supersim") == []
    assert len(host.requests("kore-supersim")) == 1


async def test_the_log_is_bounded() -> None:
    """Only the newest requests are kept."""
    options = SimulationOptions(sims=20, seed=1, now=Clock())
    host = SimulationHost({"twilio-supersim": twilio_simulator(options)}, log_size=3)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://h.test") as client:
        for number in range(5):
            await client.get(f"/twilio-supersim/v1/x{number}")

    assert [request.path for request in host.requests("twilio-supersim")] == ["/v1/x2", "/v1/x3", "/v1/x4"]


async def test_latency_is_added_to_each_answer() -> None:
    """The delay asked for is the delay waited, once per answer, of that provider only."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    options = SimulationOptions(sims=20, seed=1, now=Clock())
    simulators = {"twilio-supersim": twilio_simulator(options), "kore-supersim": kore_simulator(options)}
    host = SimulationHost(simulators, {"twilio-supersim": 0.25}, sleep=sleep)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://h.test") as client:
        await client.get("/twilio-supersim/v1/Sims")
        await client.get("/kore-supersim/v1/Sims")

    assert waited == [0.25]


@pytest.mark.parametrize(
    ("kind", "value", "status", "code"),
    [
        ("status", 503, 503, 20503),
        ("status", 500, 500, 20500),
        ("status", 418, 418, 20500),
        ("throttle", 7, 429, 20429),
    ],
)
async def test_refusals_wear_the_providers_own_body(
    client: httpx.AsyncClient, host: SimulationHost, *, kind: str, value: int, status: int, code: int
) -> None:
    """A status fault and a throttle answer as the provider itself would."""
    host.fault("twilio-supersim", kind, value)
    answer = await client.get(SIMS)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("7" if kind == "throttle" else None)
    assert host.requests("twilio-supersim")[-1].fault == kind


async def test_bodies_can_be_spoiled(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """Each kind of nonsense arrives as what it says."""
    answers = {}
    for kind in ("garbage", "html", "page", "empty", "wrong-type", "bomb", "nested", "big", "foreign-link"):
        host.fault("twilio-supersim", kind, {"big": 1, "bomb": 3, "nested": 50}.get(kind), count=1)
        answers[kind] = await client.get(SIMS)

    for kind in ("garbage", "empty"):
        with pytest.raises(ValueError, match="Expecting"):
            answers[kind].json()
    assert (answers["html"].status_code, answers["html"].headers["content-type"]) == (502, "text/html")
    assert (answers["page"].status_code, answers["page"].headers["content-type"]) == (200, "text/html")
    assert isinstance(answers["wrong-type"].json(), list)
    assert answers["nested"].text.startswith('{"a":' * 50)
    assert len(answers["big"].content) > 1024 * 1024
    assert int(answers["bomb"].headers["content-length"]) < 10_000
    assert answers["bomb"].json() == {"padding": "0" * 3 * 1024 * 1024}
    assert answers["foreign-link"].json()["meta"]["next_page_url"].startswith("https://elsewhere.invalid/")
    assert (await client.get(SIMS)).json()["meta"]["key"] == "sims"


async def test_lines_can_be_cut(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """A reset cuts an answer in the middle, truncated gzip cannot be unpacked; what was asked was done."""
    sims = (await client.get("/twilio-supersim/v1/Sims?Status=active&Fleet=vehicles")).json()["sims"]
    form = {"Sim": sims[0]["sid"], "Payload": "once"}
    host.fault("twilio-supersim", "reset", count=1, path="/v1/SmsCommands")
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/twilio-supersim/v1/SmsCommands", data=form)
    listed = (await client.get("/twilio-supersim/v1/SmsCommands?PageSize=1")).json()["sms_commands"]
    host.fault("twilio-supersim", "truncated-gzip", count=1)

    with pytest.raises((httpx.DecodingError, ValueError)):
        (await client.get(SIMS)).json()
    assert listed[0]["payload"] == "once"


async def test_a_line_can_be_cut_before_anything_is_done(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """A drop cuts the line without a byte of an answer; nothing was done, and the next request is answered."""
    sims = (await client.get("/twilio-supersim/v1/Sims?Status=active&Fleet=vehicles")).json()["sims"]
    form = {"Sim": sims[0]["sid"], "Payload": "never"}
    host.fault("twilio-supersim", "drop", count=1, path="/v1/SmsCommands")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await client.post("/twilio-supersim/v1/SmsCommands", data=form)
    dropped = host.requests("twilio-supersim")[-1]
    listed = (await client.get("/twilio-supersim/v1/SmsCommands?PageSize=1")).json()["sms_commands"]

    assert (dropped.fault, dropped.status) == ("drop", None)
    assert listed[0]["payload"] != "never"


async def test_a_line_without_a_socket_can_be_cut(host: SimulationHost) -> None:
    """Asked in the same process, without a server between, a drop is a broken connection all the same."""
    host.fault("twilio-supersim", "drop")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://h.test") as client:
        with pytest.raises(ConnectionResetError):
            await client.get(SIMS)


async def test_hang_never_answers_until_the_caller_leaves(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """A hanging request ends with the caller's patience and leaves nothing behind."""
    host.fault("twilio-supersim", "hang", count=1)
    with pytest.raises(httpx.ReadTimeout):
        await client.get(SIMS, timeout=SOON)
    await until(lambda: len(host.requests("twilio-supersim")) == 1)

    assert host.requests("twilio-supersim")[-1].status is None
    assert (await client.get(SIMS)).status_code == 200


async def test_drip_sends_the_whole_answer_slowly() -> None:
    """The answer comes in pieces over the time asked, and is whole at the end."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    simulator = twilio_simulator(SimulationOptions(sims=20, seed=1, now=Clock()))
    host = SimulationHost({"twilio-supersim": simulator}, sleep=sleep)
    auth = (str(simulator.account["account_sid"]), str(simulator.account["auth_token"]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://h.test", auth=auth) as client:
        plain = await client.get(SIMS)
        host.fault("twilio-supersim", "drip", 4)
        dripped = await client.get(SIMS)

    assert dripped.json() == plain.json()
    assert len(waited) > 10
    assert sum(waited) == pytest.approx(4, rel=0.1)


async def test_faults_have_counts_chances_and_paths(client: httpx.AsyncClient, host: SimulationHost) -> None:
    """A fault strikes as often as it says, where it says, about as likely as it says."""
    host.fault("twilio-supersim", "status", 503, count=2, path="/v1/Fleets")
    fleets = [(await client.get("/twilio-supersim/v1/Fleets")).status_code for _ in range(3)]
    other = (await client.get(SIMS)).status_code
    host.clear()
    host.fault("twilio-supersim", "status", 500, probability=0.5)
    chances = [(await client.get(SIMS)).status_code for _ in range(60)]

    assert (fleets, other) == ([503, 503, 200], 200)
    assert 15 < chances.count(500) < 45


async def test_faults_are_set_while_running(client: httpx.AsyncClient) -> None:
    """PUT replaces the faults, GET shows them, DELETE ends them; mistakes are all named and change nothing."""
    place = "/kore-supersim/__faults"
    put = await client.put(place, json=[{"kind": "status", "value": 503, "count": 1}])
    wrong = await client.put(place, json=[{"kind": "boom"}, {"kind": "html", "value": 3}, {"knd": 1}])
    shown = (await client.get(place)).json()
    struck = await client.get("/kore-supersim/v1/Sims")
    ended = await client.delete(place)

    assert (put.status_code, struck.status_code, ended.status_code) == (200, 503, 204)
    assert (wrong.status_code, len(wrong.json()["problems"])) == (400, 3)
    assert [fault["kind"] for fault in shown] == ["status"]
    assert (await client.get(place)).json() == []
    assert (await client.put(place, content="{")).status_code == 400
    assert (await client.post(place)).status_code == 405


def test_faults_are_read_from_text() -> None:
    """provider:kind=value@probability#count/path, comma-separated; a star is every provider."""
    found = parse_faults(
        "twilio-supersim:status=503@0.2#5/v1/Sims, wayscloud:hang,*:throttle=2", ["twilio-supersim", "wayscloud"]
    )

    assert [(name, f.kind, f.value, f.probability, f.count, f.path) for name, f in found] == [
        ("twilio-supersim", "status", "503", 0.2, 5, "/v1/Sims"),
        ("wayscloud", "hang", None, 1.0, None, ""),
        ("twilio-supersim", "throttle", "2", 1.0, None, ""),
        ("wayscloud", "throttle", "2", 1.0, None, ""),
    ]
    assert found[2][1] is not found[3][1]


def test_mistakes_in_faults_are_all_named() -> None:
    """Every mistake of the text is reported together."""
    text = "a:boom,b:status=999,c:hang@2,a:html=5,a:status=x,a:reset#0,nonsense,a:drip@soon#many"
    with pytest.raises(FaultSyntaxError) as caught:
        parse_faults(text, ["a", "b"])

    assert len(caught.value.problems) == 10
    assert parse_faults("", ["a"]) == []
    assert all(not parse_faults(f"a:{kind}", ["a"])[0][1].problems() for kind in KINDS)


async def test_serving_leaves_nothing_running(host: SimulationHost) -> None:
    """After the block the port is free and no task is left, even with a request under way."""
    host.fault("twilio-supersim", "hang")
    before = asyncio.all_tasks()
    async with serving(host) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(SIMS, timeout=SOON)
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with serving(host, port):
                pass

    assert asyncio.all_tasks() == before
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
