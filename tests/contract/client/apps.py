"""The commands about apps and what they run. Each takes the region's API; its name is the command's."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx

from tests.contract.client.shapes import (
    App,
    Container,
    ContainerType,
    Deployment,
    Deployments,
    Domain,
    Logs,
    Operation,
    Source,
    Stack,
    Variable,
)
from tests.contract.client.wire import ACCEPTED, CREATED, OK, Api, Params, exchange, read

PATIENCE = 60  # seconds for an operation, or a deployment
PAUSE = 0.25  # seconds between two looks at it
FINISHED = {"success", "aborted", "build-error", "crashed-error", "timeout-error", "hook-error"}


async def apps(region: Api) -> list[App]:
    return await region.get_map("/apps", list[App], "apps")


async def apps_info(region: Api, app: str) -> App:
    return await region.get_map(f"/apps/{app}", App, "app")


async def create(region: Api, name: str, **more: str) -> App:
    return await region.add("/apps", App, "app", {"app": {"name": name, **more}})


async def destroy(region: Api, app: str) -> None:
    """The client sends what was typed twice: a name, or an id."""
    await region.delete(f"/apps/{app}", {"current_name": app})


async def set_option(region: Api, app: str, **option: bool) -> App:
    """`force-https`, `sticky-session` and `router-logs`."""
    return await region.change(f"/apps/{app}", App, "app", option, "PUT")


async def stacks(region: Api) -> list[Stack]:
    return await region.get_map("/features/stacks", list[Stack], "stacks")


async def stacks_set(region: Api, app: str, stack: str) -> App:
    return await region.change(f"/apps/{app}", App, "app", {"app": {"stack_id": stack}})


async def restart(region: Api, app: str, *scope: str) -> Operation:
    answer = await region.send("POST", f"/apps/{app}/restart", {"scope": scope}, expected=(ACCEPTED,))
    return await _ended(region, app, answer)


async def scale(
    region: Api, app: str, size: str = "", **amounts: int
) -> tuple[list[ContainerType], Operation]:
    wanted = [
        {"app_id": "", "name": name, "amount": amount, "command": "", "size": size}
        for name, amount in amounts.items()
    ]
    path = f"/apps/{app}/scale"
    answer = await region.send("POST", path, {"containers": wanted}, expected=(OK, ACCEPTED))
    formation = read(answer, list[ContainerType], "containers")
    return formation, await _ended(region, app, answer)


async def scale_by(region: Api, app: str, **steps: int) -> tuple[list[ContainerType], Operation]:
    """`scale web:+1`: the client adds, and asks for the sum, also for one below zero."""
    known = {each.name: each.amount for each in await formation(region, app)}
    return await scale(region, app, "", **{name: known[name] + step for name, step in steps.items()})


async def formation(region: Api, app: str) -> list[ContainerType]:
    return await region.get(f"/apps/{app}/containers", list[ContainerType], "containers")


async def ps(region: Api, app: str) -> list[Container]:
    return await region.get(f"/apps/{app}/ps", list[Container], "containers")


async def operation(region: Api, app: str, operation_id: str) -> Operation:
    return await region.get(f"/apps/{app}/operations/{operation_id}", Operation, "operation")


async def env(region: Api, app: str, *, aliases: bool = True) -> dict[str, str]:
    return {each.name: each.value for each in await _variables(region, app, aliases=aliases)}


async def env_get(region: Api, app: str, name: str) -> str:
    """Return a value as it was written."""
    return (await env(region, app, aliases=False))[name]


async def env_set(region: Api, app: str, values: Mapping[str, str]) -> list[Variable]:
    wanted = [{"id": "", "name": name, "value": value} for name, value in values.items()]
    path, body = f"/apps/{app}/variables", {"variables": wanted}
    return read(await region.send("PUT", path, body, expected=(OK, CREATED)), list[Variable], "variables")


async def env_set_one(region: Api, app: str, name: str, value: str) -> Variable:
    path, body = f"/apps/{app}/variables", {"variable": {"name": name, "value": value}}
    return read(await region.send("POST", path, body, expected=(OK, CREATED)), Variable, "variable")


async def env_unset(region: Api, app: str, name: str) -> None:
    """The client looks the id up."""
    found = await _variables(region, app, aliases=True)
    variable = next(each for each in found if each.name == name)
    await region.delete(f"/apps/{app}/variables/{variable.id}")


async def domains(region: Api, app: str) -> list[Domain]:
    return await region.get(f"/apps/{app}/domains", list[Domain], "domains")


async def domains_add(region: Api, app: str, name: str, **more: object) -> Domain:
    return await region.add(f"/apps/{app}/domains", Domain, "domain", {"domain": {"name": name, **more}})


async def domains_change(region: Api, app: str, name: str, **changes: object) -> Domain:
    """`set-canonical-domain`, `domains-ssl` and the like: by the id, which is looked up first."""
    domain = await _domain(region, app, name)
    return await region.change(f"/apps/{app}/domains/{domain.id}", Domain, "domain", {"domain": changes})


async def domains_remove(region: Api, app: str, name: str) -> None:
    await region.delete(f"/apps/{app}/domains/{(await _domain(region, app, name)).id}")


async def deploy(region: Api, app: str, archive: bytes, git_ref: str | None) -> Deployment:
    """`deploy`: the archive goes to a source; the deployment is followed to its end."""
    source = await region.add("/sources", Source, "source")
    uploaded = await region.http.put(source.upload_url, content=archive)
    assert uploaded.status_code == OK, uploaded.text
    body: Params = {"deployment": {"git_ref": git_ref, "source_url": source.download_url}}
    started = await region.add(f"/apps/{app}/deployments", Deployment, "deployment", body)
    with anyio.fail_after(PATIENCE):
        while (found := await deployment(region, app, started.id)).status not in FINISHED:
            await anyio.sleep(PAUSE)
    return found


async def deployments(region: Api, app: str, **page: int) -> Deployments:
    return await region.get(f"/apps/{app}/deployments", Deployments, params=page)


async def deployment(region: Api, app: str, deployment_id: str) -> Deployment:
    return await region.get_map(f"/apps/{app}/deployments/{deployment_id}", Deployment, "deployment")


async def deployment_logs(region: Api, app: str, deployment_id: str) -> str:
    """`deployment-logs`: of the link the client keeps the place and the path."""
    link = urlsplit((await deployment(region, app, deployment_id)).links.output)
    output = Api(region.http, f"{link.scheme}://{link.netloc}", region.token)
    return (await output.send("GET", link.path, expected=(OK, 404))).text


async def logs(region: Api, app: str, lines: int = 20, filter: str = "") -> list[str]:  # noqa: A002 - its name
    """`logs`: of the link's query the client keeps two words, and it shows no token of its own there."""
    link = urlsplit((await region.get(f"/apps/{app}/logs", Logs)).logs_url)
    query = parse_qs(link.query)
    kept = {name: query.get(name, [""])[0] for name in ("token", "timestamp")}
    url, params = f"{link.scheme}://{link.netloc}{link.path}", {**kept, "n": lines, "filter": filter}
    answer = await exchange(region.http, "GET", url, params, {}, expected=(OK, 204, 404))
    return answer.text.splitlines()


async def _variables(region: Api, app: str, *, aliases: bool) -> list[Variable]:
    params = {"aliases": str(aliases).lower()}
    return await region.get(f"/apps/{app}/variables", list[Variable], "variables", params)


async def _domain(region: Api, app: str, name: str) -> Domain:
    return next(each for each in await domains(region, app) if each.name == name)


async def _ended(region: Api, app: str, answer: httpx.Response) -> Operation:
    """Follow what was accepted to its end: the last part of the Location is the operation's id."""
    operation_id = urlsplit(answer.headers["Location"]).path.rsplit("/", 1)[-1]
    with anyio.fail_after(PATIENCE):
        while (found := await operation(region, app, operation_id)).status in ("pending", "running"):
            await anyio.sleep(PAUSE)
    return found
