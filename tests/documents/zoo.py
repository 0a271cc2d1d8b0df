"""A small schema with an interface, a union and fields that differ from type to type, and random documents for it."""

from graphql import GraphQLError, GraphQLSchema, build_schema
from hypothesis import strategies as st

ZOO: GraphQLSchema = build_schema("""
    enum Diet { GRASS MEAT }
    input Box { width: Int tags: [String] inner: Box }
    interface Animal { name(upper: Boolean, times: Int): String friend: Animal home: Home friends: [Animal!]! }
    type Cow implements Animal {
        name(upper: Boolean, times: Int): String friend: Animal home: Home friends: [Animal!]!
        weight: Int! milk: Int calf: Cow tag: String
    }
    type Wolf implements Animal {
        name(upper: Boolean, times: Int): String friend: Animal home: Home friends: [Animal!]!
        weight: Int milk: String calf: [Wolf] tag: String
    }
    type Home { name: String owner: Animal any: Being size: Int }
    union Being = Cow | Wolf | Home
    type Query {
        animal(diet: Diet, box: Box, ids: [Int]): Animal being: Being cow: Cow wolf: Wolf home: Home
    }
    type Mutation { feed(times: Int): Animal }
""")

_FIELDS = {
    "Query": {"animal": "Animal", "being": "Being", "cow": "Cow", "wolf": "Wolf", "home": "Home"},
    "Animal": {"name": None, "friend": "Animal", "home": "Home", "friends": "Animal"},
    "Cow": {"name": None, "friend": "Animal", "home": "Home", "weight": None, "milk": None, "calf": "Cow", "tag": None},
    "Wolf": {
        "name": None,
        "friend": "Animal",
        "home": "Home",
        "weight": None,
        "milk": None,
        "calf": "Wolf",
        "tag": None,
    },
    "Home": {"name": None, "owner": "Animal", "any": "Being", "size": None},
    "Being": {},
}
_WITHIN = {
    "Query": ("Query",),
    "Animal": ("Animal", "Cow", "Wolf", "Being"),
    "Being": ("Being", "Animal", "Cow", "Wolf", "Home"),
    "Cow": ("Cow", "Animal", "Being"),
    "Wolf": ("Wolf", "Animal", "Being"),
    "Home": ("Home", "Being"),
}
"""Which fragments may stand in a type."""

_FRAGMENTS = (("F0", "Animal"), ("F1", "Cow"), ("F2", "Being"), ("F3", "Animal"), ("F4", "Home"))
_ARGUMENTS = (
    "",
    "",
    "",
    "",
    "(times: 1)",
    "(times: 2)",
    "(times: $n)",
    "(times: 1, upper: true)",
    "(upper: true, times: 1)",
)


def limit_told(refusal: object) -> tuple[str, int, int]:
    """Which limit it is, how much it allows, and how much was found, of the error of a limit and of nothing else."""
    assert isinstance(refusal, GraphQLError)
    told = dict(refusal.extensions or {})
    assert told.pop("code") == "LIMIT_EXCEEDED"
    assert told.pop("retryable") is False
    assert str(told["maximum"]) in refusal.message
    assert str(told["limit"]) in refusal.message
    return (told.pop("limit"), told.pop("maximum"), told.pop("found")) if len(told) == 3 else ("?", 0, 0)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document that is valid but, perhaps, for fields that cannot be merged. Each fragment is spread somewhere."""
    used: set[str] = set()
    text = "query ($n: Int) " + _selections(draw, "Query", 0, 3, used)
    for number, (name, on) in enumerate(_FRAGMENTS):  # a fragment spreads later ones only
        if name in used:
            text += f" fragment {name} on {on} " + _selections(draw, on, number + 1, 2, used)
    return text


def _selections(draw: st.DrawFn, on: str, first: int, depth: int, used: set[str]) -> str:
    return "{" + " ".join(_selection(draw, on, first, depth, used) for _ in range(draw(st.integers(1, 3)))) + "}"


def _selection(draw: st.DrawFn, on: str, first: int, depth: int, used: set[str]) -> str:
    kind = draw(st.integers(0, 5))
    spreads = [name for name, type_ in _FRAGMENTS[first:] if type_ in _WITHIN[on]]
    if kind == 0 and spreads:
        name = draw(st.sampled_from(spreads))
        used.add(name)
        return f"...{name}"
    if kind == 1 and depth:
        inner = draw(st.sampled_from(_WITHIN[on]))
        return f"... on {inner} " + _selections(draw, inner, first, depth - 1, used)
    if kind == 2 and depth:
        return "... " + _selections(draw, on, first, depth - 1, used)
    return _field(draw, on, first, depth, used)


def _field(draw: st.DrawFn, on: str, first: int, depth: int, used: set[str]) -> str:
    alias = draw(st.sampled_from(("", "", "", "", "", "", "x: ", "y: ")))
    possible = {name: of for name, of in _FIELDS[on].items() if of is None or depth}
    name = draw(st.sampled_from(sorted(possible) or ["__typename"]))
    of = possible.get(name)
    arguments = draw(st.sampled_from(_ARGUMENTS)) if name == "name" and on != "Home" else ""
    return f"{alias}{name}{arguments}" + ("" if of is None else _selections(draw, of, first, depth - 1, used))
