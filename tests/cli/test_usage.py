"""What the command says when it cannot do what it was asked."""

import json
from pathlib import Path

import pytest

from local.ports import free_port
from tests.cli.tool import Tool
from tests.gateway.stack import DOWN, Stack, api_token
from tests.gateway.test_migrations import UNKNOWN, fresh


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--app", "missing", "migrations"], "check --region and --app"),
        (["--region", "nowhere", "migrations"], "There is no region nowhere; there are agora-fr1, osc-fr1"),
        (["migration-follow", UNKNOWN], "no such migration"),
        (["migration-create", "--to", "nowhere"], "destination: There is no region 'nowhere'"),
        (["migration-create", "--to", "osc-fr1", "--new-name", "No!"], "dst_app_name: 2 to 48"),
    ],
)
def test_what_does_not_exist_is_one_sentence_and_exit_code_1(
    stack: Stack, arguments: list[str], told: str
) -> None:
    refused = Tool(stack, "app-1")(*arguments, code=1)
    assert refused.stdout == ""
    assert told in refused.stderr
    assert refused.stderr.startswith("storky: ")
    assert refused.stderr.count("\n") == 1


def test_who_does_not_answer_is_told_with_an_exit_code_of_its_own(stack: Stack) -> None:
    storky = Tool(stack, "app-1")
    assert "The region down-fr1 does not answer" in storky("--region", DOWN, "migrations", code=3).stderr
    storky.environment["STORKY_URL"] = f"http://127.0.0.1:{free_port()}"
    assert "does not answer (ConnectError): is it running?" in storky("migrations", code=3).stderr


def test_a_step_out_of_order_says_what_comes_first(stack: Stack) -> None:
    storky = Tool(stack, fresh())
    migration = storky.created()
    refused = storky("migration-run", "--data", migration, code=1)
    assert "The data step starts from prepared; this migration is preflight-success." in refused.stderr
    assert refused.stdout == ""  # what cannot be done is not announced


@pytest.mark.parametrize(
    "arguments",
    [
        ["migration-run", "some-id"],
        ["migration-run", "--prepare", "--data", "some-id"],
        ["--app", "", "migration-plan", "--to", "osc-fr1"],
        ["migrations", "--text", "for all apps only"],
    ],
)
def test_bad_usage_is_exit_code_2(stack: Stack, arguments: list[str]) -> None:
    assert "Usage" in Tool(stack, "app-1")(*arguments, code=2).stderr


def test_options_may_follow_the_command(stack: Stack) -> None:
    storky = Tool(stack, "app-1")
    storky.arguments = []
    listed = storky("migrations", "-r", "agora-fr1", "--json", f"--app={fresh()}").json
    assert listed == {"ok": True, "migrations": []}


def test_a_token_that_is_not_accepted_is_told(stack: Stack) -> None:
    assert "API token is not accepted" in Tool(stack, "app-1", token="tk-us-x")("migrations", code=1).stderr


def test_the_folder_of_up_names_the_gateway_and_the_token(stack: Stack, tmp_path: Path) -> None:
    storky = Tool(stack, fresh(), token="")
    assert "--dir" in storky("migrations", code=1).stderr
    assert "endpoints.json does not exist" in storky("--dir", str(tmp_path), "migrations", code=1).stderr
    endpoints = {"gateway": stack.url, "tokens": {"owner": api_token("owner")}}
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))
    created = storky("--dir", str(tmp_path), "migration-create", "--to", "osc-fr1")
    assert f"\nstorky --dir {tmp_path} --region agora-fr1 --app {storky.app} migration-run" in created.stdout
    storky.environment["STORKY_DIR"] = str(tmp_path)
    assert created.field("Migration ID") in storky("migrations").stdout
