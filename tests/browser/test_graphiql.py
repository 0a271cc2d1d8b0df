"""GraphiQL in a real browser that can reach nothing but the gateway."""

import re
from datetime import UTC, datetime
from typing import Literal

import pytest
from playwright.async_api import expect

from gateway.graphiql.tabs import example_tabs
from tests.browser.visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "query Names { accounts { name } }"


async def test_the_page_needs_nobody_but_the_gateway(visit: Visit) -> None:
    """GraphiQL, its workers and fonts included, asks only the gateway and breaks no rule of the page's policy."""
    await visit.open()
    await visit.new_tab()
    await visit.page.keyboard.type("{ acco")
    await expect(await visit.suggestion("accounts")).to_be_visible()

    workers = {worker.url.rpartition("/")[2].partition("-")[0] for worker in visit.page.workers}
    assert {"graphql.worker", "editor.worker", "json.worker"} <= workers
    assert len(visit.hosts()) == 1
    assert visit.complaints == []


async def test_another_host_is_out_of_reach(visit: Visit) -> None:
    """Even a script on the page that asks another host is stopped by the policy before anything is sent."""
    await visit.open()

    async with visit.page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        outcome = await visit.page.evaluate("fetch('http://127.0.0.2:9/').then(() => 'sent', (e) => e.message)")

    assert outcome == "Failed to fetch"
    visit.requests = [request for request in visit.requests if "127.0.0.2" not in request.url]


async def test_a_query_is_completed_from_the_schema(visit: Visit) -> None:
    """Typing offers the fields that the gateway's schema has, and Enter takes one."""
    await visit.open()
    await visit.new_tab()

    await visit.page.keyboard.type("{ acco")
    await expect(await visit.suggestion("accounts")).to_be_visible()
    await visit.page.keyboard.press("Enter")

    await expect(visit.editor("Operation Editor")).to_contain_text("accounts")


async def test_a_query_runs_from_the_keyboard(visit: Visit) -> None:
    """Ctrl-Enter sends what is written and shows the answer."""
    await visit.open()
    await visit.new_tab()
    await visit.write(QUERY, "Names")

    await visit.page.keyboard.press("Control+Enter")

    await expect(visit.editor("Result Window")).to_contain_text(re.compile('"data".*"accounts".*"name"'))
    assert visit.sent(QUERY).method == "POST"


async def test_headers_written_there_are_sent(visit: Visit) -> None:
    """A header from the headers editor goes along with the query."""
    await visit.open()
    await visit.new_tab()
    await visit.write(QUERY, "Names")
    await visit.page.get_by_role("button", name="Headers").click()
    await visit.editor("Headers").click()
    await visit.page.keyboard.insert_text('{"Authorization": "Bearer of-a-token"}')

    async with visit.page.expect_request(lambda request: QUERY in (request.post_data or "")) as sent:
        await visit.page.keyboard.press("Control+Enter")

    headers = await (await sent.value).all_headers()
    assert headers["authorization"] == "Bearer of-a-token"


async def test_the_examples_are_tabs(visit: Visit) -> None:
    """Every example has a tab that bears its operation's name, and the first is open."""
    await visit.open()

    named = r"^(?:query|mutation) (\w+)"
    names = [re.findall(named, tab["query"], re.MULTILINE)[0] for tab in example_tabs(datetime.now(UTC))]
    await expect(visit.page.get_by_role("tab")).to_contain_text(names)
    await expect(visit.editor("Operation Editor")).to_contain_text(names[0])


async def test_an_example_brings_its_variables(visit: Visit) -> None:
    """The usage example opens with this month as its variables."""
    await visit.open()

    await visit.page.get_by_role("tab", name="UsageThisMonth").click()

    await expect(visit.editor("Variables")).to_contain_text(f"{datetime.now(UTC):%Y-%m}-01T00:00:00Z")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_colours_follow_the_system(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    """The page is dark and its text bright where the system is dark, the other way round where it is light."""
    await visit.page.emulate_media(color_scheme=scheme)
    await visit.open()

    await visit.turns(scheme)


async def test_colours_can_be_chosen(visit: Visit) -> None:
    """The settings can make the page dark on a light system."""
    await visit.page.emulate_media(color_scheme="light")
    await visit.open()

    await visit.page.get_by_role("button", name="Open settings dialog").click()
    await visit.page.get_by_role("button", name="Dark").click()

    await visit.turns("dark")
