"""The operator's commands about API tokens."""

import httpx

from tests.cli.tool import Tool
from tests.gateway.stack import Stack, api_token


def test_a_token_is_made_shown_once_and_revoked(stack: Stack) -> None:
    operator = Tool(stack, "", api_token("operator"))
    made = operator(
        "--json",
        "token",
        "create",
        "--user",
        "us-owner",
        "--role",
        "auditor",
        "--expires",
        "2h",
        "--label",
        "[x]",
    ).json["token"]
    signed_in = Tool(stack, "app-1", made["secret"])
    assert signed_in("migrations").stdout
    listed = operator("token", "list")
    (line,) = [line for line in listed.lines if made["id"] in line]
    assert all(word in line for word in ("us-owner", "auditor", "expires", "[x]"))
    assert made["secret"] not in listed.stdout
    assert operator("token", "revoke", made["id"]).stdout == f"Token {made['id']} of us-owner is revoked.\n"
    answer = httpx.post(
        f"{stack.url}/v1/tokens/exchange", auth=("", made["secret"]), json={}, trust_env=False
    )
    assert answer.status_code == 401


def test_only_operators_make_tokens_and_a_period_must_be_one(stack: Stack) -> None:
    owner = Tool(stack, "")
    assert "Only operators may do this." in owner("token", "create", "--user", "us-x", code=1).stderr
    wrong = owner("token", "create", "--user", "us-x", "--expires", "soon", code=2)
    assert "such as 90d" in wrong.stderr
