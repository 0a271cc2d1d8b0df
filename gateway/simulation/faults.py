"""The ways in which a simulated provider can be told to misbehave, and how they are written down."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from random import Random

__all__ = ["KINDS", "Fault", "FaultSet", "FaultSyntaxError", "parse_faults"]

KINDS = {
    "status": "answers with the status given (default 500) and the provider's own error body; nothing is done",
    "throttle": "slows the caller down as the provider would; the value is the Retry-After in seconds, if any",
    "html": "answers 502 with a proxy's HTML page; nothing is done",
    "page": "answers 200 with an HTML page instead of JSON, as a proxy that wants a login does",
    "hang": "does what was asked, then never answers; the value is how many seconds until the line is cut",
    "drip": "answers in small pieces over the seconds given (default 5)",
    "reset": "does what was asked, then cuts the line in the middle of the answer",
    "drop": "cuts the line before anything is done, without an answer",
    "garbage": "answers 200 with text that is not JSON",
    "empty": "answers 200 with no body",
    "wrong-type": "answers 200 with JSON of another shape",
    "truncated-gzip": "answers with compressed content that ends too early",
    "bomb": "answers 200 with compressed JSON that unpacks to the MiB given (default 1024)",
    "nested": "answers 200 with JSON nested deeper than a parser likes; the value is the depth (default 100000)",
    "big": "answers 200 with a JSON text of the MiB given (default 32)",
    "foreign-link": "answers with its next_page_url on another host",
}
"""The closed vocabulary: kind and meaning."""

_NUMERIC = {"status", "throttle", "hang", "drip", "bomb", "nested", "big"}
_WRITTEN = re.compile(
    r"(?P<provider>[^:@#/=]+):(?P<kind>[a-z-]+)(=(?P<value>[^@#/]*))?(@(?P<probability>[^#/]*))?"
    r"(#(?P<count>[^/]*))?(?P<path>/.*)?"
)


class FaultSyntaxError(ValueError):
    """One or more faults make no sense; `problems` names each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(slots=True)
class Fault:
    """One misbehaviour. `count` is how often it happens yet, None without end; `path` limits it to a prefix."""

    kind: str
    value: str | None = None
    probability: float = 1.0
    count: int | None = None
    path: str = ""

    def number(self, default: float) -> float:
        """The value as a number."""
        return float(self.value) if self.value else default

    def problems(self) -> list[str]:
        """What is wrong with it, in words."""
        found = []
        if self.kind not in KINDS:
            found.append(f"unknown kind {self.kind!r}; known: {', '.join(KINDS)}")
        elif self.value and self.kind not in _NUMERIC:
            found.append(f"{self.kind} takes no value")
        elif self.value and not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", self.value):
            found.append(f"the value of {self.kind} is a number, not {self.value!r}")
        elif self.kind == "status" and self.value and not re.fullmatch(r"[2-5]\d\d", self.value):
            found.append(f"a status is 200..599, not {self.value}")
        if not 0 < self.probability <= 1:
            found.append(f"a probability is above 0 and at most 1, not {self.probability}")
        if self.count is not None and self.count < 1:
            found.append(f"a count is at least 1, not {self.count}")
        return found

    def shown(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


class FaultSet:
    """The faults of one provider. Chance comes from a seed, so that a run can be repeated."""

    def __init__(self, seed: int = 1) -> None:
        self.faults: list[Fault] = []
        self._chance = Random(seed)  # noqa: S311 - not a secret

    def take(self, path: str) -> Fault | None:
        """The first fault that strikes a request for this path, counted down."""
        for fault in self.faults:
            if fault.count == 0 or not path.startswith(fault.path):
                continue
            if fault.probability < 1 and self._chance.random() >= fault.probability:
                continue
            if fault.count is not None:
                fault.count -= 1
            return fault
        return None


def parse_faults(text: str, providers: Collection[str]) -> list[tuple[str, Fault]]:
    """Read `provider:kind[=value][@probability][#count][/path-prefix]`, comma-separated; `*` is every provider.

    FaultSyntaxError names every mistake together.
    """
    found: list[tuple[str, Fault]] = []
    problems: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _WRITTEN.fullmatch(part)
        if match is None:
            problems.append(f"{part!r} is not provider:kind[=value][@probability][#count][/path-prefix]")
            continue
        wrong, fault = _read(match)
        name = match["provider"]
        if name != "*" and name not in providers:
            wrong.insert(0, f"unknown provider {name!r}; known: {', '.join(providers)}")
        problems += [f"{part!r}: {problem}" for problem in wrong]
        if not wrong:
            names = list(providers) if name == "*" else [name]
            found += [(each, replace(fault)) for each in names]
    if problems:
        raise FaultSyntaxError(problems)
    return found


def _read(match: re.Match[str]) -> tuple[list[str], Fault]:
    fault = Fault(match["kind"], match["value"] or None, path=match["path"] or "")
    wrong: list[str] = []
    if match["probability"] is not None:
        try:
            fault.probability = float(match["probability"])
        except ValueError:
            wrong.append(f"the probability {match['probability']!r} is not a number")
    if match["count"] is not None:
        if re.fullmatch(r"\d{1,9}", match["count"]):
            fault.count = int(match["count"])
        else:
            wrong.append(f"the count {match['count']!r} is not a whole number")
    return wrong + fault.problems(), fault
