"""Which keys of an issuer are of use, and which tokens are remembered."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.auth.issuers import ALGORITHMS
from gateway.auth.jwks import KeySet, WrittenKeys
from gateway.auth.remembered import Good, Remembered
from gateway.rights import ANYBODY
from tests.auth.issuer import SigningKey, a_key


def written(changed: dict[str, Any], key: SigningKey | None = None) -> dict[str, Any]:
    """A right key, changed. What is None is left out. Any: JSON."""
    return {name: value for name, value in ((key or a_key()).written | changed).items() if value is not None}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_says_less_fits(algorithm: str):
    """A key need not say which algorithm or use it has."""
    keys = KeySet(WrittenKeys([written({"alg": None, "use": None}, a_key("any", algorithm))]), ALGORITHMS)

    assert keys.find("any", algorithm) is not None


SMALL = SigningKey("small", "RS256", rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505  that is the point


@pytest.mark.parametrize(
    "useless",
    [
        written({"use": "enc"}),
        written({"key_ops": ["sign"]}),
        written({"key_ops": "verify"}),
        written({"alg": "ES384"}),
        written({"alg": "HS256"}),
        written({"alg": ["ES256"]}),
        written({"crv": "P-384"}),
        written({"crv": "secp256k1"}),
        written({"x": "AAAA"}),
        written({"x": 1}),
        a_key().given_away,
        written({"kid": 1}),
        written({"kty": "RSA"}),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "first"},
        {"kid": "first"},
        {},
        written({}, SMALL),
    ],
)
def test_a_key_of_no_use_is_passed_over(useless: dict[str, Any]):
    """A key for something else, a damaged, weak, secret or private one checks no token; others beside it do."""
    keys = KeySet(WrittenKeys([useless, a_key("good").written]), ALGORITHMS)

    assert len(keys) == 1
    assert keys.find("good", "ES256") is not None


def test_two_keys_of_one_name_are_none():
    """A name that two keys have says nothing."""
    twins = [a_key().written, SigningKey("first", "ES256", a_key("second").private).written]

    assert KeySet(WrittenKeys(twins), ["ES256"]).find("first", "ES256") is None


def test_as_many_tokens_as_fit_are_remembered():
    """The ones that were not seen for longest are forgotten first."""
    remembered, good = Remembered(most=2), Good(ANYBODY, 0.0, b"")
    for token in ("a", "b"):
        remembered.keep(token, good)
    remembered.find("a")
    remembered.keep("c", good)

    assert len(remembered) == 2
    assert [remembered.find(token) is not None for token in ("a", "b", "c")] == [True, False, True]
