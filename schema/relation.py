"""How a field that needs a provider is declared: as one function from all parents of a level to all answers.

    fleet: Fleet | None = relation(fleets_of, "The fleet the SIM is in.")

`async def fleets_of(sims, args, ctx) -> list[Fleet | GatewayError | None]` gets every parent of the level at
once and gives one value or one error for each. Here it is served by a loader that lives as long as the request
and gathers the parents of one turn of the event loop; an executor that sees whole levels may call it directly.
"""

import asyncio
import dataclasses
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types import Info

from schema.context import Answers, Context
from schema.errors import GatewayError

__all__ = ["Batch", "Loaders", "batch_of", "computed", "detail", "fact", "inventory", "relation"]

Batch = Callable[[list[Any], Any, Context], Awaitable[Answers[Any]]]
"""Parents and arguments are whatever the relation declares; Any, because one loader serves them all."""


class Loaders:
    """Gathers the parents of one turn of the event loop for each relation and its arguments, for one request."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Batch, object], list[tuple[Any, asyncio.Future[Any]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def load(self, batch: Batch, args: Any, parent: Any, ctx: Context) -> Awaitable[Any]:
        """The parent's answer, asked together with every other parent of this turn."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        gathered = self._waiting.setdefault((batch, args), [])
        if not gathered:
            task = asyncio.create_task(self._answer_all(batch, args, ctx))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        gathered.append((parent, answer))
        return answer

    async def aclose(self) -> None:
        """End what is still under way: nobody will read it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _answer_all(self, batch: Batch, args: Any, ctx: Context) -> None:
        await asyncio.sleep(0)  # resolvers that were woken in the same turn come along
        gathered = self._waiting.pop((batch, args))
        try:
            answers = await batch([parent for parent, _ in gathered], args, ctx)
        except Exception as error:  # whatever it is, each parent's field tells it
            answers = [error] * len(gathered)
        for (_, answer), told in zip(gathered, answers, strict=True):
            if answer.done():
                continue
            if isinstance(told, Exception):
                answer.set_exception(told)
            else:
                answer.set_result(told)


def fact(description: str, default: Any = None) -> Any:
    """A plain value; null (or `default`) until told. Any: it stands where a value of the field's type would."""
    return strawberry.field(description=description, default=default)


def computed(resolve: Callable[[Any, Context], Any], description: str) -> Any:
    """A value that follows from the parent and the request without asking anyone."""

    def resolver(root: Any, info: Info) -> Any:
        return resolve(root, info.context)

    return strawberry.field(resolver=resolver, description=description)


def inventory(description: str) -> Any:
    """A plain list that many things in one answer may share: what is told of it counts each time. Any: as above."""
    return strawberry.field(description=description, extensions=[_Counted()])


def relation(batch: Batch, description: str, args: type | None = None) -> Any:
    """A field answered by `batch`; `args` is a frozen dataclass whose fields are the field's arguments."""

    def resolver(root: Any, info: Info, **given: Any) -> Awaitable[Any]:
        ctx: Context = info.context
        return ctx.loaders.load(batch, args(**given) if args else None, root, ctx)

    parameters = [_parameter("root", Any), _parameter("info", Info)]
    parameters += [
        _parameter(each.name, each.type, each.default) for each in (dataclasses.fields(args) if args else ())
    ]
    resolver.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Strawberry reads
    resolver.__annotations__ = {p.name: p.annotation for p in parameters}
    return strawberry.field(resolver=resolver, description=description, metadata={"batch": batch})


def batch_of(field: Any) -> Batch | None:
    """The batch function behind a Strawberry field, or None where the field asks nobody."""
    found: Batch | None = field.metadata.get("batch")
    return found


def detail(description: str, default: Any = None) -> Any:
    """A value some providers' lists leave out: asked for, all parents at once, only where it is missing.

    With a `default` other than null the field cannot fail: it falls back to that default.
    """
    return strawberry.field(
        description=description,
        default=default,
        extensions=[_Detail(default)],
        metadata={"batch": completed, "falls_back": default is not None},
    )


async def completed(parents: list[Any], _args: None, ctx: Context) -> Answers[Any]:
    """The parents, with every field their provider can tell."""
    return await ctx.complete(parents)


class _Counted(FieldExtension):
    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        told = next_(source, info, **kwargs)
        ctx: Context = info.context
        ctx.give(len(told))
        return told


class _Detail(FieldExtension):
    def __init__(self, default: Any) -> None:
        self._default = default

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        value = next_(source, info, **kwargs)
        if source.is_complete or value != self._default:
            return value
        return self._asked(source, info)

    async def _asked(self, source: Any, info: Info) -> Any:
        ctx: Context = info.context
        try:
            whole = await ctx.loaders.load(completed, None, source, ctx)
        except GatewayError:
            if self._default is None:
                raise
            return self._default
        return getattr(whole or source, info.python_name)


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    if default is dataclasses.MISSING:
        default = inspect.Parameter.empty
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)
