"""`sim-gateway key`: make an API key for a caller, and see which keys a configuration knows."""

import argparse
import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from gateway.auth.keys import NewKey, new_key
from gateway.auth.options import NAME, NAME_IS, KeySettings
from gateway.commands.arguments import add_config, read_config_file
from gateway.commands.failure import CONFIGURATION, Failure
from gateway.config.rights import REACH
from gateway.rights import ANYBODY
from schema.scopes import Scope

__all__ = ["add", "run"]

SCOPES = [each.value for each in Scope]
READING = [each.value for each in Scope if each.value.endswith(":read") and each is not Scope.PII_READ]
"""What a caller may do unless it is said: read all but personal data."""

GIVEN = {
    "accounts": "accounts that exist for the caller; '*' is every one",
    "providers": "every account of these providers",
    "tags": "every account with one of these tags",
    "fleets": "only these fleets, each as account/id",
}
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def add(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(required=True, metavar="new|list")
    meaning = "make a key; it is shown once, and what to write into gateway.toml holds no more than its digest"
    new = acts.add_parser("new", help=meaning, description=meaning, allow_abbrev=False)
    whose = new.add_mutually_exclusive_group(required=True)
    whose.add_argument("--name", type=_name, help="a new caller's name")
    whose.add_argument("--for", dest="caller", metavar="NAME", type=_name, help="a caller who is there: one key more")
    told = f"what the caller may do, of {', '.join(SCOPES)} (default: {', '.join(READING)})"
    new.add_argument("--scopes", metavar="SCOPE", nargs="+", choices=SCOPES, help=told)
    for key in REACH:
        new.add_argument(f"--{key}", metavar="NAME", nargs="+", default=[], help=GIVEN[key])
    new.add_argument("--expires", metavar="TIME", type=_moment, help="in 90d, 12w, 24h, or on 2027-01-31")
    new.set_defaults(act=_new)
    meaning = "callers and their keys: prefix, state and expiry"
    shown = acts.add_parser("list", help=meaning, description=meaning, allow_abbrev=False)
    add_config(shown)
    shown.set_defaults(act=_list)


def run(args: argparse.Namespace) -> int:
    """Print the key and what is to be kept of it, or the keys that are known."""
    print("\n".join(args.act(args)))
    return 0


# --- new -----------------------------------------------------------------------------------------------------


def _new(args: argparse.Namespace) -> Iterable[str]:
    """The key on a line of its own, then the tables."""
    if args.caller and (args.scopes or any(getattr(args, each) for each in REACH)):
        raise Failure("--for is a key more for a caller who is there; his rights are in his table", CONFIGURATION)
    key, name = new_key(), args.caller or args.name
    head = [key.text, "", f"Give it to {name}: it is shown only now."]
    if args.caller:
        head.append(f"For gateway.toml, beneath the [[callers]] table of {name} (his other keys stay good):")
        return [*head, "", *_key(key, args.expires)]
    return [*head, "For gateway.toml:", "", *_caller(args), "", *_key(key, args.expires)]


def _caller(args: argparse.Namespace) -> Iterator[str]:
    yield from ("[[callers]]", f"name = {json.dumps(args.name)}", f"scopes = {_words(args.scopes or READING)}")
    given = {key: getattr(args, key) for key in REACH if getattr(args, key)}
    yield from (f"{key} = {_words(names)}" for key, names in given.items())
    if not given:
        yield 'accounts = []  # name those that exist for this caller; ["*"] is every one'


def _key(key: NewKey, expires: dt.datetime | None) -> Iterator[str]:
    yield from ("[[callers.keys]]", f'prefix = "{key.prefix}"', f'sha256 = "{key.sha256}"')
    if expires is not None:
        yield f"expires = {_stamp(expires)}"


def _words(words: Sequence[str]) -> str:
    """A list looks in TOML as in JSON."""
    return json.dumps(words, ensure_ascii=False)


# --- list ----------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> Iterable[str]:
    callers = read_config_file(args.config).callers
    if not callers:
        return ["no callers are configured"]
    now = dt.datetime.now(dt.UTC)
    width = max(len(each.name) for each in callers)
    return [f"{each.name.ljust(width)}  {_shown(key, now)}" for each in callers for key in each.keys]


def _shown(key: KeySettings, now: dt.datetime) -> str:
    if key.expires is not None and key.expires <= now:
        return f"{key.prefix}  expired  {_stamp(key.expires)}"
    if key.not_before is not None and now < key.not_before:
        return f"{key.prefix}  not yet  from {_stamp(key.not_before)}"
    return f"{key.prefix}  good     {'for ever' if key.expires is None else f'until {_stamp(key.expires)}'}"


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- arguments -----------------------------------------------------------------------------------------------


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text) or text == ANYBODY.name:
        raise argparse.ArgumentTypeError(f"{text!r} is not {NAME_IS}, or is {ANYBODY.name!r}")
    return text


def _moment(text: str) -> dt.datetime:
    """A time to come: a while from now, a day in UTC, or a time with an offset. Whole seconds."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        if ahead := re.fullmatch(r"([0-9]{1,6})([hdw])", text):
            found = now + dt.timedelta(**{UNITS[ahead[2]]: int(ahead[1])})
        else:
            is_day = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
            found = dt.datetime.fromisoformat(f"{text}T00:00:00Z" if is_day else text)
        if found.tzinfo is not None and found > now:
            return found.replace(microsecond=0)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a time to come, like 90d, 24h, 2027-01-31T00:00:00Z or a day")
