"""The `[[issuers]]` tables: who makes tokens that are accepted here."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from gateway.auth.address import is_trusted_address
from gateway.auth.granted import Granted
from gateway.auth.issuers import ALGORITHMS, MOST_SKEW, GrantSettings, IssuerSettings
from gateway.auth.jwks import KeySet, WrittenKeys
from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.rights import NAME, QUOTAS, rights_rules, without_reach
from gateway.config.rules import Entries, Rule, between, shown, text_like
from gateway.config.table import read_table
from gateway.platform import Settings

__all__ = ["read_issuers"]

G = TypeVar("G", bound=Granted)

MOST_ISSUERS = 20
MOST_GRANTS = 200
MOST_AUDIENCES = 20

TEXT = text_like(r"[^\x00-\x20\x7f-\x9f]{1,512}", "1 to 512 characters without blanks")
CLAIM = text_like(r"[^\x00-\x20\x7f-\x9f]{1,256}", "the name of a claim, 1 to 256 characters without blanks")
VALUE = text_like(r"[^\x00-\x1f\x7f-\x9f]{1,512}", "1 to 512 characters")


def read_issuers(
    given: object, outside: Outside, accounts: Sequence[Settings]
) -> tuple[tuple[IssuerSettings, ...], list[Problem]]:
    """Every issuer, or what is wrong with them. `accounts` are those of the same file."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return (), [Problem("issuers", "it must be tables; begin each with [[issuers]]")]
    if len(given) > MOST_ISSUERS:
        return (), [Problem("issuers", f"found {len(given)}; there may be at most {MOST_ISSUERS} [[issuers]] tables")]
    rules = rights_rules(accounts)
    issuers: list[IssuerSettings] = []
    problems = _repeated(given, "name") + _repeated(given, "issuer")
    for number, table in enumerate(given, 1):
        issuer, wrong = _read_issuer(_place(number, table), table, outside, rules)
        problems += wrong
        if issuer is not None:
            issuers.append(issuer)
    return tuple(issuers), problems


def _read_issuer(
    place: str, table: Mapping[str, object], outside: Outside, rights: Mapping[str, Rule | Entries]
) -> tuple[IssuerSettings | None, list[Problem]]:
    grants, problems = _read_grants(place, table, outside, rights)
    own = {key: value for key, value in table.items() if key != "grants"}
    issuer, wrong = _read(IssuerSettings, place, own, outside, {**rights, **_rules(outside)})
    problems = wrong + _keys_nowhere(place, table) + problems
    if issuer is None or problems:
        return None, problems
    file = None if issuer.jwks_file is None else str(outside.folder / issuer.jwks_file)
    issuer = msgspec.structs.replace(issuer, jwks_file=file, grants=grants)
    return issuer, _without_keys(place, issuer)


def _read_grants(
    place: str, table: Mapping[str, object], outside: Outside, rights: Mapping[str, Rule | Entries]
) -> tuple[tuple[GrantSettings, ...], list[Problem]]:
    given = table.get("grants", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return (), [Problem(place, "it must be tables; begin each with [[issuers.grants]]", "grants")]
    if len(given) > MOST_GRANTS:
        return (), [Problem(place, f"found {len(given)}; there may be at most {MOST_GRANTS}", "grants")]
    problems = [
        Problem(place, "it is not read where there are grants, which decide instead", key)
        for key in ("scopes_claim", "accounts_claim")
        if given and key in table
    ]
    grants: list[GrantSettings] = []
    for number, each in enumerate(given, 1):
        rules = {**rights, "claim": CLAIM, "value": VALUE}
        grant, wrong = _read(GrantSettings, f"{place}.grants[{number}]", each, outside, rules)
        problems += wrong
        if grant is not None:
            grants.append(grant)
    return tuple(grants), problems


def _read(
    kind: type[G], place: str, given: Mapping[str, object], outside: Outside, rules: Mapping[str, Rule | Entries]
) -> tuple[G | None, list[Problem]]:
    read, problems = read_table(kind, place, given, outside, rules)
    return read, problems + without_reach(place, given)


def _rules(outside: Outside) -> dict[str, Rule | Entries]:
    return {
        "name": NAME,
        "issuer": TEXT,
        "audience": _audience,
        "algorithms": _algorithms,
        "jwks_url": _address,
        "jwks_file": _document_in(outside.folder),
        "clock_skew": between(0, MOST_SKEW),
        "token_type": text_like(r"[A-Za-z0-9.+/_-]{1,64}", "a type as tokens have it, e.g. at+jwt"),
        "name_claim": CLAIM,
        "scopes_claim": CLAIM,
        "accounts_claim": CLAIM,
        **QUOTAS,
    }


def _audience(value: Any, found: str) -> None:  # Any: text or a list of it
    several = [value] if isinstance(value, str) else value
    if not 1 <= len(several) <= MOST_AUDIENCES:
        raise Mistake(f"found {found}; it must be one audience, or 1 to {MOST_AUDIENCES}")
    for each in several:
        TEXT(each, shown(each))


def _algorithms(values: Any, found: str) -> None:  # Any: as Rule has it
    if not values:
        raise Mistake(f"found {found}; it must name at least one")
    mistakes = [f"found {shown(each)}{_why_not(each)}" for each in values if each not in ALGORITHMS]
    if mistakes:
        raise Mistake(f"{'; '.join(mistakes)}; known: {', '.join(ALGORITHMS)}")


def _why_not(algorithm: str) -> str:
    if algorithm.upper().startswith("HS"):
        return ", with which whoever can check a token can make one"
    return ", with which everybody can make a token" if algorithm.lower() == "none" else ""


def _address(value: str, found: str) -> None:
    if not is_trusted_address(value):
        shown_ = "an address" if set(value) & set("@?#") else found
        raise Mistake(f"found {shown_}; it must be like https://host/path (http only on this machine)")


def _document_in(folder: Path) -> Callable[[str, str], None]:
    """The rule of a file that holds keys."""

    def rule(value: str, found: str) -> None:
        try:
            msgspec.json.decode((folder / value).read_bytes(), type=WrittenKeys)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Mistake(f'the file {found} is no set of keys; it must be JSON like {{"keys": [...]}}') from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            raise Mistake(f"the file {found} cannot be read: {reason}") from None

    return rule


def _keys_nowhere(place: str, table: Mapping[str, object]) -> list[Problem]:
    """Two places for the keys, or one that would have to be discovered and cannot."""
    if "jwks_url" in table and "jwks_file" in table:
        return [Problem(place, "found this and jwks_url; give one of them", "jwks_file")]
    issuer = table.get("issuer")
    is_discovered = "jwks_url" not in table and "jwks_file" not in table
    if is_discovered and isinstance(issuer, str) and (not is_trusted_address(issuer) or "?" in issuer):
        return [
            Problem(place, "its keys cannot be found by its name, which is no https address; give jwks_url", "issuer")
        ]
    return []


def _without_keys(place: str, issuer: IssuerSettings) -> list[Problem]:
    """A file without a key that fits is a mistake that would show with the first token only."""
    if issuer.jwks_file is None:
        return []
    written = msgspec.json.decode(Path(issuer.jwks_file).read_bytes(), type=WrittenKeys)
    if KeySet(written, issuer.algorithms):
        return []
    return [Problem(place, f"no key in it is a public one for {', '.join(issuer.algorithms)}", "jwks_file")]


def _repeated(tables: Sequence[Mapping[str, object]], key: str) -> list[Problem]:
    """Names and issuers are how tokens are told apart."""
    first: dict[str, int] = {}
    problems = []
    for number, table in enumerate(tables, 1):
        value = table.get(key)
        if not isinstance(value, str):
            continue
        if value in first:
            problems.append(Problem(_place(number, table), f"issuers[{first[value]}] has this {key} too", key))
        first.setdefault(value, number)
    return problems


def _place(number: int, table: Mapping[str, object]) -> str:
    name = table.get("name")
    return f'issuers[{number}] "{shown(name)[1:-1]}"' if isinstance(name, str) else f"issuers[{number}]"
