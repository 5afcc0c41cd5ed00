"""Certificates of custom domains: issued, uploaded, refused, copied, renewed, and served."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.region.machinery.authority import Authority
from services.region.rules.certificates import CertificateError, read
from tests.certificates import certificate
from tests.region.harness import Client, Place, Storky, deploy, new_app, site
from tests.region_machinery.fronts import unreadable

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
NAME = "www.example.com"
SHORT = rsa.generate_private_key(65537, 1024)  # noqa: S505 - as it is to be refused


def pair(
    name: str = NAME, until: datetime = NOW + timedelta(days=200), since: datetime | None = None
) -> dict[str, str]:
    """Return a certificate and its key, as clients upload them."""
    made = certificate([name], until, since=since)
    return {"tlscert": made.tlscert, "tlskey": made.tlskey}


def pem(key: Any, password: str = "") -> str:
    hidden = serialization.BestAvailableEncryption(password.encode()) if password else None
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        hidden or serialization.NoEncryption(),
    )
    return text.decode()


def test_a_chain_and_its_key_are_read(tmp_path: Path) -> None:
    leaf = Authority(tmp_path, "one").issue("*.example.com")
    chain = leaf.chain + (tmp_path / "authority.pem").read_text()

    made = read(f"two certificates:\r\n{chain}", leaf.key, NAME, NOW)

    assert made == type(made)(chain, leaf.key, leaf.valid_from, leaf.valid_until)
    assert leaf.key not in repr(made)
    with pytest.raises(CertificateError, match="certificate 1 was not issued by the next"):
        read(leaf.chain + pair()["tlscert"], leaf.key, NAME, NOW)
    for name in ("a.b.example.com", "example.com", "wwwXexample.com"):
        with pytest.raises(CertificateError, match=f"is not for {name}"):
            read(chain, leaf.key, name, NOW)


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"tlscert": "nothing"}, "tlscert", "not a certificate chain in PEM"),
        ({"tlscert": ""}, "tlscert", "not a certificate chain in PEM"),
        ({"tlscert": pair()["tlscert"].replace("M", "A", 9)}, "tlscert", "not a certificate chain in PEM"),
        ({"tlscert": pair()["tlscert"] * 11}, "tlscert", "more than 10"),
        ({"tlskey": "nothing"}, "tlskey", "not a private key in PEM"),
        ({"tlskey": pem(ec.generate_private_key(ec.SECP256R1()), "pw")}, "tlskey", "without a password"),
        (
            {"tlskey": pem(ec.generate_private_key(ec.SECP256R1()))},
            "tlskey",
            "is not the key of the certificate",
        ),
        ({"tlskey": pem(ec.generate_private_key(ec.SECP256K1()))}, "tlskey", "must be RSA of 2048"),
        ({"tlskey": pem(SHORT)}, "tlskey", "must be RSA of 2048"),
        (pair(until=NOW - timedelta(days=1)), "tlscert", "expired on"),
        (pair(since=NOW + timedelta(days=1)), "tlscert", "is not valid before"),
    ],
)
def test_what_cannot_be_served_is_refused(change: dict[str, str], field: str, text: str) -> None:
    given = pair() | change
    with pytest.raises(CertificateError, match=text) as refused:
        read(given["tlscert"], given["tlskey"], NAME, NOW)
    assert refused.value.field == field


async def domain(http: Client, app: str, **more: Any) -> dict[str, Any]:
    answer = await http.post(f"{app}/domains", json={"domain": more})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()["domain"]
    return shown


def fields(shown: dict[str, Any]) -> tuple[Any, ...]:
    names = ("letsencrypt_enabled", "letsencrypt", "letsencrypt_status", "ssl", "ssl_status")
    return tuple(shown[name] for name in names)


ISSUED = (True, True, "created", True, "success")
UPLOADED = (False, False, "new", True, "success")
EXPIRED = (False, False, "new", True, "error")
NONE = (False, False, "new", False, "pending")


def trusting(given: dict[str, str]) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=given["tlscert"])


async def test_a_domain_is_served_with_the_certificate_it_shows(
    place: Place, ada: Client, storky: Storky
) -> None:
    name = await new_app(ada)
    app, host = f"/v1/apps/{name}", f"{name}.example.com"
    await deploy(ada, name, site())
    await ada.put(app, json={"force_https": True})

    issued = await domain(ada, app, name=host, canonical=True)

    assert fields(issued) == ISSUED
    lasts = datetime.fromisoformat(issued["validity"]) - datetime.now(UTC)
    assert timedelta(days=89) < lasts <= timedelta(days=90)
    assert (await place.visit_tls(host)).text == "hello\n"
    front = (await storky.http.get("/v1/front")).json()["front"]
    assert (front["tls_url"], front["addresses"]) == (place.front.front_tls_url, ["127.0.0.1"])
    own = f"{name}.osc-fr1.localhost"
    assert (await place.visit(own)).headers["location"].startswith(f"https://{own}:")
    assert (await place.visit_tls(own)).headers["location"].startswith(f"https://{host}:")
    path = f"{app}/domains/{issued['id']}"
    await it_is_changed(place, ada, path, host)
    assert (await ada.get(f"{path}/certificate")).status_code == 403
    missing = await storky.http.get(f"{path}/certificate")
    assert (missing.status_code, missing.json()["resource"]) == (404, "certificate")
    with pytest.raises(httpx.ConnectError):
        await place.visit_tls(host)


async def it_is_changed(place: Place, ada: Client, path: str, host: str) -> None:
    given = pair(host)
    for change, shown in (
        (given, UPLOADED),
        ({"canonical": False}, UPLOADED),
        ({"letsencrypt_enabled": False}, UPLOADED),
        ({"tlscert": "", "tlskey": ""}, ISSUED),
        ({"letsencrypt_enabled": True}, ISSUED),
    ):
        changed = await ada.patch(path, json={"domain": change})
        assert (changed.status_code, fields(changed.json()["domain"])) == (200, shown)
        trust = trusting(given) if shown == UPLOADED else None
        assert (await place.visit_tls(host, trust=trust)).text == "hello\n"
    dropped = await ada.patch(path, json={"domain": {"letsencrypt_enabled": False}})
    assert (fields(dropped.json()["domain"]), dropped.json()["domain"]["validity"]) == (NONE, None)


async def test_what_an_owner_uploads_is_checked(ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    host = f"{app[-8:]}.example.com"
    given, odd = pair(host), unreadable(host)
    for change, field in (
        ({"tlscert": odd.chain, "tlskey": odd.key}, "tlscert"),
        ({"tlskey": None}, "tlskey"),
        ({"tlscert": None}, "tlscert"),
        ({"tlscert": "x" * 100_000}, "tlscert"),
        ({"tlscert": pair("other.example.com")["tlscert"]}, "tlscert"),
        ({"letsencrypt_enabled": True}, "letsencrypt_enabled"),
    ):
        answer = await ada.post(f"{app}/domains", json={"domain": {"name": host, **given, **change}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
        assert given["tlskey"] not in answer.text
    assert (await ada.get(f"{app}/domains")).json() == {"domains": []}

    await domain(
        ada, app, name=host, canonical=True, **pair(host, until=datetime.now(UTC) + timedelta(seconds=6))
    )
    await domain(ada, app, name=f"www.{host}", canonical=True, letsencrypt_enabled=False)

    with anyio.fail_after(30):
        while True:
            first, second = (await ada.get(f"{app}/domains")).json()["domains"]
            if fields(first) == EXPIRED:
                break
            await anyio.sleep(0.1)
    assert fields(second) == NONE
    assert (first["canonical"], second["canonical"]) == (False, True)


async def test_a_migration_brings_the_certificate_that_is_served_until_its_renewal(
    place: Place, storky: Storky
) -> None:
    name = f"app-{storky.migration.hex[:8]}"
    app, host = f"/v1/apps/{name}", f"{name}.example.com"
    await storky.create(name)
    copies = {
        host: {"letsencrypt_enabled": True, **pair(host)},
        f"www.{host}": {"letsencrypt_enabled": False, **pair(f"www.{host}")},
    }
    for copied, more in copies.items():
        for _ in range(2):
            answer = await storky.call("POST", f"{app}/domains", {"domain": {"name": copied, **more}})
            assert answer.status_code == 201
        shown = answer.json()["domain"]
        assert fields(shown) == (ISSUED if more["letsencrypt_enabled"] else UPLOADED)
        given = (await storky.http.get(f"{app}/domains/{shown['id']}/certificate")).json()["certificate"]
        assert given == {
            "tlscert": more["tlscert"],
            "tlskey": more["tlskey"],
            "letsencrypt": more["letsencrypt_enabled"],
        }
        # The app is stopped, and says so under its certificate.
        assert (await place.visit_tls(copied, trust=trusting(given))).status_code == 503

    old = pair(f"old.{host}", since=NOW - timedelta(days=65), until=NOW + timedelta(days=25))
    body = {"domain": {"name": f"old.{host}", "letsencrypt_enabled": True, **old}}
    brought = (await storky.call("POST", f"{app}/domains", body)).json()["domain"]
    with anyio.fail_after(30):
        while (renewed := await shown_now(storky, app, brought["id"]))["validity"] == brought["validity"]:
            await anyio.sleep(0.1)
        while (served := await asked(place, f"old.{host}")) is None:
            await anyio.sleep(0.1)
    assert (fields(renewed), served.status_code) == (ISSUED, 503)


async def shown_now(storky: Storky, app: str, domain_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await storky.http.get(f"{app}/domains/{domain_id}")).json()["domain"]
    return shown


async def asked(place: Place, host: str) -> httpx.Response | None:
    """Return what the front answers with a certificate of the region; None while it has another."""
    try:
        return await place.visit_tls(host)
    except httpx.ConnectError:
        return None
