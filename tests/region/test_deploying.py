"""From an archive to an answer of the front."""

import anyio
import pytest

from tests.region.harness import (
    PLAIN,
    WEB,
    Client,
    Place,
    archive,
    begin_deployment,
    deploy,
    ended,
    new_app,
    site,
)

pytestmark = pytest.mark.anyio


async def test_a_deployed_app_is_served_under_its_host_and_its_domain(place: Place, ada: Client) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await ada.post(f"{app}/domains", json={"domain": {"name": f"{name}.example.com"}})

    deployment = await deploy(ada, name, site("first", clock="sleep 1000"))

    assert deployment["status"] == "success"
    assert deployment["pusher"]["username"] == "ada"
    for host in (f"{name}.osc-fr1.localhost", f"{name}.example.com"):
        assert (await place.visit(host)).text == "first\n"
    assert (await place.visit("nobody.osc-fr1.localhost")).status_code == 404
    shown = (await ada.get(app)).json()["app"]
    assert (shown["status"], shown["last_deployed_by"]) == ("running", "ada")
    formation = (await ada.get(f"{app}/containers")).json()["containers"]
    assert [(each["name"], each["amount"]) for each in formation] == [("clock", 0), ("web", 1)]
    output = await ada.get(deployment["links"]["output"])
    assert (output.status_code, "Deployed" in output.text) == (200, True)
    await a_page_of_deployments(ada, app, deployment["id"])
    await the_log_is_read(ada, app)


async def a_page_of_deployments(ada: Client, app: str, deployment_id: str) -> None:
    page = (await ada.get(f"{app}/deployments?page=1&per_page=1")).json()
    assert [each["id"] for each in page["deployments"]] == [deployment_id]
    pagination = {"prev_page": None, "current_page": 1, "next_page": None, "total_pages": 1, "total_count": 1}
    assert page["meta"] == {"pagination": pagination}


async def the_log_is_read(ada: Client, app: str) -> None:
    url = (await ada.get(f"{app}/logs")).json()["logs_url"]
    token = url.partition("?token=")[2]
    async with Client(**PLAIN) as anybody:
        # As the command line client asks: of the link's query it keeps the token.
        seen = (
            await anybody.get(url, params={"token": token, "timestamp": "", "n": 5, "filter": "web"})
        ).text
        assert "UTC [web-1] " in seen
        assert (await anybody.get(f"{url}&n=0")).text == ""
        assert seen in (await anybody.get(f"{url}&n=1000000&filter=web")).text  # as much as there is
        for other in ("clock-1", "web-2", "we"):
            assert (await anybody.get(f"{url}&filter={other}")).text == ""


async def test_scaling_and_restarting(place: Place, ada: Client) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await deploy(ada, name, site())
    before = (await ada.get(f"{app}/ps")).json()["containers"]

    wanted = {"containers": [{"name": "web", "amount": 2, "command": "", "size": "L"}]}
    scaled = await ada.post(f"{app}/scale", json=wanted)

    assert scaled.status_code == 202
    container = {"app_id": before[0]["app_id"], "name": "web", "amount": 2, "command": "", "size": "L"}
    assert scaled.json() == {"containers": [container]}
    assert (await ended(ada, scaled))["status"] == "done"
    containers = (await ada.get(f"{app}/ps")).json()["containers"]
    assert [each["label"] for each in containers] == ["web-1", "web-2"]
    assert containers[0]["created_at"] == before[0]["created_at"]
    assert containers[0]["container_size"]["name"] == "L"
    restarted = await ada.post(f"{app}/restart", json={"scope": ["web-2"]})
    assert restarted.status_code == 202
    operation = await ended(ada, restarted)
    assert (operation["type"], operation["error"], operation["status"]) == ("restart", "", "done")
    after = {each["label"]: each["created_at"] for each in (await ada.get(f"{app}/ps")).json()["containers"]}
    assert after["web-1"] == containers[0]["created_at"]
    assert after["web-2"] != containers[1]["created_at"]
    unknown = await ada.post(f"{app}/scale", json={"containers": [{"name": "cron", "amount": 1}]})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["containers"])


async def test_variables_reach_the_processes(place: Place, ada: Client) -> None:
    name = await new_app(ada)
    variables = {"BASE": "x", "ALIAS": "$BASE", "2ND-BASE": "y"}
    wanted = [{"name": key, "value": value} for key, value in variables.items()]
    await ada.put(f"/v1/apps/{name}/variables", json={"variables": wanted})
    shown = "$ALIAS $APP $REGION_NAME $CONTAINER $(printenv 2ND-BASE)"

    await deploy(ada, name, site(web=f'echo "{shown}" > index.html; {WEB}'))

    assert (await place.visit(f"{name}.osc-fr1.localhost")).text == f"x {name} osc-fr1 web-1 y\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no archive", "archive"),
        (archive({"index.html": "x"}), "procfile_refused"),
        (archive({"Procfile": "nonsense"}), "procfile_refused"),
    ],
)
async def test_a_build_that_fails_leaves_the_app_as_it_was(ada: Client, content: bytes, code: str) -> None:
    name = await new_app(ada)

    path = await begin_deployment(ada, name, content)

    with anyio.fail_after(30):
        while (deployment := (await ada.get(path)).json()["deployment"])["status"] != "build-error":
            await anyio.sleep(0.05)
    assert code in (await ada.get(deployment["links"]["output"])).text
    assert (await ada.get(f"/v1/apps/{name}")).json()["app"]["status"] == "new"
    assert (await ada.get(f"/v1/apps/{name}/ps")).json() == {"containers": []}


async def test_a_build_that_crashes_is_not_adopted(place: Place, ada: Client) -> None:
    name = await new_app(ada)
    await deploy(ada, name, site("good"))

    deployment = await deploy(ada, name, site("bad", web="exit 1"))

    assert deployment["status"] == "crashed-error"
    with anyio.fail_after(30):
        while (await place.visit(f"{name}.osc-fr1.localhost")).text != "good\n":
            await anyio.sleep(0.05)
    assert (await ada.get(f"/v1/apps/{name}")).json()["app"]["status"] == "running"


async def test_only_what_was_uploaded_here_is_deployed(ada: Client) -> None:
    name = await new_app(ada)
    for url in ("http://127.0.0.1:1/x.tar.gz", "ftp://x", "", "https://example.com/a.tar.gz"):
        body = {"deployment": {"git_ref": "", "source_url": url}}
        answer = await ada.post(f"/v1/apps/{name}/deployments", json=body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["source_url"])


async def test_a_destroyed_app_is_gone_from_the_front(place: Place, ada: Client) -> None:
    name = await new_app(ada)
    await deploy(ada, name, site())

    assert (await ada.delete(f"/v1/apps/{name}?current_name=other")).status_code == 422
    assert (await ada.delete(f"/v1/apps/{name}?current_name={name}")).status_code == 204

    assert (await place.visit(f"{name}.osc-fr1.localhost")).status_code == 404
