"""The `[[issuers]]` tables: what is right becomes settings, and every mistake is told with its place."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from gateway.auth.issuers import GrantSettings, IssuerSettings
from gateway.config.issuers import MOST_ISSUERS, read_issuers
from gateway.config.outside import Outside
from tests.auth.issuer import ACCOUNTS, a_key

RIGHT = """
[[issuers]]
name = "idp"
issuer = "https://idp.example/realms/sims"
audience = "https://sims.example"
scopes = ["sims:read", "usage:read"]
accounts = ["*"]
"""


def read(folder: Path, text: str) -> tuple[IssuerSettings, ...]:
    issuers, problems = read_issuers(tomllib.loads(text)["issuers"], Outside(folder, {"REALM": "sims"}), ACCOUNTS)
    assert problems == []
    return issuers


def problems(folder: Path, text: str) -> list[str]:
    issuers, found = read_issuers(tomllib.loads(text)["issuers"], Outside(folder, {}), ACCOUNTS)
    assert found
    assert all(each.name != "bad" for each in issuers)
    return [str(each) for each in found]


def test_what_is_not_said_has_safe_defaults(tmp_path: Path):
    """An issuer signs with RS256 and names its callers by `sub`, its scopes by `scope`; nothing else is needed."""
    (issuer,) = read(tmp_path, RIGHT)

    assert (issuer.algorithms, issuer.name_claim, issuer.scopes_claim) == (("RS256",), "sub", "scope")
    assert (issuer.clock_skew, issuer.accounts_claim, issuer.grants, issuer.token_type) == (30.0, None, (), None)
    assert issuer.audiences == ("https://sims.example",)


def test_everything_can_be_said(tmp_path: Path):
    """Each key of an issuer and of its grants is read, environment variables in it replaced, its file found beside."""
    (tmp_path / "keys.json").write_bytes(msgspec.json.encode({"keys": [a_key().written]}))
    text = """
        [[issuers]]
        name = "idp.1"
        issuer = "accounts.example/${REALM}"
        audience = ["one", "two"]
        algorithms = ["ES256", "EdDSA"]
        jwks_file = "keys.json"
        clock_skew = 0
        token_type = "at+jwt"
        name_claim = "client_id"
        requests = 60
        cost = 600
        scopes = ["sims:read"]
        providers = ["supersim"]
        tags = ["lab"]
        fleets = ["jp/a/b"]
        [[issuers.grants]]
        claim = "realm_access.roles"
        value = "fleet staff"
        scopes = ["sims:read"]
        accounts = ["eu"]
    """
    (issuer,) = read(tmp_path, text)

    assert issuer == IssuerSettings(
        name="idp.1",
        issuer="accounts.example/sims",
        audience=("one", "two"),
        algorithms=("ES256", "EdDSA"),
        jwks_file=str(tmp_path / "keys.json"),
        clock_skew=0.0,
        token_type="at+jwt",
        name_claim="client_id",
        requests=60,
        cost=600,
        scopes=("sims:read",),
        providers=("supersim",),
        tags=("lab",),
        fleets=("jp/a/b",),
        grants=(
            GrantSettings(claim="realm_access.roles", value="fleet staff", scopes=("sims:read",), accounts=("eu",)),
        ),
    )


PLACE = 'issuers[1] "idp"'
MISTAKES = {
    'scopes = ["sims:raed", "pii"]': "scopes: there is no scope 'sims:raed'; did you mean 'sims:read'?; there is no "
    "scope 'pii'; known: admin, commands:read, commands:send, events:read, fleets:write, pii:read, sessions:read, "
    "sims:read, sims:write, usage:read",
    'accounts = ["eu", "uk"]': "accounts: there is no account 'uk'; known: eu, jp, us",
    'accounts = ["*", "eu"]': "accounts: found ['*', 'eu']; \"*\" is every account and stands alone",
    'providers = ["super"]': "providers: there is no provider of an account here 'super'; did you mean 'supersim'?",
    'tags = ["rode"]': "tags: there is no tag of an account here 'rode'; did you mean 'road'?",
    'fleets = ["F1", "uk/F1"]': "fleets: found 'F1'; a fleet is \"account/native fleet id\"; there is no account 'uk'; "
    "known: eu, jp, us",
    'algorithms = ["HS256", "none", "RS1"]': "algorithms: found 'HS256', with which whoever can check a token can make "
    "one; found 'none', with which everybody can make a token; found 'RS1'; known: RS256, RS384, RS512, PS256, PS384, "
    "PS512, ES256, ES384, ES512, EdDSA",
    "algorithms = []": "algorithms: found []; it must name at least one",
    'audience = ""': "audience: found ''; it must be 1 to 512 characters without blanks",
    "audience = []": "audience: found []; it must be one audience, or 1 to 20",
    "audience = 7": "audience: found 7; it must be text in quotes",
    'name = "Id P"': "name: found 'Id P'; it must be 1 to 64 of a-z, 0-9, ., _ and -",
    "clock_skew = 301": "clock_skew: found 301; it must be at least 0 and at most 300",
    'jwks_url = "http://idp.example/keys"': "jwks_url: found 'http://idp.example/keys'; it must be like "
    "https://host/path (http only on this machine)",
    'jwks_url = "https://me:secret@idp.example/keys"': "jwks_url: found an address; it must be like https://host/path "
    "(http only on this machine)",
    'jwks_file = "nowhere.json"': "jwks_file: the file 'nowhere.json' cannot be read: No such file or directory",
    'jwks_file = "text.json"': "jwks_file: the file 'text.json' is no set of keys; it must be JSON like "
    '{"keys": [...]}',
    'jwks_file = "elliptic.json"': "jwks_file: no key in it is a public one for RS256",
    'issuer = "accounts.example"': "issuer: its keys cannot be found by its name, which is no https address; give "
    "jwks_url",
    "requests = 0": "requests: found 0; it must be at least 1 and at most 1000000000",
    "secret = 1": "secret: unknown key",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, line: str):
    """One wrong line gives one problem, at the issuer and key, with what is allowed."""
    (tmp_path / "text.json").write_text("[]")
    (tmp_path / "elliptic.json").write_bytes(msgspec.json.encode({"keys": [a_key().written]}))
    key = line.partition(" =")[0]
    kept = [each for each in RIGHT.splitlines() if not each.startswith(f"{key} =")]

    (found,) = problems(tmp_path, "\n".join([*kept, line]))

    place = PLACE if key != "name" else 'issuers[1] "Id P"'
    assert found.startswith(f"{place}: {MISTAKES[line]}")


def test_what_must_be_there(tmp_path: Path):
    """Without what it needs an issuer is no issuer, and all that is missing is told together."""
    found = problems(tmp_path, "[[issuers]]")

    assert [each.partition(": ")[2] for each in found] == [
        "scopes: missing",
        "name: missing",
        "issuer: missing",
        "audience: missing",
        'it must have one of accounts, providers, tags, fleets; every account is accounts = ["*"]',
    ]


def test_what_contradicts_itself(tmp_path: Path):
    """Two places for keys, two of one name or of one issuer, and claims that grants take the place of are mistakes."""
    grant = '[[issuers.grants]]\nclaim = "role"\nvalue = "x"\nscopes = []\n'
    more = 'jwks_url = "https://idp.example/keys"\njwks_file = "x"\naccounts_claim = "a"\nscopes_claim = "s"\n'

    found = problems(tmp_path, RIGHT + RIGHT + more + grant)

    place = 'issuers[2] "idp"'
    assert found == [
        f"{place}: name: issuers[1] has this name too",
        f"{place}: issuer: issuers[1] has this issuer too",
        f"{place}: jwks_file: the file 'x' cannot be read: No such file or directory",
        f"{place}: jwks_file: found this and jwks_url; give one of them",
        f"{place}: scopes_claim: it is not read where there are grants, which decide instead",
        f"{place}: accounts_claim: it is not read where there are grants, which decide instead",
        f'{place}.grants[1]: it must have one of accounts, providers, tags, fleets; every account is accounts = ["*"]',
    ]


def test_there_are_tables_and_not_too_many(tmp_path: Path):
    """What is no table, and more of them than anybody has, is told as one mistake."""
    outside = Outside(tmp_path, {})

    assert [str(each) for each in read_issuers({}, outside, ACCOUNTS)[1]] == [
        "issuers: it must be tables; begin each with [[issuers]]"
    ]
    assert len(read_issuers([{}] * (MOST_ISSUERS + 1), outside, ACCOUNTS)[1]) == 1
    assert [each.key for each in read_issuers([{"grants": 1}], outside, ACCOUNTS)[1]].count("grants") == 1
    assert [each.key for each in read_issuers([{"grants": [{}] * 201}], outside, ACCOUNTS)[1]].count("grants") == 1


def test_no_issuers_are_none(tmp_path: Path):
    """A file need not have any."""
    assert read_issuers([], Outside(tmp_path, {}), ACCOUNTS) == ((), [])


def test_a_private_key_in_a_file_is_no_key(tmp_path: Path):
    """A file with a private key by mistake is not used, and nothing of it is told."""
    (tmp_path / "keys.json").write_bytes(msgspec.json.encode({"keys": [a_key().given_away]}))

    found = problems(tmp_path, RIGHT + 'jwks_file = "keys.json"\nalgorithms = ["ES256"]')

    assert found == [f"{PLACE}: jwks_file: no key in it is a public one for ES256"]
