"""What a token says becomes what its caller may do: never more than its issuer may give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.claims import ClaimReader
from gateway.auth.issuers import GrantSettings, IssuerSettings
from gateway.rights import Caller, Reach
from schema.ids import Key
from schema.scopes import Scope
from tests.auth.issuer import ACCOUNTS

RIGHTS = {"scopes": ("sims:read", "usage:read"), "accounts": ("eu", "us")}


def caller_of(claims: dict[str, Any], **changed: Any) -> Caller:  # Any: JSON, and settings of several types
    settings: dict[str, Any] = {"name": "idp", "issuer": "https://idp.example", "audience": "us"}
    return ClaimReader(IssuerSettings(**settings | RIGHTS | changed), ACCOUNTS).caller({"sub": "somebody"} | claims)


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("sims:read", {Scope.SIMS_READ}),
        ("openid  usage:read sims:read", {Scope.SIMS_READ, Scope.USAGE_READ}),
        (["usage:read", 7], {Scope.USAGE_READ}),
        ("admin sims:write", set()),
        ("", set()),
        ({"sims:read": True}, set()),
        (True, set()),
        (None, set()),
    ],
)
def test_scopes_are_those_the_issuer_may_give(claim: object, scopes: set[Scope]):
    """Text with blanks and a list name scopes; what is unknown, beyond the ceiling or no name at all gives nothing."""
    assert caller_of({"scope": claim}).scopes == scopes


def test_without_a_claim_for_accounts_all_of_the_issuers_exist():
    """What exists for a token is what stands in the issuer's table."""
    assert caller_of({}).reach == Reach(accounts=frozenset({"eu", "us"}))


@pytest.mark.parametrize(
    ("claim", "accounts"),
    [
        (["eu", "jp"], {"eu"}),
        ("us eu", {"eu", "us"}),
        (["*"], set()),
        ("*", set()),
        ([], set()),
        (None, set()),
        ({"eu": 1}, set()),
    ],
)
def test_accounts_of_a_claim_are_some_of_the_issuers(claim: object, accounts: set[str]):
    """With a claim for accounts those exist that are both there and in the table, and without it none."""
    assert caller_of({"accounts": claim}, accounts_claim="accounts").reach.accounts == accounts
    assert not caller_of({}, accounts_claim="accounts").reach.accounts


def test_fleets_of_the_ceiling_stay():
    """An account of which the issuer may give some fleets is given with no others."""
    caller = caller_of({"accounts": "eu us"}, accounts_claim="accounts", accounts=("us",), fleets=("eu/F/1", "jp/F2"))

    assert caller.reach == Reach(accounts=frozenset({"us"}), fleets=frozenset({Key("eu", "F/1")}))


def test_fleets_that_do_not_meet_leave_nothing():
    """Where the issuer may give some fleets of an account and a grant names others, the account does not exist."""
    grant = GrantSettings(claim="role", value="x", scopes=(), accounts=("us",), fleets=("eu/F2", "jp/F1"))

    caller = caller_of({"role": "x"}, grants=(grant,), accounts=("us",), fleets=("eu/F1", "jp/F1"))

    assert caller.reach == Reach(accounts=frozenset({"us"}), fleets=frozenset({Key("jp", "F1")}))


GRANTS = (
    GrantSettings(claim="realm.roles", value="staff", scopes=("sims:read", "admin"), accounts=("*",)),
    GrantSettings(claim="https://idp.example/team", value="road", scopes=("usage:read",), tags=("road",)),
    GrantSettings(claim="realm.roles", value="guest", scopes=("sims:read",), fleets=("eu/F1",)),
)


@pytest.mark.parametrize(
    ("claims", "scopes", "reach"),
    [
        ({"realm": {"roles": ["guest", "staff"]}}, {Scope.SIMS_READ}, Reach(accounts=frozenset({"eu", "us"}))),
        ({"https://idp.example/team": "road"}, {Scope.USAGE_READ}, Reach(accounts=frozenset({"eu"}))),
        ({"realm": {"roles": "guest"}}, {Scope.SIMS_READ}, Reach(fleets=frozenset({Key("eu", "F1")}))),
        ({"realm": {"roles": ["nobody"]}, "scope": "sims:read"}, set(), Reach()),
        ({"realm": {"roles": "guests"}}, set(), Reach()),
        ({"realm": "roles"}, set(), Reach()),
        ({"realm": ["roles", "staff"]}, set(), Reach()),
        ({"scope": "sims:read"}, set(), Reach()),
    ],
)
def test_the_first_grant_that_fits_decides(claims: dict[str, Any], scopes: set[Scope], reach: Reach):
    """A grant gives its own rights below the issuer's; a token that none fits may do and see nothing, whatever scopes
    it names."""
    caller = caller_of(claims, grants=GRANTS)

    assert (caller.scopes, caller.reach) == (scopes, reach)


def test_names_and_limits():
    """A caller is named by the claim that is configured, after its issuer, and has the limits of that."""
    caller = caller_of({"client": "fleet-app"}, name_claim="client", requests=10, cost=20)

    assert (caller.name, caller.requests, caller.cost) == ("idp:fleet-app", 10, 20)


NAMES = st.sets(st.sampled_from([each.name for each in ACCOUNTS]))
FLEETS = st.sets(st.builds("{}/{}".format, st.sampled_from(["eu", "us", "jp"]), st.sampled_from(["F1", "F2", "F3"])))
SOME_RIGHTS = st.fixed_dictionaries(
    {
        "scopes": st.sets(st.sampled_from([each.value for each in Scope])).map(tuple),
        "accounts": st.one_of(st.just(("*",)), NAMES.map(tuple)),
        "providers": st.sets(st.sampled_from(["supersim", "cisco"])).map(tuple),
        "tags": st.sets(st.sampled_from(["road", "lab"])).map(tuple),
        "fleets": FLEETS.map(tuple),
    }
)
WORDS = st.sampled_from([*(each.value for each in Scope), "eu", "us", "jp", "*", "staff", "elsewhere", ""])
CLAIMS = st.dictionaries(
    st.sampled_from(["scope", "accounts", "role"]),
    st.one_of(WORDS, st.lists(WORDS), st.lists(WORDS).map(" ".join), st.none(), st.integers()),
)


@given(SOME_RIGHTS, st.lists(SOME_RIGHTS, max_size=2), CLAIMS, st.booleans())
def test_no_token_is_given_more_than_its_issuer_may_give(
    ceiling: dict[str, Any], granted: list[dict[str, Any]], claims: dict[str, Any], has_claim: bool
):
    """Whatever a token says and the grants are: its scopes, accounts and fleets are some of the issuer's own."""
    grants = tuple(
        GrantSettings(claim="role", value=value, **each) for value, each in zip(("staff", ""), granted, strict=False)
    )
    issuer = IssuerSettings(
        name="idp",
        issuer="https://idp.example",
        audience="us",
        accounts_claim="accounts" if has_claim else None,
        grants=grants,
        **ceiling,
    )

    caller = ClaimReader(issuer, ACCOUNTS).caller(claims | {"sub": "somebody"})

    most = issuer.reach()
    assert caller.scopes <= issuer.scopes_given()
    for account in ACCOUNTS:
        if not caller.reach.sees(account.name, account.provider, account.tags):
            continue
        assert most.sees(account.name, account.provider, account.tags)
        given_fleets, most_fleets = caller.reach.fleets_in(account.name), most.fleets_in(account.name)
        assert most_fleets is None or (given_fleets is not None and given_fleets <= most_fleets)
