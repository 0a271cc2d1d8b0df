"""GraphiQL before a gateway that wants to know who asks: the browser's own question, and the place for a key."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from gateway.auth.keys import new_key
from gateway.auth.options import CallerSettings, KeySettings
from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.app import ServerOptions, build_app
from tests.browser.visit import Visit, visiting
from tests.server.served import served
from tests.world import START

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = new_key()
QUERY = "query Names { accounts { name } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def locked_url() -> AsyncIterator[str]:
    """A gateway with one caller, an administrator."""
    keys = (KeySettings(prefix=KEY.prefix, sha256=KEY.sha256),)
    admin = CallerSettings(name="admin", scopes=("admin",), accounts=("*",), keys=keys)
    async with served(
        lambda: build_app(ServerOptions(callers=(admin,)), lambda _: open_accounts([], platforms(), lambda: START))
    ) as port:
        yield f"http://127.0.0.1:{port}/graphql"


@pytest_asyncio.fixture(loop_scope="module")
async def locked(browser: Browser, locked_url: str) -> AsyncIterator[Visit]:
    """A tab nobody has used before, of a person who enters the key when the browser asks."""
    async with visiting(browser, locked_url, KEY.text) as visited:
        yield visited


async def test_the_page_is_for_who_has_a_key(browser: Browser, locked_url: str) -> None:
    """Without one, or with another, the browser asks for it and shows nothing of the schema."""
    async with visiting(browser, locked_url, new_key().text) as visited:
        answer = await visited.page.goto(locked_url)

        assert answer is not None
        assert answer.status == 401
        assert "script" not in await answer.text()


async def test_a_key_opens_the_door(locked: Visit) -> None:
    """What the browser was told runs nothing: the refusal is shown with its code. With the key in its field there are
    data and the schema, and the page breaks no rule."""
    await locked.open()
    await locked.new_tab()
    await locked.write(QUERY, "Names")
    await expect(await locked.run()).to_contain_text("UNAUTHENTICATED")

    async with locked.page.expect_response(lambda answer: "__schema" in (answer.request.post_data or "")) as learned:
        await locked.key().fill(KEY.text)
        await locked.key().press("Enter")
    assert (await learned.value).status == 200

    await expect(await locked.run()).to_contain_text(re.compile('"data".*"accounts"'))
    refusals = [said for said in locked.complaints if "401" not in said]
    assert refusals == []


async def test_a_key_is_kept_for_the_life_of_the_tab(locked: Visit) -> None:
    """After a reload it is there, in no place that outlives the tab or is shared, and not in plain sight."""
    await locked.open()
    await locked.key().fill(KEY.text)
    await locked.page.reload()

    await expect(locked.key()).to_have_value(KEY.text)
    assert await locked.key().get_attribute("type") == "password"
    assert KEY.text not in await locked.page.evaluate("JSON.stringify(localStorage) + document.cookie")
    async with locked.page.context.expect_page() as opened:
        await locked.page.evaluate("window.open(location.href, '_blank', 'noopener')")
    await expect((await opened.value).get_by_label("API key")).to_have_value("")


async def test_the_headers_editor_comes_first(locked: Visit) -> None:
    """Who writes another Authorization there sends that one."""
    await locked.open()
    await locked.key().fill(KEY.text)
    await locked.new_tab()
    await locked.write(QUERY, "Names")
    await locked.page.get_by_role("button", name="Headers").click()
    await locked.editor("Headers").click()
    await locked.page.keyboard.insert_text('{"Authorization": "Bearer another"}')

    async with locked.page.expect_request(lambda request: QUERY in (request.post_data or "")) as sent:
        await locked.page.keyboard.press("Control+Enter")

    assert (await (await sent.value).all_headers())["authorization"] == "Bearer another"
