"""What changes its identity on the way. Pure."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from services.gateway.planning.model import Addon, End, Source
from services.gateway.planning.wire import Change

REMOTE = "Change your git remote after finalize."
ADDRESSES = "Whoever lets the app in by its address, such as a firewall, must allow those of {region}."
DATABASE = "Read the address, name, user and password from the app's variables: {variables}."


def of(source: Source, moving: Sequence[Addon], old: End, new: End) -> Iterator[Change]:
    """Yield each change, from what to what where that is known."""
    app = source.app
    if old.ref.app != new.ref.app:
        yield Change(what="name", old=old.ref.app, new=new.ref.app, advice="Call the app by its new name.")
    yield Change(
        what="URL",
        old=app.base_url,
        new=_url(new),
        advice="The old one leads to the new app until the hand-over ends.",
    )
    yield Change(what="git URL", old=app.git_url or None, advice=REMOTE)
    yield Change(what="app id", old=app.id, advice="Scripts that name the app by its id need the new one.")
    yield Change(what="outgoing IP addresses", advice=ADDRESSES.format(region=new.ref.region))
    for addon in moving:
        yield Change(
            what="addon id", old=addon.id, advice=f"Scripts that name {addon.title} need the new one."
        )
        if addon.has_data:
            advice = DATABASE.format(variables=", ".join(addon.variables) or "none")
            yield Change(what=f"host, name, user and password of {addon.title}", advice=advice)


def _url(new: End) -> str:
    front = urlsplit(new.at.front)
    port = f":{front.port}" if front.port else ""
    return f"{front.scheme}://{new.host}{port}"
