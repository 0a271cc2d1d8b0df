"""What is remembered, for how long, and who asks when it is not."""

import asyncio

import pytest

from gateway.cache import flights
from gateway.cache.cache import How
from gateway.cache.flights import MOST_FORGOTTEN
from gateway.cache.question import Change, Question, slot_of
from gateway.page import Page
from gateway.upstream.errand import Errand, Urgency
from schema.errors import BadResponse, Denied, GatewayError, RateLimited, Refused, TimedOut, Unavailable
from schema.fleet import Fleet
from schema.sim import Sim
from tests.cache.desk import ACCOUNT, LIST, Desk, sim_question
from tests.virtual_time import run_in_virtual_time


async def test_a_fresh_answer_asks_nobody():
    """Within its window an answer is asked for once, and says when it was given."""
    desk = Desk()
    first = await desk.ask(sim_question("1"))
    given = desk.now
    desk.move(53)
    second = await desk.ask(sim_question("1"))

    assert (first.how, second.how, len(desk.asked)) == (How.ASKED, How.HIT, 1)
    assert (second.answer.as_of, second.answer.stale, second.answer.account_name) == (given, False, ACCOUNT)


async def test_every_asker_has_a_copy_of_his_own():
    """What one reader does to his answer, no other sees."""
    desk = Desk()
    first, second = await asyncio.gather(desk.ask(sim_question("1")), desk.ask(sim_question("1")))
    first.answer.name = "changed"
    third = await desk.ask(sim_question("1"))

    assert len(desk.asked) == 1
    assert (second.answer.name, third.answer.name) == ("v1", "v1")


async def test_an_old_answer_is_served_while_a_new_one_is_fetched():
    """Just past its window an answer comes at once and says that it is old; the next one is new."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(61)
    desk.version = 2
    old = await desk.ask(sim_question("1"))
    await desk.settled()
    new = await desk.ask(sim_question("1"))

    assert (old.answer.name, old.answer.stale, old.answer.stale_reason) == (
        "v1",
        True,
        "a newer answer is being fetched",
    )
    assert (new.answer.name, new.answer.stale, new.answer.as_of) == ("v2", False, desk.now)
    assert len(desk.asked) == 2


async def test_whose_calls_those_are_for_which_nobody_waits():
    """Of several readers of an old answer the first is told that he has begun to fetch a newer one, and no other; so is
    the reader for whom a fresh one is fetched anew."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(61)
    old = [(await desk.ask(sim_question("1"))).is_leaving_calls for _ in range(3)]
    await desk.settled()
    fresh = (await desk.ask(sim_question("1"))).is_leaving_calls
    desk.move(55)
    early = [(await desk.ask(sim_question("1"))).is_leaving_calls for _ in range(3)]
    await desk.settled()

    assert (old, fresh, early) == ([True, False, False], False, [True, False, False])
    assert len(desk.asked) == 3


async def test_a_fetch_that_is_not_kept_has_its_asker_too(monkeypatch: pytest.MonkeyPatch):
    """Where too many are under way already, who has begun one waits for it, and it is still his."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(61)
    monkeypatch.setattr(flights, "MOST_KEPT", 0)

    told = await desk.ask(sim_question("1"))

    assert (told.answer.stale, told.is_leaving_calls, len(desk.asked)) == (False, True, 2)


async def test_a_much_older_answer_is_not_served_without_need():
    """After twice its window the provider is asked first."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(121)
    desk.version = 2

    assert await desk.name_of("1") == "v2"


async def test_nothing_is_on_its_way_from_an_account_that_does_not_answer():
    """Just past its window an answer says why there is no newer one, where it is known that none will come."""
    desk = Desk()
    await desk.ask(LIST)
    desk.move(61)
    desk.failure = Unavailable("not asked")
    hopeful = await desk.ask(LIST)
    await desk.settled()
    told = await desk.ask(LIST, is_answering=False)

    assert {sim.stale_reason for sim in hopeful.answer.items} == {"a newer answer is being fetched"}
    assert {sim.stale_reason for sim in told.answer.items} == {"UNAVAILABLE: not asked"}
    assert told.answer.in_place_of.account == ACCOUNT


async def test_what_is_read_often_is_fetched_before_it_is_old():
    """In the last tenth of its window an answer is fetched anew, while readers are served the fresh one."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(55)
    desk.version = 2
    before = await desk.ask(sim_question("1"))
    await desk.settled()
    after = await desk.ask(sim_question("1"))

    assert (before.answer.name, before.answer.stale, after.answer.name) == ("v1", False, "v2")
    assert len(desk.asked) == 2


async def test_what_is_read_once_need_not_be_fetched_early():
    """One reader in the last tenth is not many: it is left to chance."""
    desk = Desk(chance=0.9)
    await desk.ask(sim_question("1"))
    desk.move(55)
    await desk.ask(sim_question("1"))
    await desk.settled()

    assert len(desk.asked) == 1


@pytest.mark.parametrize("max_age", [0, 5])
async def test_a_caller_may_want_it_fresher(max_age: float):
    """Nothing older than the caller allows is served while the provider answers, and the new answer serves others."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(10)
    desk.version = 2

    assert await desk.name_of("1", max_age) == "v2"
    assert await desk.name_of("1") == "v2"


async def test_500_at_once_are_one_call():
    """Whoever comes while a question is being asked waits for the same answer."""
    desk = Desk()
    desk.gate.clear()
    waiting = [asyncio.create_task(desk.ask(sim_question("1"))) for _ in range(500)]
    await desk.settled()
    desk.gate.set()
    told = await asyncio.gather(*waiting)

    assert len(desk.asked) == 1
    assert [each.how for each in told].count(How.JOINED) == 499
    assert {each.answer.name for each in told} == {"v1"}


async def test_whoever_wants_it_fresher_waits_for_the_same_call():
    """A call under way brings an answer that is new enough for everybody, whatever age each allows."""
    desk = Desk()
    desk.gate.clear()
    ages = [None, 0, 1, 5, 60]
    waiting = [asyncio.create_task(desk.ask(sim_question("1"), max_age)) for max_age in ages]
    await desk.settled()
    desk.gate.set()
    told = await asyncio.gather(*waiting)

    assert len(desk.asked) == 1
    assert {each.answer.name for each in told} == {"v1"}


async def test_who_leaves_does_not_take_the_call_along():
    """A cancelled asker does not cancel the call for the others; when the last one has left, the call ends."""
    desk = Desk()
    desk.gate.clear()
    first, second = (asyncio.create_task(desk.ask(sim_question("1"))) for _ in range(2))
    await desk.settled()
    first.cancel()
    await desk.settled()
    desk.gate.set()

    assert (await second).answer.name == "v1"
    assert len(desk.asked) == 1

    desk.gate.clear()
    third = asyncio.create_task(desk.ask(sim_question("2")))
    await desk.settled()
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    await desk.settled()

    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_call_given_up_is_not_joined():
    """Who asks right after the last asker left begins a call of his own."""
    desk = Desk()
    desk.gate.clear()
    first = asyncio.create_task(desk.ask(sim_question("1")))
    await desk.settled()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    desk.gate.set()

    assert await desk.name_of("1") == "v1"
    assert len(desk.asked) == 2


@pytest.mark.parametrize("failure", [Unavailable("gone"), TimedOut("slow"), RateLimited("slower"), BadResponse("odd")])
async def test_a_failure_is_a_footnote_to_an_old_answer(failure: GatewayError):
    """What is still known is served, says that it is old and why; a list keeps the failure as well."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    await desk.ask(LIST)
    desk.move(7200)
    desk.failure = failure
    told, listed = await desk.ask(sim_question("1")), await desk.ask(LIST)

    assert (told.answer.name, told.answer.stale) == ("v1", True)
    assert told.answer.stale_reason == f"{failure.code.value}: {failure.message}"
    assert type(told.failure) is type(failure)
    assert isinstance(listed.answer, Page)
    assert listed.answer.in_place_of is not None
    assert listed.answer.in_place_of.code is failure.code
    assert all(sim.stale for sim in listed.answer.items)


@pytest.mark.parametrize("failure", [Denied("no longer"), Refused("no")])
async def test_not_every_failure_is_forgiven(failure: GatewayError):
    """What an account may no longer read is not shown, and a refusal is an answer."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(7200)
    desk.failure = failure

    with pytest.raises(type(failure)):
        await desk.ask(sim_question("1"))


async def test_failures_are_not_remembered():
    """The next asker after a failure asks again."""
    desk = Desk()
    desk.failure = Unavailable("gone")
    with pytest.raises(Unavailable):
        await desk.ask(sim_question("1"))
    desk.failure = None

    assert await desk.name_of("1") == "v1"


async def test_one_failure_for_many_is_each_ones_own():
    """Askers that waited for the same failure do not share an exception: it would grow with every one of them."""
    desk = Desk()
    desk.gate.clear()
    desk.failure = Unavailable("gone", native_code="17")
    waiting = [asyncio.create_task(desk.ask(sim_question("1"))) for _ in range(3)]
    await desk.settled()
    desk.gate.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)

    assert len({id(each) for each in told}) == 3
    assert {(type(each), str(each), each.native_code) for each in told} == {(Unavailable, "gone", "17")}


def test_a_footnote_says_where_it_failed():
    """Also where nobody was asked in the end but patience, which knows of no account."""

    async def scene() -> None:
        desk = Desk(patience=1.0)
        await desk.ask(LIST)
        desk.move(300)
        desk.gate.clear()
        old = (await desk.ask(LIST)).answer.in_place_of

        assert (old.account, old.operation, type(old)) == (ACCOUNT, "list_sims", TimedOut)
        await desk.cache.aclose()

    run_in_virtual_time(scene())


async def test_a_page_that_broke_off_is_each_ones_own():
    """What cannot be kept is copied for each who waited for it, its error too."""
    desk, gate = Desk(), asyncio.Event()

    async def broken() -> Page[Sim]:
        await gate.wait()
        return Page([Sim(native_id="1")], broken=BadResponse("elsewhere"))

    waiting = [asyncio.create_task(desk.cache.ask(LIST, broken, Errand())) for _ in range(3)]
    await desk.settled()
    gate.set()
    pages = [told.answer for told in await asyncio.gather(*waiting)]

    assert [page.items[0].account_name for page in pages] == [ACCOUNT] * 3
    assert {str(page.broken) for page in pages} == {"elsewhere"}
    for part in (pages, [page.items[0] for page in pages], [page.broken for page in pages]):
        assert len({id(each) for each in part}) == 3


async def test_after_its_last_hour_an_answer_is_gone():
    """An answer is served in place of a failure for a day at most."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(86_401)
    desk.failure = Unavailable("gone")

    with pytest.raises(Unavailable):
        await desk.ask(sim_question("1"))


def test_a_slow_provider_is_not_waited_for_when_something_is_known():
    """After a moment's patience the old answer is served; the call goes on, and its answer is there for the next."""

    async def scene() -> None:
        desk = Desk(patience=1.0)
        await desk.ask(sim_question("1"))
        desk.move(300)
        desk.version = 2
        desk.gate.clear()
        old, second = await asyncio.gather(*(desk.ask(sim_question("1")) for _ in range(2)))
        desk.gate.set()
        await desk.settled()
        new = await desk.ask(sim_question("1"))

        assert (old.is_leaving_calls, second.is_leaving_calls, new.is_leaving_calls) == (True, False, False)
        assert (old.answer.name, old.answer.stale) == ("v1", True)
        assert old.answer.stale_reason.startswith("TIMEOUT")
        assert (new.answer.name, new.how, len(desk.asked)) == ("v2", How.HIT, 2)

    run_in_virtual_time(scene())


def test_who_waits_while_it_is_forgotten_waits_on():
    """Where the old answer has gone by the end of a moment's patience, the new one is waited for."""

    async def scene() -> None:
        desk = Desk(patience=1.0)
        await desk.ask(sim_question("1"))
        desk.move(300)
        desk.version = 2
        desk.gate.clear()
        waiting = asyncio.create_task(desk.ask(sim_question("1")))
        await desk.settled()
        await desk.cache.forget(ACCOUNT, Change(Sim, "1"))
        await asyncio.sleep(5.0)
        desk.gate.set()

        assert (await waiting).answer.name == "v2"

    run_in_virtual_time(scene())


async def test_that_there_is_no_such_thing_is_remembered_briefly():
    """Nothing is an answer, for seconds; and never an old one."""
    desk = Desk()
    assert (await desk.ask(sim_question("nobody"))).answer is None
    assert (await desk.ask(sim_question("nobody"))).answer is None
    assert len(desk.asked) == 1

    desk.move(16)
    desk.failure = Unavailable("gone")
    with pytest.raises(Unavailable):
        await desk.ask(sim_question("nobody"))


async def test_a_list_brings_its_things():
    """What stands in a page is known by id; what the page told only in part does not pass for the whole."""
    desk = Desk()
    await desk.ask(LIST)
    known = await desk.cache.things(ACCOUNT, Sim, ["0", "2", "7"], None)

    assert sorted(known) == ["0", "2"]
    assert not known["0"].is_complete
    assert (await desk.ask(sim_question("0"))).answer.is_complete
    assert (await desk.cache.things(ACCOUNT, Sim, ["0"], None))["0"].is_complete


async def test_no_id_finds_what_is_kept_under_another():
    """Ids are the caller's: whatever signs are in one, it is taken for nothing but itself."""
    desk = Desk()
    await desk.ask(LIST)
    told = await desk.ask(sim_question("0/row"))
    networks = [("a", "b/c"), ("a/b", "c"), ("a", "c"), ("a/b/c", "")]
    slots = [slot_of(Question(ACCOUNT, "load_profile_network", each)) for each in networks]

    assert (told.how, told.answer.native_id) == (How.ASKED, "0/row")
    assert len({slot.key for slot in slots}) == len(networks)


async def test_a_row_does_not_push_out_the_whole_thing():
    """A SIM that is known whole stays so when a list tells a part of it."""
    desk = Desk()
    await desk.ask(sim_question("0"))
    await desk.ask(LIST)

    assert (await desk.ask(sim_question("0"))).how is How.HIT
    assert (await desk.cache.things(ACCOUNT, Sim, ["0"], None))["0"].is_complete


async def test_things_keep_to_the_callers_age():
    """A thing from a list is no fresher than its list."""
    desk = Desk()
    await desk.ask(LIST)
    desk.move(10)

    assert await desk.cache.things(ACCOUNT, Sim, ["0"], 5) == {}
    assert list(await desk.cache.things(ACCOUNT, Sim, ["0"], 15)) == ["0"]


async def test_forgetting_drops_the_thing_and_its_lists_and_nothing_else():
    """After a SIM has changed, it and the lists it may be in are asked for again; other SIMs are not."""
    desk = Desk()
    for question in (sim_question("1"), sim_question("2"), LIST):
        await desk.ask(question)
    desk.version = 2
    await desk.cache.forget(ACCOUNT, Change(Sim, "1"))

    assert await desk.name_of("1") == "v2"
    assert await desk.name_of("2") == "v1"
    assert (await desk.ask(LIST)).answer.items[0].name == "v2"


async def test_forgetting_is_of_one_account_and_one_type():
    """A change elsewhere, or of another type, forgets nothing."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    await desk.ask(LIST)
    await desk.cache.forget("meters", Change(Sim, "1"))
    await desk.cache.forget(ACCOUNT, Change(Fleet, "1"))
    await desk.ask(sim_question("1"))
    await desk.ask(LIST)

    assert len(desk.asked) == 2


async def test_what_was_asked_before_a_change_is_not_kept():
    """A call under way while something changes may bring what was: it is for those who wait, and no longer."""
    desk = Desk()
    desk.gate.clear()
    before = asyncio.create_task(desk.ask(sim_question("1")))
    listing = asyncio.create_task(desk.ask(LIST))
    await desk.settled()
    desk.version = 2
    await desk.cache.forget(ACCOUNT, Change(Sim, "1"))
    after = asyncio.create_task(desk.ask(sim_question("1")))
    await desk.settled()
    desk.gate.set()
    await listing

    assert (await before).answer.name == "v1"
    assert (await after).answer.name == "v2"
    assert await desk.name_of("1") == "v2"
    assert await desk.name_of("2") == "v2"


async def test_a_change_of_one_thing_costs_no_other_its_answer():
    """What is on its way of other things while one changes is kept."""
    desk = Desk()
    desk.gate.clear()
    waiting = [asyncio.create_task(desk.ask(sim_question(native_id))) for native_id in ("1", "2")]
    await desk.settled()
    for native_id in map(str, range(100, 200)):
        await desk.cache.forget(ACCOUNT, Change(Sim, native_id))
    await desk.cache.forget(ACCOUNT, Change(Sim, "1"))
    desk.gate.set()
    await asyncio.gather(*waiting)

    assert (await desk.ask(sim_question("2"))).how is How.HIT
    assert (await desk.ask(sim_question("1"))).how is How.ASKED


async def test_of_too_many_changes_nothing_on_its_way_is_kept():
    """What has changed meanwhile is kept in mind in bounded number; beyond it nobody knows whether an answer on its way
    still holds, whatever it is about."""
    desk = Desk()
    desk.gate.clear()
    waiting = asyncio.create_task(desk.ask(sim_question("2")))
    await desk.settled()
    for start in range(100, 20_100, 500):
        desk.cache.drop(f"{ACCOUNT}/Sim/{number}" for number in range(start, start + 500))
        assert len(desk.cache._flights._forgotten) <= MOST_FORGOTTEN
    desk.gate.set()
    await waiting
    await desk.settled()

    assert (await desk.ask(sim_question("2"))).how is How.ASKED
    assert desk.cache._flights._forgotten == {}


async def test_who_joins_lends_his_hurry_and_his_time():
    """A call that nobody was in a hurry for, or had little time, is in a hurry and has time once somebody joins."""
    desk = Desk()
    desk.gate.clear()
    own = Errand(until=1e9, urgency=Urgency.BULK)

    async def ask(errand: Errand) -> None:
        await desk.cache.ask(sim_question("1"), lambda: desk.answer(sim_question("1")), errand)

    waiting = [asyncio.create_task(ask(own))]
    await desk.settled()
    waiting.append(asyncio.create_task(ask(Errand(until=2e9, urgency=Urgency.INTERACTIVE))))
    waiting.append(asyncio.create_task(ask(Errand(until=5e8, urgency=Urgency.BULK))))
    await desk.settled()
    desk.gate.set()
    await asyncio.gather(*waiting)

    assert (own.until, own.urgency) == (2e9, Urgency.INTERACTIVE)
    assert len(desk.asked) == 1


async def test_a_clock_that_was_set_back():
    """An answer from the future is one whose age nobody knows: it is asked for again."""
    desk = Desk()
    await desk.ask(sim_question("1"))
    desk.move(-3600)

    assert (await desk.ask(sim_question("1"))).how is How.ASKED


async def test_closing_ends_what_is_under_way():
    """No call outlives the cache."""
    desk = Desk()
    desk.gate.clear()
    waiting = asyncio.create_task(desk.ask(sim_question("1")))
    await desk.settled()
    await desk.cache.aclose()

    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
