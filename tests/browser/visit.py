"""A visit to GraphiQL: the page, what it asked for, and the moves a person makes on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    HttpCredentials,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    expect,
)
from playwright.async_api import TimeoutError as NotYet

__all__ = ["Visit", "visiting"]

HAS_COLOURS = """(scheme) => {
    const brightness = (element, what) => {
        const context = document.createElement('canvas').getContext('2d');
        context.fillStyle = getComputedStyle(element)[what];
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return (red + green + blue) / 3 / 255;
    };
    const words = [...document.querySelectorAll('.graphiql-query-editor .view-line span span')];
    const word = words.find((element) => element.textContent.trim() === 'nodes');
    const page = brightness(document.querySelector('.graphiql-container'), 'backgroundColor');
    const text = word && brightness(word, 'color');
    return scheme === 'dark' ? page < 0.4 && text > 0.6 : page > 0.6 && text < 0.4;
}"""


@dataclass
class Visit:
    """One page in a fresh profile."""

    page: Page
    url: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Go there and wait until the page can be worked with: editors drawn, schema read."""
        async with self.page.expect_response(_answers_introspection):
            await self.page.goto(self.url)
        await expect(self.editor("Operation Editor").locator(".view-line").first).to_be_visible()

    async def new_tab(self) -> None:
        """Open an empty tab and put the cursor into its query editor."""
        await self.page.get_by_role("button", name="New tab").click()
        await self.editor("Operation Editor").click()

    async def write(self, query: str, name: str) -> None:
        """Put a query of that name there; GraphiQL has taken it in when the tab bears the name."""
        await self.page.keyboard.insert_text(query)
        await expect(self.page.get_by_role("tab", selected=True)).to_contain_text(name)

    async def suggestion(self, text: str) -> Locator:
        """The suggestion with that text. The worker may learn the schema late, so ask more than once."""
        row = self.page.locator(".suggest-widget .monaco-list-row", has_text=text).first
        for _ in range(30):
            try:
                await row.wait_for(timeout=1000)
                break
            except NotYet:
                await self.page.keyboard.press("Escape")
                await self.page.keyboard.press("Control+Space")
        return row

    def key(self) -> Locator:
        """The field for the caller's key."""
        return self.page.get_by_label("API key")

    async def run(self) -> Locator:
        """Send what is written; gives where the answer is shown."""
        await self.editor("Operation Editor").click()
        await self.page.keyboard.press("Control+Enter")
        return self.editor("Result Window")

    def editor(self, name: str) -> Locator:
        """The editor shown under that name: Operation Editor, Variables, Headers or Result Window."""
        return self.page.locator(f'section[aria-label="{name}"] .monaco-editor[role=code]').locator("visible=true")

    async def turns(self, scheme: str) -> None:
        """Wait until the page and a word in the editor have the colours of a dark or a light page."""
        await self.page.wait_for_function(HAS_COLOURS, arg=scheme)

    def heard_request(self, request: Request) -> None:
        """Write a request down, the page's own or a worker's."""
        self.requests.append(request)

    def heard_console(self, message: ConsoleMessage) -> None:
        """Write an error on the console down; a broken policy is one."""
        if message.type == "error":
            self.complaints.append(message.text)

    def heard_failure(self, failure: WebError) -> None:
        """Write down what a script did not catch."""
        self.complaints.append(str(failure.error))

    def hosts(self) -> set[str]:
        """Everybody who was asked for anything; data: and blob: addresses ask nobody."""
        urls = [urlsplit(request.url) for request in self.requests]
        return {url.netloc for url in urls if url.scheme not in {"data", "blob"}}

    def sent(self, text: str) -> Request:
        """The one GraphQL request whose body has this text."""
        found = [request for request in self.requests if text in (request.post_data or "")]
        assert len(found) == 1, f"{len(found)} requests with {text!r}"
        return found[0]


@asynccontextmanager
async def visiting(browser: Browser, url: str, password: str | None = None) -> AsyncIterator[Visit]:
    """A tab with a new profile, for a page that may ask nobody but its own server. `password` is what a person enters
    when the browser asks for one."""
    credentials = None if password is None else HttpCredentials(username="anybody", password=password)
    context = await browser.new_context(viewport={"width": 1360, "height": 840}, http_credentials=credentials)
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)  # ms, for a busy machine; what is already so costs nothing
    visited = Visit(await context.new_page(), url)
    context.on("request", visited.heard_request)
    context.on("console", visited.heard_console)
    context.on("weberror", visited.heard_failure)
    yield visited
    await context.close()
    assert visited.hosts() <= {urlsplit(url).netloc}


def _answers_introspection(response: Response) -> bool:
    return "IntrospectionQuery" in (response.request.post_data or "")
