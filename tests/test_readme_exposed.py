"""What the README says of callers is so: the key, what it gets, and what it does not."""

import asyncio
import json
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from gateway.__main__ import main
from gateway.auth.claims import ClaimReader
from gateway.auth.keys import new_key
from gateway.commands.application import Application
from gateway.commands.company import build_company
from gateway.commands.demo import demo_config
from gateway.config import Config, load_config
from gateway.rates import rates
from gateway.registry import platforms
from gateway.rights import Reach
from gateway.simulation.serving import serving
from schema.scopes import Scope
from tests.auth.people import a_caller, kept
from tests.readme import README, asked, blocks, commands, write_sample
from tests.server.served import served
from tests.world import DEADLINE, PATIENT

ENVIRON = {"TWILIO_AUTH_TOKEN": "token", "REDIS_URL": "redis://cache:6379/0", "STORE_URL": "redis://store:6379/0"}
NEVER_THE_SAME = r'(?<=prefix = ")\w{8}|(?<=sha256 = ")\w{64}|(?<=expires = )\S+|(?<="iccid": ")\d+'
ADMIN = new_key()
INTROSPECTION = {"query": "{ __schema { queryType { name } } }"}


def shape(text: str) -> str:
    """Without what is another each time."""
    return re.sub(NEVER_THE_SAME, "…", text)


def written(answer: str) -> Any:  # Any: JSON
    """However it was written, as above."""
    return json.loads(shape(json.dumps(json.loads(answer))))


def of_callers() -> str:
    """The tables of the README that `key new` has printed."""
    [found] = [block for block in blocks("toml") if "[[callers]]" in block]
    return found


@pytest.fixture
def key(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What the README's line prints: a key, and its tables."""
    [line] = [each for each in commands() if " key new " in each]
    assert main(line.split()[1:]) == 0
    text, _, rest = capsys.readouterr().out.partition("\n")
    return text, rest[rest.index("[[callers]]") :]


def loaded(folder: Path, callers: str) -> Config:
    """The README's configuration, with these tables of callers and an administrator."""
    path = write_sample(folder)
    path.write_text(path.read_text().replace(of_callers(), callers))
    config = load_config(path, ENVIRON, platforms())
    admin = a_caller("ops", kept(ADMIN), scopes=("admin",), accounts=("*",))
    return msgspec.structs.replace(config, callers=(*config.callers, admin))


@asynccontextmanager
async def gateway(sample: Config) -> AsyncIterator[int]:
    """The port of a gateway as it is configured there, over a simulated account of the same name."""
    host = build_company(platforms(), 60)
    async with serving(host) as url:
        demo = demo_config(host, url)
        [account] = [each for each in demo.accounts if each.provider == "twilio-supersim"]
        account = msgspec.structs.replace(account, name="trackers-eu", **PATIENT)
        server = msgspec.structs.replace(sample.server, deadline=DEADLINE)
        config = msgspec.structs.replace(sample, accounts=(account,), server=server, cache=demo.cache, store=demo.store)
        async with served(Application(config)) as port:
            yield port


async def test_a_caller_with_the_key_gets_the_answer_that_is_shown(tmp_path: Path, key: tuple[str, str]) -> None:
    """The key's tables are as shown, and with it the line for the shell gets the answer that stands beneath; a known
    document goes by its name, the administrator's request is refused to others, and so is another Host."""
    text, tables = key
    [line] = [each for each in commands() if "$KEY" in each]
    [shown] = blocks("json")
    by_id, forget = (json.loads(each) for each in re.findall(r'`(\{".*?\})`', README))
    async with gateway(loaded(tmp_path, tables)) as port:
        answer = await asyncio.to_thread(asked, line.replace(":8000", f":{port}"), KEY=text)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=90) as http:
            named = await post(http, "/graphql", by_id, text)
            refused = [
                await post(http, "/graphql", INTROSPECTION, text),
                await post(http, "/admin/forget", forget, text),
                await post(http, "/graphql", by_id, None),
                await post(http, "/graphql", by_id, text, host="elsewhere.example"),
            ]
            forgotten = await post(http, "/admin/forget", forget, ADMIN.text)

    assert shape(tables) == shape(of_callers())
    assert written(answer) == written(shown)
    assert len(named.json()["data"]["sims"]["nodes"]) == 1
    assert [(each.status_code, code_of(each)) for each in refused] == [
        (200, "FORBIDDEN"),
        (403, "FORBIDDEN"),
        (401, "UNAUTHENTICATED"),
        (421, "INVALID"),
    ]
    assert forgotten.json()["forgotten"] == [forget]


async def post(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], key: str | None, **headers: str
) -> httpx.Response:
    """Any: JSON. With this key, or none."""
    given = headers if key is None else headers | {"authorization": f"Bearer {key}"}
    return await http.post(path, json=body, headers=given)


def code_of(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


def test_a_token_is_given_what_its_role_is(tmp_path: Path) -> None:
    """An operator of the README's issuer has the scopes of that grant and no other, and sees the accounts of it."""
    config = loaded(tmp_path, of_callers())
    reader = ClaimReader(config.issuers[0], config.accounts)
    operator = reader.caller({"sub": "ann", "realm_access": {"roles": ["staff", "operator"]}})
    guest = reader.caller({"sub": "bob", "scope": "sims:read", "realm_access": {"roles": ["staff"]}})

    assert (operator.name, operator.scopes) == ("staff:ann", {Scope.SIMS_READ, Scope.SIMS_WRITE})
    assert operator.reach.sees("trackers-eu", "twilio-supersim", ())
    assert not operator.reach.sees("meters", "cisco-control-center", ())
    assert (guest.scopes, guest.reach) == (frozenset(), Reach())


def test_what_is_told_of_defaults_is_so(tmp_path: Path) -> None:
    """Numbers and words of the list are those of the code, and each table of the sample is read."""
    config = loaded(tmp_path, of_callers())
    text = " ".join(README.split())

    assert f"{rates.REQUESTS:,} `requests` and, as `cost`, {rates.COST:,} provider calls" in text
    assert f"of one request {rates.COST_PER_REQUEST:,}, with `cost_per_request`" in text
    assert (config.budget.mode, config.documents.mode) == ("measure", "log")
    assert (config.documents.apq, config.limits.batch, len(config.documents.files)) == (False, 0, 2)
    assert (config.server.graphiql, config.server.introspection, config.server.suggestions) == ("admin",) * 3
    assert config.server.hosts == ("sims.example.com", "127.0.0.1")


def test_each_scope_is_in_the_table() -> None:
    """Those that there are, and no other."""
    [table] = re.findall(r"^\| scopes .*?\n\n", README, re.DOTALL | re.MULTILINE)
    named = re.findall(r"`([a-z]+:[a-z]+|admin)`", table)

    assert sorted(named) == sorted(each.value for each in Scope)
    assert tomllib.loads(of_callers())["callers"][0]["scopes"] == ["sims:read", "usage:read"]
