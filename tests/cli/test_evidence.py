"""Evidence: what can be shown of a migration afterwards, and the operator's signature under it."""

import json
from pathlib import Path

import pytest

from local import operator_key
from services.cli.errors import CliError
from services.cli.signing import beside, check, sign
from tests.cli.tool import Tool
from tests.gateway.region import OWNER
from tests.gateway.stack import Stack, api_token
from tests.gateway.test_migrations import UNKNOWN, WireClient, fresh
from tests.gateway.workers import DIGEST


def test_a_finished_migration_has_evidence_that_is_signed_and_can_be_checked(
    stack: Stack, tmp_path: Path
) -> None:
    storky = Tool(stack, fresh("dns"))
    with stack.client() as http:
        client = WireClient(http, storky.app)
        migration = client.create()["id"]
        for step in ("preflight", "prepare", "data", "finalize"):
            client.run_to_end(migration, step)
    operator_key.keep(tmp_path)
    endpoints = {"gateway": stack.url, "tokens": {"owner": api_token("owner")}}
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))

    file = tmp_path / "evidence.json"
    storky("--dir", str(tmp_path), "evidence", migration, "--format", "json", "--output", str(file))
    known = json.loads(file.read_bytes())
    assert (known["migration_id"], known["status"]) == (migration, "done")
    assert [act["what"] for act in known["acts"]] == ["create", "preflight", "prepare", "data", "finalize"]
    assert {act["by"]["on_behalf_of"] for act in known["acts"]} == {OWNER}
    assert known["downtime"]["seconds"] > 0
    (item,) = known["items"]
    assert (item["task"], item["source"], item["destination"]) == ("copy-variables", DIGEST, DIGEST)
    assert storky("evidence", migration, "--json").json == known

    told = storky("--dir", str(tmp_path), "evidence-check", str(file))
    assert told.stdout.startswith(f"{file} is what was signed with the key ")
    file.write_bytes(file.read_bytes() + b" ")
    refused = storky("evidence-check", str(file), "--public-key", str(tmp_path / "operator-key.pub"), code=1)
    assert "is not what was signed" in refused.stderr

    shown = storky("evidence", migration).stdout
    assert shown.startswith(f"# Evidence of migration {migration}\n")
    assert "1 items, of which 1 have the same digest on both sides." in shown
    assert f"| storky-gateway for {OWNER} |" in shown
    assert "The log's chain of hashes vouches for them." in shown


def test_evidence_that_cannot_be_had_or_signed_is_refused(stack: Stack, tmp_path: Path) -> None:
    storky = Tool(stack, fresh())
    assert "no such migration" in storky("evidence", UNKNOWN, code=1).stderr
    assert "--key" in storky("evidence", UNKNOWN, "--output", str(tmp_path / "x"), code=2).stderr


def test_a_key_is_private_and_never_overwritten(stack: Stack, tmp_path: Path) -> None:
    storky, key = Tool(stack, "app-1"), tmp_path / "key.pem"
    made = storky("--json", "evidence-key", str(key)).json
    assert made == {"ok": True, "private_key": str(key), "public_key": str(tmp_path / "key.pub")}
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    assert "exists already" in storky("evidence-key", str(key), code=1).stderr
    assert key.read_bytes() == before


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    operator_key.keep(tmp_path)
    file = tmp_path / "evidence.md"
    file.write_bytes(b"# Evidence\n")
    write_signature(file, tmp_path / "operator-key.pem")
    return file


def write_signature(file: Path, key: Path) -> None:
    beside(file).write_text(sign(file.read_bytes(), key).model_dump_json())


def test_what_was_signed_is_what_is_checked(signed: Path) -> None:
    public = signed.with_name("operator-key.pub")
    assert check(signed, public) == json.loads(beside(signed).read_text())["public_key"]
    signed.write_bytes(b"# evidence\n")
    with pytest.raises(CliError, match="is not what was signed"):
        check(signed, public)


def test_a_signature_that_is_changed_missing_or_another_keys_is_told_apart(signed: Path) -> None:
    public, other = signed.with_name("operator-key.pub"), signed.with_name("other.pem")
    signature = beside(signed)
    whole = json.loads(signature.read_text())
    for changed, told in (
        (whole | {"signature": "A" * 86 + "=="}, "is not what was signed"),
        (whole | {"signature": "not base64"}, "is damaged"),
        (whole | {"algorithm": "none"}, "is damaged"),
        (whole | {"public_key": "0" * 64}, "another key"),
    ):
        signature.write_text(json.dumps(changed))
        with pytest.raises(CliError, match=told):
            check(signed, public)
    operator_key.make(other, other.with_suffix(".pub"))
    write_signature(signed, other)
    with pytest.raises(CliError, match="another key"):
        check(signed, public)
    signature.unlink()
    with pytest.raises(CliError, match="cannot be read"):
        check(signed, public)


def test_what_is_no_key_is_said_to_be_none(signed: Path) -> None:
    public = signed.with_name("operator-key.pub")
    with pytest.raises(CliError, match="no ed25519 private key"):
        sign(b"", public)
    with pytest.raises(CliError, match="no ed25519 public key"):
        check(signed, signed)
