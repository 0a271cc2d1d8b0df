"""Usage adds up: over accounts, over spans, over groups; and what cannot be said is a problem, never another number."""

from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.world import World, a_world

SUPER = ["twilio-supersim", "kore-supersim"]
ALL_SIX = ["cisco-control-center", "kore-supersim", "kore-wireless", "twilio-supersim"]
ALL_SIX += ["twilio-wireless", "wayscloud"]
USAGE = """query($f: UsageFilter!, $first: Int = 500, $after: String) {
  usage(filter: $f, first: $first, after: $after) {
  nodes { accounts { name } periodStart periodEnd sim { iccid } fleet { name } network { name } country
          bytesUp bytesDown bytesTotal costs { amount currency } }
  problems { account code message } pageInfo { hasNextPage endCursor } totalCount } }"""
OCTOBER = {"since": "2026-10-01T00:00:00Z", "until": "2026-11-01T00:00:00Z"}


@pytest.fixture
async def six():
    async with a_world(ALL_SIX, sims=12) as made:
        yield made


@pytest.fixture
async def supers():
    async with a_world(SUPER, sims=30) as made:
        yield made


async def usage(world: World, first: int = 500, after: str | None = None, **filter: Any) -> dict[str, Any]:
    answer = await world.data(USAGE, {"f": OCTOBER | filter, "first": first, "after": after})
    found: dict[str, Any] = answer["usage"]
    return found


async def test_one_sum_over_all_accounts(six: World):
    """Five accounts add up to one record in bytes; Cisco, which tells no usage by span, is named and left out."""
    whole = await usage(six)

    [record] = whole["nodes"]
    assert [account["name"] for account in record["accounts"]] == sorted(set(ALL_SIX) - {"cisco-control-center"})
    assert (record["periodStart"], record["periodEnd"]) == (OCTOBER["since"], OCTOBER["until"])
    assert [(each["account"], each["code"]) for each in whole["problems"]] == [("cisco-control-center", "UNSUPPORTED")]
    assert six.count() == dict.fromkeys(sorted(set(ALL_SIX) - {"cisco-control-center"}), 1)

    apart = await usage(six, groupBy="ACCOUNT")

    assert sum(each["bytesTotal"] for each in apart["nodes"]) == record["bytesTotal"] > 0
    assert all(len(each["accounts"]) == 1 for each in apart["nodes"])


async def test_what_one_account_does_not_know_the_sum_does_not_know(six: World):
    """WAYSCloud's bill has no directions: a sum with it has a total, and null for up and down."""
    [record] = (await usage(six))["nodes"]
    [without] = (await usage(six, providers=SUPER))["nodes"]

    assert record["bytesUp"] is None
    assert without["bytesUp"] + without["bytesDown"] == without["bytesTotal"]


@pytest.mark.parametrize("group", ["SIM", "FLEET", "NETWORK", "COUNTRY", "ACCOUNT"])
async def test_groups_add_up_to_the_whole(supers: World, group: str):
    """However usage is grouped, the groups together are the whole, and each names what it is of."""
    [whole] = (await usage(supers))["nodes"]

    apart = (await usage(supers, groupBy=group))["nodes"]

    assert sum(each["bytesTotal"] for each in apart) == whole["bytesTotal"]
    named = {"SIM": "sim", "FLEET": "fleet", "NETWORK": "network", "COUNTRY": "country", "ACCOUNT": "accounts"}[group]
    assert all(each[named] for each in apart)
    assert len(apart) > 1


async def test_a_country_is_added_up_over_accounts(supers: World):
    """One record for a country, whichever accounts had usage there."""
    records = (await usage(supers, groupBy="COUNTRY"))["nodes"]

    assert max(Counter(each["country"] for each in records).values()) == 1
    assert any(len(each["accounts"]) == 2 for each in records)


@pytest.mark.parametrize("granularity", ["DAY", "HOUR"])
async def test_a_span_divided_is_the_same_span(supers: World, granularity: str):
    """Days and hours add up to the whole; each record's period lies in the span and is as long as it says."""
    span = {"since": "2026-10-05T00:00:00Z", "until": "2026-10-09T00:00:00Z"}
    [whole] = (await usage(supers, **span))["nodes"]

    parts = (await usage(supers, **span, granularity=granularity))["nodes"]

    assert sum(each["bytesTotal"] for each in parts) == whole["bytesTotal"]
    starts = [each["periodStart"] for each in parts]
    assert starts == sorted(set(starts))
    assert all(span["since"] <= each["periodStart"] < each["periodEnd"] <= span["until"] for each in parts)


async def test_a_long_span_is_split_into_legal_calls(supers: World):
    """100 days by SIM are four calls of at most 31 days each, without a gap; the sum is that of the whole span."""
    span = {"since": "2026-07-01T00:00:00Z", "until": "2026-10-09T00:00:00Z"}
    [whole] = (await usage(supers, **span, providers=["twilio-supersim"]))["nodes"]
    supers.forget()

    by_sim = await usage(supers, **span, providers=["twilio-supersim"], groupBy="SIM")

    asked = [dict(parse_qsl(request.query)) for request in supers.arrived("twilio-supersim") if "Usage" in request.path]
    spans = sorted((each["StartTime"], each["EndTime"]) for each in asked)
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]
    assert (spans[0][0], spans[-1][1], len(spans)) == (span["since"], span["until"], 4)
    assert sum(each["bytesTotal"] for each in by_sim["nodes"]) == whole["bytesTotal"]
    iccids = [each["sim"]["iccid"] for each in by_sim["nodes"]]
    assert len(iccids) == len(set(iccids))


async def test_usage_by_sim_is_paged_through_all_accounts(six: World):
    """Page by page, every SIM with usage of every account that can tell comes exactly once."""
    met: list[str] = []
    after = None
    while True:
        page = await usage(six, first=7, after=after, groupBy="SIM", providers=ALL_SIX[1:])
        met += [each["sim"]["iccid"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert len(page["nodes"]) == 7
        after = page["pageInfo"]["endCursor"]

    assert len(met) == len(set(met)) > 20


async def test_a_long_span_by_sim_is_paged_too(six: World):
    """Where one provider needs several calls for a span and another tells SIM by SIM, all are in the same pages."""
    span = {"since": "2026-08-01T00:00:00Z", "until": "2026-10-01T00:00:00Z"}
    met: list[str] = []
    after = None
    while True:
        page = await usage(six, first=9, after=after, groupBy="SIM", providers=ALL_SIX[1:], **span)
        assert page["problems"] == []
        met += [each["accounts"][0]["name"] + each["sim"]["iccid"] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(met) == len(set(met))
    assert {name for name in ALL_SIX[1:] if any(each.startswith(name) for each in met)} == set(ALL_SIX[1:])


async def test_costs_of_currencies_are_never_added(six: World):
    """The costs of a sum are those of its accounts, currency by currency; null where one account's are not known."""
    some = ["wayscloud", "kore-supersim", "twilio-supersim"]
    apart = (await usage(six, groupBy="ACCOUNT", accounts=some))["nodes"]
    [whole] = (await usage(six, accounts=some))["nodes"]
    by_currency: dict[str | None, Decimal] = {}
    for money in [money for each in apart for money in each["costs"]]:
        by_currency[money["currency"]] = by_currency.get(money["currency"], Decimal()) + Decimal(money["amount"])

    assert {money["currency"]: Decimal(money["amount"]) for money in whole["costs"]} == by_currency
    assert {"EUR", "USD"} <= by_currency.keys()


async def test_a_span_that_cannot_be_said_is_a_problem(six: World):
    """WAYSCloud bills by whole days: a span from noon is UNSUPPORTED there, and the others still answer."""
    span = {"since": "2026-10-01T12:00:00Z", "until": "2026-10-03T12:00:00Z"}

    found = await usage(six, **span)

    assert {(each["account"], each["code"]) for each in found["problems"]} >= {("wayscloud", "UNSUPPORTED")}
    assert "wayscloud" not in {account["name"] for account in found["nodes"][0]["accounts"]}


@pytest.mark.parametrize(
    ("filter", "words"),
    [
        ({"since": "2026-10-01T01:00:00Z", "granularity": "DAY"}, "UTC midnights"),
        ({"since": "2026-10-01T00:30:00Z", "granularity": "HOUR"}, "whole UTC hours"),
        ({"since": "2026-10-01T00:00:00.5Z"}, "whole seconds"),
        ({"since": "2026-12-01T00:00:00Z"}, "since must be before until"),
    ],
)
async def test_a_span_that_makes_no_sense_is_invalid(supers: World, filter: dict[str, Any], words: str):
    """A day cut in half or a span that ends before it begins is refused before anyone is asked."""
    answer = await supers.ask(USAGE, {"f": OCTOBER | filter})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]
    assert words in answer["errors"][0]["message"]
    assert supers.count() == {}


async def test_an_absurd_span_costs_no_call(supers: World):
    """A thousand years by SIM would be twelve thousand calls: a problem of each account, and nothing is asked."""
    span = {"since": "1026-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}

    found = await usage(supers, **span, groupBy="SIM")

    assert [(each["account"], each["code"]) for each in found["problems"]] == [
        (name, "INVALID") for name in sorted(SUPER)
    ]
    assert found["pageInfo"]["hasNextPage"] is False
    assert supers.count() == {}


async def test_a_failed_account_is_left_out_whole(supers: World):
    """A sum never holds half an account: when one call of it fails, the account is named and not counted."""
    [alone] = (await usage(supers, providers=["kore-supersim"]))["nodes"]
    supers.host.fault("twilio-supersim", "status", 503)

    found = await usage(supers)

    assert found["nodes"][0]["bytesTotal"] == alone["bytesTotal"]
    assert [(each["account"], each["code"]) for each in found["problems"]] == [("twilio-supersim", "UNAVAILABLE")]


async def test_usage_of_sims_is_the_same_as_usage_by_sim(six: World):
    """A SIM's own usage equals its record in the account's usage, at every provider; what Twilio's empty records do not
    tell is null in both."""
    by_sim = await usage(six, groupBy="SIM", providers=ALL_SIX[1:])
    told = {each["sim"]["iccid"]: each["bytesTotal"] for each in by_sim["nodes"]}
    query = """{ sims(first: 500, filter: {providers: %s}) { nodes { iccid
        dataUsed(since: "2026-10-01T00:00:00Z", until: "2026-11-01T00:00:00Z") } } }"""

    sims = (await six.data(query % str(ALL_SIX[1:]).replace("'", '"')))["sims"]["nodes"]

    used = {sim["iccid"]: sim["dataUsed"] for sim in sims}
    assert {iccid: used[iccid] for iccid in told} == told
    assert not any(used[iccid] for iccid in used.keys() - told.keys())
    assert len([each for each in told.values() if each]) > 20


async def test_cisco_tells_its_cycle(six: World):
    """Cisco has no usage by span: null without an error; its billing cycle to date it tells, in bytes."""
    query = """{ sims(first: 3, filter: {providers: ["cisco-control-center"]}) { nodes {
        usage { bytesTotal } dataUsed cycleUsage { bytesTotal smsTotal } zoneUsage { zone bytesTotal } } } }"""

    sims = (await six.data(query))["sims"]["nodes"]

    assert all(sim["usage"] is None and sim["dataUsed"] is None for sim in sims)
    assert any(sim["cycleUsage"]["bytesTotal"] > 0 for sim in sims)
