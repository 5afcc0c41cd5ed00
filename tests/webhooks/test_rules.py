"""What needs no server: signatures, patience, sealing, and where webhooks may go."""

import base64
import hashlib
import hmac
from ipaddress import ip_address, ip_network

import pytest

from services.common.sealing import Seal, SealError
from services.common.webhooks import LONGEST_URL, TargetError, Targets
from services.webhooks.sending import Patience
from services.webhooks.signing import signature

# The example of the Standard Webhooks specification and its libraries.
SECRET, MESSAGE, SECONDS = (
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1614265330,
)
BODY, SIGNATURE = b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

PUBLIC = (
    "https://hooks.example/storky?token=x",
    "https://hooks.example:8443",
    "https://93.184.216.34/",
    "https://[2606:4700::1]/",
)
OFFLIMITS = (
    *("0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"),  # IPv4 in other clothes
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),  # NAT64
    *("2002:7f00:1::1", "2001:0:53aa:64c:0:0:80ff:fffe"),  # 6to4, Teredo
)


def test_the_published_example_has_the_published_signature() -> None:
    digest = hmac.new(base64.b64decode(SECRET[6:]), digestmod=hashlib.sha256)
    digest.update(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + BODY)
    assert "v1," + base64.b64encode(digest.digest()).decode() == SIGNATURE
    assert signature(SECRET, MESSAGE, SECONDS, BODY) == SIGNATURE


def test_each_pause_is_twice_as_long_as_the_one_before_half_of_it_by_chance_up_to_the_longest() -> None:
    patience = Patience(timeout=10, first=5, longest=3600, period=86400)
    for attempts in (*range(1, 15), 10_000):
        whole = min(3600, 5 * 2 ** (attempts - 1))
        pauses = [patience.pause_after(attempts).total_seconds() for _ in range(100)]
        assert all(whole / 2 <= pause <= whole for pause in pauses)
        assert len(set(pauses)) > 1


def test_what_is_sealed_is_opened_by_its_key_alone_and_looks_different_each_time() -> None:
    seal = Seal("a" * 32)
    first, second = seal.close("a-secret"), seal.close("a-secret")
    assert first != second
    assert b"a-secret" not in first
    assert seal.open(first) == seal.open(second) == "a-secret"
    for key, sealed in (("b" * 32, first), ("a" * 32, first[:-1])):
        with pytest.raises(SealError):
            Seal(key).open(sealed)


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_https_url_is_allowed(url: str) -> None:
    assert Targets((), http=False).host(url) in {"hooks.example", "93.184.216.34", "2606:4700::1"}


@pytest.mark.parametrize("address", OFFLIMITS)
def test_no_webhook_goes_to_an_address_that_is_not_public(address: str) -> None:
    targets = Targets((), http=False)
    with pytest.raises(TargetError, match="is not a public address; STORKY_WEBHOOK_NETWORKS allows others"):
        targets.check(ip_address(address))
    with pytest.raises(TargetError, match="public address"):
        targets.host(f"https://[{address.replace('%', '%25')}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0", "0xA9FEA9FE"])
def test_an_address_in_other_figures_is_the_same_address(host: str) -> None:
    with pytest.raises(TargetError, match="public address"):
        Targets((), http=False).host(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://hooks.example/", "must begin with https://"),
        ("ftp://hooks.example/", "must begin with https://"),
        ("//hooks.example/", "must begin"),
        ("hooks.example", "must begin"),
        ("", "must begin"),
        ("https:///path", "names no host"),
        ("https://hooks.example:0/", "no port that there is"),
        ("https://hooks.example:65536/", "no URL"),
        ("https://hooks.example:x/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://user@hooks.example/", "no user, no password"),
        ("https://user:secret@hooks.example/", "no user, no password"),
        ("https://hooks.example\\@127.0.0.1/", "no user, no password"),
        ("https://hooks.example/#part", "no fragment"),
        ("https://hooks.example/a b", "none of them a space"),
        ("https://hooks.example/\n", "ASCII"),
        ("https://hooks.exämple/", "ASCII"),
        ("https://hooks.example/" + "x" * LONGEST_URL, f"at most {LONGEST_URL}"),
    ],
)
def test_what_is_no_url_to_send_to_is_refused_without_being_quoted(url: str, problem: str) -> None:
    with pytest.raises(TargetError, match=problem) as error:
        Targets((), http=False).host(url)
    assert "secret" not in str(error.value)


def test_an_operator_can_allow_http_and_networks_of_their_own() -> None:
    targets = Targets((ip_network("10.0.0.0/8"), ip_network("fd00::/8")), http=True)
    assert targets.host("http://10.1.2.3/") == "10.1.2.3"
    assert targets.host("http://[fd00::1]:8080/") == "fd00::1"
    for other in ("http://192.168.1.1/", "http://[fc00::1]/", "http://[::ffff:192.168.1.1]/"):
        with pytest.raises(TargetError, match="public address"):
            targets.host(other)
