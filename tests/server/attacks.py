"""Requests that are meant to cost the gateway more than their sender: each is to be refused before it does."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ATTACKS", "Attack"]

NEW = "application/graphql-response+json"
KIB = 1024


@dataclass(frozen=True)
class Attack:
    """One request: its body and what its head says of it, and how it must be refused."""

    name: str
    make: Callable[[], bytes]
    status: int = 400
    code: str = "LIMIT_EXCEEDED"
    headers: tuple[str, ...] = ()
    is_chunked: bool = False

    def request(self) -> bytes:
        """Everything that goes over the line."""
        body = self.make()
        if self.is_chunked:
            told, body = "Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            told = f"Content-Length: {len(body)}"
        own = {"content-type": "Content-Type: application/json", "accept": f"Accept: {NEW}", "host": "Host: gateway"}
        own |= {each.partition(":")[0].lower(): each for each in self.headers}
        head = "\r\n".join(["POST /graphql HTTP/1.1", *own.values(), told])
        return head.encode() + b"\r\n\r\n" + body


def document(text: str, **parts: object) -> bytes:
    return json.dumps({"query": text, **parts}, ensure_ascii=False, separators=(",", ":")).encode()


def bomb(depth: int, width: int = 2) -> str:
    """Each fragment spreads the next one twice: 2**depth fields in a few kilobytes."""
    steps = [f"fragment F{n} on Query {{ {f'...F{n + 1} ' * width} }}" for n in range(depth)]
    return "query { ...F0 } " + " ".join(steps) + f" fragment F{depth} on Query {{ __typename }}"


def overlap(times: int) -> str:
    """The same field over and over, each time with fields below that must be compared."""
    return "{ " + "sims { nodes { id name } } " * times + "}"


ATTACKS = [
    Attack("alias flood", lambda: document("{" + " ".join(f"a{n}: __typename" for n in range(10_000)) + "}")),
    Attack("short alias flood", lambda: document("{" + " ".join(f"a{n}:a" for n in range(7_000)) + "}")),
    Attack("aliases of one field", lambda: document("{" + " ".join(f"a{n}:__typename" for n in range(600)) + "}")),
    Attack("alias flood below", lambda: document("{sims{nodes{" + " ".join(f"a{n}:id" for n in range(10_000)) + "}}}")),
    Attack("root field flood", lambda: document("{" + "accounts{name} " * 10_000 + "}")),
    Attack("short root field flood", lambda: document("{" + "a " * 30_000 + "}")),
    Attack("one field over and over", lambda: document(overlap(200))),
    Attack("depth", lambda: document("{a" * 1_000 + "}" * 1_000)),
    Attack("depth without end", lambda: document("{a" * 100_000)),
    Attack("value depth", lambda: document("{a(b:" + "[" * 1_000 + "]" * 1_000 + ")}")),
    Attack("type depth", lambda: document("query($a:" + "[" * 1_000 + "Int" + "]" * 1_000 + "){a}")),
    Attack("object depth", lambda: document("{a(b:" + "{b:" * 1_000 + "1" + "}" * 1_000 + ")}")),
    Attack("fragment bomb", lambda: document(bomb(100))),
    Attack("wide fragment bomb", lambda: document(bomb(20, 20))),
    Attack("fragment flood", lambda: document("{a}" + "fragment F on Query{a} " * 5_000)),
    Attack("short fragment flood", lambda: document("{a}" + "fragment F on Q{a} " * 3_000)),
    Attack(
        "fragment cycles",
        lambda: document("{...A}" + "fragment A on Query{...B}fragment B on Query{...A}"),
        code="INVALID",
    ),
    Attack("operation flood", lambda: document("".join(f"query Q{n} {{a}} " for n in range(5_000)))),
    Attack("directive flood", lambda: document("{accounts" + "@include(if:true)" * 10_000 + "{name}}")),
    Attack("unknown directive flood", lambda: document("{a" + "@a" * 60_000 + "}")),
    Attack("short directive flood", lambda: document("{a" + "@a" * 30_000 + "}")),
    Attack("directives", lambda: document("{accounts" + "@include(if:true)" * 280 + "{name}}")),
    Attack("argument flood", lambda: document("{a(" + " ".join(f"b{n}:1" for n in range(10_000)) + ")}")),
    Attack("declared variables", lambda: document("query(" + " ".join(f"$v{n}:Int" for n in range(9_000)) + "){a}")),
    Attack("list", lambda: document("{sims(filter:{accounts:[" + '"a",' * 40_000 + "]}){nodes{id}}}")),
    Attack("short list", lambda: document("{a(b:[" + "1 " * 30_000 + "])}")),
    Attack("comments", lambda: document("#\n" * 30_000 + "{a}")),
    Attack("short comments", lambda: document("#" * 60_000 + "\n{accounts{nome}}"), code="INVALID"),
    Attack("blanks", lambda: document(" " * 250_000 + "{a}")),
    Attack("braces", lambda: document("{" * 250_000)),
    Attack("quotes", lambda: document('"' * 120_000)),
    Attack("short braces", lambda: document("{" * 65_000)),
    Attack("short quotes", lambda: document('{a(b:"' + '""' * 30_000), code="LIMIT_EXCEEDED"),
    Attack("a block string without end", lambda: document('{a(b:"""' + '\\"""' * 16_000), code="INVALID"),
    Attack("escapes", lambda: document('{a(b:"' + "\\u0041" * 35_000 + '")}')),
    Attack("a long name", lambda: document("{" + "a" * 250_000 + "}")),
    Attack("a long number", lambda: document("{sims(first:" + "9" * 200_000 + "){nodes{id}}}")),
    Attack("a short long number", lambda: document("{sims(first:" + "9" * 60_000 + "){nodes{id}}}"), code="INVALID"),
    Attack("emoji", lambda: document("{" + "🏊" * 60_000 + "}"), code="INVALID"),
    Attack("variables list", lambda: document("{accounts{name}}", variables={"a": [1] * 100_000})),
    Attack("variables", lambda: document("{accounts{name}}", variables={f"v{n}": n for n in range(15_000)})),
    Attack("variables depth", lambda: document("{accounts{name}}", variables={"a": _deep(60)})),
    Attack("huge int", lambda: b'{"query":"{a}","variables":{"a":' + b"9" * 250_000 + b"}}", code="INVALID"),
    Attack(
        "huge ints",
        lambda: b'{"query":"{a}","variables":{"a":[' + b"9" * 4000 + b",9" * 90_000 + b"]}}",
        code="INVALID",
    ),
    Attack("huge float", lambda: b'{"query":"{a}","variables":{"a":1e' + b"9" * 250_000 + b"}}", code="INVALID"),
    Attack("invalid UTF-8", lambda: b'{"query":"' + b"\xff" * 250_000 + b'"}', code="INVALID"),
    Attack("duplicate keys", lambda: b'{"query":"{a}"' + b',"a":1' * 40_000 + b"}", code="INVALID"),
    Attack("duplicate key at the end", lambda: _many_keys(20_000), code="INVALID"),
    Attack("deep JSON", lambda: b'{"a":' * 50_000, code="INVALID"),
    Attack("deep JSON lists", lambda: b"[" * 260_000, code="INVALID"),
    Attack("empty objects", lambda: b"[" + b"{}," * 85_000 + b"{}]"),
    Attack("batch", lambda: b"[" + b",".join([document("{accounts{name}}")] * 1_000) + b"]", code="INVALID"),
    Attack("10 MB", lambda: b" " * 10_000 * KIB, 413),
    Attack("10 MB in chunks", lambda: b" " * 10_000 * KIB, 413, is_chunked=True),
    Attack("zip bomb", lambda: gzip.compress(b" " * 10_000 * KIB), 415, "INVALID", ("Content-Encoding: gzip",)),
    Attack("a form", lambda: b"query={accounts{name}}", 415, "INVALID", ("Content-Type: text/plain",)),
    Attack("UTF-16", lambda: "{}".encode("utf-16"), 415, "INVALID", ("Content-Type: application/json;charset=utf-16",)),
    Attack("accept flood", lambda: document("{a}"), 406, "INVALID", ("Accept: " + "a," * 30_000,)),
    Attack("header flood", lambda: b"", 400, "INVALID", tuple(f"X-{n}: y" for n in range(5_000))),
    Attack("another host", lambda: b"{}", 400, "INVALID", ("Host: a b",)),
]


def _deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def _many_keys(count: int) -> bytes:
    return b"{" + b",".join(b'"k%d":1' % n for n in range(count)) + b',"k%d":2}' % (count - 1)
