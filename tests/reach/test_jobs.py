"""Jobs exist for who began them, and for who looks after everything."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from gateway.rights import ANYBODY, Caller
from schema.job import job_id
from schema.scopes import Scope
from tests.reach.desk import KORE, TWILIO, Site, a_site, seeing
from tests.waiting import until_true

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAYLOAD = "outcome job { id total status } problems { account code message } plan { account count }"
SEND = f"mutation($input: SendCommandsInput!) {{ sendCommands(input: $input) {{ {PAYLOAD} }} }}"
CANCEL = f"mutation($id: ID!) {{ cancelJob(id: $id) {{ {PAYLOAD} }} }}"
JOB = """query($id: ID!, $first: Int = 50, $after: String) { node(id: $id) { id } job(id: $id) { id finishedAt total
  items(first: $first, after: $after) { nodes { simId sim { nativeId fleet { nativeId } } problems { message } }
    totalCount pageInfo { hasNextPage endCursor } } } }"""
JOBS = "query($after: String) { jobs(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
TEXT = {"sms": {"text": "wake up"}}


@dataclass
class Company:
    """`ann` sees two fleets of one account, `bob` the other account and one of its own; `fleets` and `sims` by name."""

    site: Site
    ann: Caller
    bob: Caller
    fleets: list[str]
    sims: dict[str, list[str]]
    """Ids by native id of the fleet."""

    async def send(self, caller: Caller, **given: Any) -> Any:  # Any: JSON
        self.site.forget()
        return (await self.site.data(caller, SEND, {"input": {"body": TEXT, **given}}))["sendCommands"]

    async def job(self, caller: Caller, id: str, **page: Any) -> Any:  # Any: as above
        return (await self.site.data(caller, JOB, {"id": id, **page}))["job"]

    async def over(self, id: str) -> None:
        async def is_over() -> bool:
            return (await self.job(ANYBODY, id))["finishedAt"] is not None

        await until_true(is_over)

    async def jobs(self, caller: Caller) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            page = (await self.site.data(caller, JOBS, {"after": after}))["jobs"]
            found += [each["id"] for each in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found

    def sent_to(self, account: str) -> int:
        return len([each for each in self.site.arrived(account) if each.method == "POST"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company() -> AsyncIterator[Company]:
    query = """{ fleets { nodes { nativeId account { name } sims(first: 100) { nodes { id } } } } }"""
    async with a_site([TWILIO, KORE], sims=18) as site:
        nodes = (await site.data(ANYBODY, query))["fleets"]["nodes"]
        fleets = [each["nativeId"] for each in nodes if each["account"]["name"] == TWILIO]
        sims = {each["nativeId"]: [sim["id"] for sim in each["sims"]["nodes"]] for each in nodes}
        ann = seeing("ann", fleets=[(TWILIO, each) for each in fleets[:2]])
        yield Company(site, ann, seeing("bob", KORE, fleets=[(TWILIO, fleets[2])]), fleets, sims)


async def test_a_job_exists_for_who_began_it(company: Company):
    """Others find it neither by id nor in the list, and cannot stop it; administrators of everything can."""
    own = company.sims[company.fleets[0]]
    begun = (await company.send(company.ann, select={"ids": own}))["job"]["id"]
    other = (await company.send(company.bob, select={"ids": company.sims[company.fleets[2]]}))["job"]["id"]
    same_rights = replace(company.ann, name="anton")
    reader = replace(ANYBODY, name="reader", scopes=frozenset({Scope.SIMS_READ}))

    for stranger in (company.bob, same_rights, reader):
        assert await company.site.data(stranger, JOB, {"id": begun}) == {"node": None, "job": None}
        told = (await company.site.data(stranger, CANCEL, {"id": begun}))["cancelJob"]
        assert (told["outcome"], told["job"], told["problems"][0]["code"]) == ("REFUSED", None, "NOT_FOUND")
    await company.over(begun)
    await company.over(other)

    assert (await company.job(company.ann, begun))["total"] == len(own)
    assert begun in await company.jobs(company.ann)
    assert other not in await company.jobs(company.ann)
    assert await company.jobs(same_rights) == await company.jobs(reader) == []
    assert {begun, other} <= set(await company.jobs(ANYBODY))


async def test_a_foreign_job_is_as_one_that_does_not_exist(company: Company):
    """In the same words."""
    job = (await company.send(company.bob, select={"ids": company.sims[company.fleets[2]][:1]}))["job"]["id"]

    foreign, missing = [
        str([await company.site.data(company.ann, each, {"id": id_}) for each in (JOB, CANCEL)])
        for id_ in (job, job_id("0" * 32))
    ]

    assert foreign == missing
    await company.over(job)


async def test_a_filter_means_the_fleets_that_are_seen(company: Company):
    """Every SIM of the two fleets is sent to, and none of another; the provider is asked for these fleets alone."""
    own = {sim for fleet in company.fleets[:2] for sim in company.sims[fleet]}

    dry = await company.send(company.ann, select={"filter": {}}, expectedCount=len(own), dryRun=True)
    begun = await company.send(company.ann, select={"filter": {}}, expectedCount=len(own))
    asked = [each for path, each in company.site.asked(TWILIO) if path == "Sims"]
    await company.over(begun["job"]["id"])

    assert (dry["outcome"], dry["plan"]) == ("DRY_RUN", [{"account": TWILIO, "count": len(own)}])
    assert {each["Fleet"] for each in asked} == set(company.fleets[:2])
    job = await company.job(company.ann, begun["job"]["id"])
    assert {each["simId"] for each in job["items"]["nodes"]} == own
    assert company.sent_to(TWILIO) == len(own)
    assert company.sent_to(KORE) == 0


async def test_a_filter_by_iccid_finds_no_others(company: Company):
    """Each is looked up once, and only theirs are meant."""
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Sim { iccid } } }"
    ids = [company.sims[company.fleets[0]][0], company.sims[company.fleets[3]][0]]
    iccids = [each["iccid"] for each in (await company.site.data(ANYBODY, query, {"ids": ids}))["nodes"]]

    told = await company.send(company.ann, select={"filter": {"iccid": iccids}}, expectedCount=2)
    dry = await company.send(company.ann, select={"filter": {"iccid": iccids}}, expectedCount=1, dryRun=True)

    assert (told["outcome"], told["problems"][0]["message"]) == (
        "REFUSED",
        "expectedCount: 2 SIMs were expected and 1 found; nothing was done",
    )
    assert dry["plan"] == [{"account": TWILIO, "count": 1}]
    assert sorted(each["Iccid"] for path, each in company.site.asked(TWILIO) if path == "Sims") == sorted(iccids)
    assert company.sent_to(TWILIO) == 0


async def test_ids_of_others_are_refused_together(company: Company):
    """Nothing is begun: each is told by the caller's own id for it."""
    own, others = company.sims[company.fleets[0]], company.sims[company.fleets[3]]

    told = await company.send(company.ann, select={"ids": [*own, *others]})

    assert (told["outcome"], told["job"]) == ("REFUSED", None)
    assert [each["message"] for each in told["problems"]] == [
        f"select.ids: there is no SIM {each!r}" for each in others
    ]
    assert company.sent_to(TWILIO) == 0


@pytest.mark.parametrize("reads", [20, 1])
async def test_what_is_seen_no_more_is_left_out(company: Company, reads: int, monkeypatch: pytest.MonkeyPatch):
    """Of a job over an account and a fleet that are lost later the items are not there, page by page; nothing else is
    missing. Where many are left out in a row a page may be empty, and its cursor goes on."""
    monkeypatch.setattr("gateway.jobs.visible.MOST_READS", reads)
    kore = next(iter(sims for fleet, sims in company.sims.items() if fleet not in company.fleets and sims))
    kept, lost = company.sims[company.fleets[0]], company.sims[company.fleets[1]]
    wide = replace(company.ann, reach=replace(company.ann.reach, accounts=frozenset({KORE})))
    begun = (await company.send(wide, select={"ids": [*lost, *kept, *kore]}))["job"]["id"]
    await company.over(begun)
    narrow = replace(company.ann, reach=replace(company.ann.reach, fleets=frozenset(list(_keys(company))[:1])))

    whole = await company.job(wide, begun)
    found: list[str] = []
    after: str | None = None
    while True:
        page = (await company.job(narrow, begun, first=2, after=after))["items"]
        found += [each["simId"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert {each["simId"] for each in whole["items"]["nodes"]} == {*kept, *lost, *kore}
    assert whole["items"]["totalCount"] == len({*kept, *lost, *kore})
    assert found == kept
    assert (await company.job(narrow, begun))["items"]["totalCount"] is None


def _keys(company: Company) -> list[Any]:  # Any: keys
    """Of ann's fleets, the first first."""
    return sorted(company.ann.reach.fleets, key=lambda each: company.fleets.index(each.native_id))


async def test_why_it_failed_at_an_account_that_is_seen_no_more(company: Company):
    """Is not told any more: the account is not named. What is wrong at one that is still seen is."""
    query = (
        "query($id: ID!) { job(id: $id) { status problems { account } } jobs { nodes { id problems { account } } } }"
    )
    wide = replace(company.ann, name="wide", reach=replace(company.ann.reach, accounts=frozenset({KORE})))
    given = {"body": TEXT, "select": {"filter": {}}, "expectedCount": 3}
    for name in (TWILIO, KORE):
        company.site.host.fault(name, "status", 403)
    begun = (await company.site.data(wide, SEND, {"input": given}))["sendCommands"]["job"]["id"]
    await company.over(begun)
    company.site.forget()  # the faults as well
    narrow = replace(wide, reach=company.ann.reach)

    whole, part = [await company.site.data(caller, query, {"id": begun}) for caller in (wide, narrow)]

    assert whole["job"]["status"] == part["job"]["status"] == "REFUSED"
    assert {each["account"] for each in whole["job"]["problems"]} == {TWILIO, KORE}
    assert {each["account"] for each in part["job"]["problems"]} == {TWILIO}
    assert [each for each in part["jobs"]["nodes"] if each["id"] == begun] == [
        {"id": begun, "problems": part["job"]["problems"]}
    ]


@pytest.mark.parametrize("is_dry", [True, False])
async def test_who_may_not_read_sims_cannot_select_them_by_filter(company: Company, is_dry: bool):
    """How many match would be told: it is refused before anybody is asked. By id he may send."""
    sender = replace(company.ann, name="sender", scopes=frozenset({Scope.COMMANDS_SEND}))
    own = company.sims[company.fleets[0]]

    told = await company.send(sender, select={"filter": {}}, expectedCount=1, dryRun=is_dry)
    asked = company.site.arrived(TWILIO)
    by_id = await company.send(sender, select={"ids": own}, dryRun=True)

    assert (told["outcome"], told["job"], told["plan"], asked) == ("REFUSED", None, None, [])
    assert told["problems"] == [
        {"account": None, "code": "FORBIDDEN", "message": "select.filter: this takes the scope sims:read"}
    ]
    assert by_id["plan"] == [{"account": TWILIO, "count": len(own)}]
