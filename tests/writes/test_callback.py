"""Which addresses a provider may be told to call."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.writes.callback import callback_flaw

GOOD = [
    "https://hooks.example.com",
    "https://hooks.example.com/sim?x=1&y=%20#z",
    "https://hooks.example.com:8443/",
    "https://HOOKS.EXAMPLE.COM./",
    "https://xn--bcher-kva.example.net/",
    "https://93.184.216.34/x",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    "https://[::ffff:93.184.216.34]/",
    "https://1x.example.org/",
    "https://10.example.org/",
    "https://local.example.org/",
]

INSIDE = [
    "https://localhost/",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.lan/",
    "https://nas.home.arpa/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0x/",
    "https://127.0.0.1./",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://192.168.257/",
    "https://169.254.169.254/latest",
    "https://100.64.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "http://hooks.example.com/",
]

NEVER = [
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "ftp://hooks.example.com/",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://./",
    "https://user@hooks.example.com/",
    "https://user:word@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:x/",
    "https://[::1/",
    "https://[zz]/",
    "https://hooks..example.com/",
    "https://-hooks.example.com/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks example.com/",
    "https://hooks.example.com/\r\nX: y",
    "https://bücher.example.net/",
    "https://１２７.0.0.1/",  # noqa: RUF001  full-width digits
    "https://%6cocalhost/",
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://0x1_0.0.0.1/",
    "https://+127.0.0.1/",
    "https://08.8.8.8/",
    "https://4294967296/",
    "https://hooks.example.com/" + "x" * 2_048,
    "https://" + "a." * 130 + "com/",
]


@pytest.mark.parametrize("url", GOOD)
def test_addresses_on_the_internet_are_fine(url: str):
    """A host on the internet over https may be called, with or without private ones being allowed."""
    assert callback_flaw(url, allow_private=False) is None
    assert callback_flaw(url, allow_private=True) is None


@pytest.mark.parametrize("url", INSIDE)
def test_the_inside_needs_to_be_allowed(url: str):
    """Private, local and reserved hosts in every spelling, and http, are for configurations that say so."""
    assert callback_flaw(url, allow_private=False) is not None
    assert callback_flaw(url, allow_private=True) is None


@pytest.mark.parametrize("url", NEVER)
def test_what_is_no_address_is_never_allowed(url: str):
    """Credentials, other schemes and what two readers could read differently are refused whatever is allowed."""
    assert callback_flaw(url, allow_private=False) is not None
    assert callback_flaw(url, allow_private=True) is not None


def test_the_longest_address():
    """2,048 characters pass, one more does not, and the flaw says so."""
    url = "https://hooks.example.com/".ljust(2_048, "x")

    assert callback_flaw(url, allow_private=False) is None
    assert callback_flaw(url + "x", allow_private=False) == "must be 1 to 2,048 characters; found 2,049"


def test_a_flaw_does_not_repeat_the_address():
    """An address may carry a secret: what is wrong is told without it."""
    for url in (*INSIDE, *NEVER):
        flaw = callback_flaw(url, allow_private=False) or ""
        assert "example" not in flaw
        assert "127" not in flaw


PRIVATE = ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]


@given(st.sampled_from([ipaddress.ip_network(each) for each in PRIVATE]), st.data())
def test_no_spelling_of_a_private_address_passes(network: ipaddress.IPv4Network, data: st.DataObject):
    """A private IPv4 address is seen whether it is written as four parts, fewer, octal, hexadecimal or inside IPv6."""
    address = network[data.draw(st.integers(0, network.num_addresses - 1))]
    a, b, c, d = address.packed
    spellings = [
        str(address),
        str(int(address)),
        hex(int(address)),
        f"0{int(address):o}",
        f"{a}.{int(address) & 0xFFFFFF}",
        f"{a}.{b}.{c << 8 | d}",
        f"0x{a:x}.0{b:o}.{c}.{d}",
        f"[::ffff:{address}]",
        f"[64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}]",
        f"[2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1]",
    ]

    for host in spellings:
        assert callback_flaw(f"https://{host}/", allow_private=False) is not None


@given(st.text(max_size=60))
def test_any_text_has_an_answer(value: str):
    """Whatever is given, it is judged and nothing is raised."""
    for url in (value, f"https://{value}", f"https://{value}/"):
        callback_flaw(url, allow_private=False)
        callback_flaw(url, allow_private=True)
