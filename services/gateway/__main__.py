"""The gateway: `python -m services.gateway`."""

from services.common import process
from services.common.http import serve
from services.gateway.app import NAME, create_app
from services.gateway.settings import Settings


async def main(settings: Settings) -> None:
    """Serve until cancelled."""
    host, port = settings.address
    app = create_app(settings)
    await serve(
        app,
        host,
        port,
        on_ready=process.ready,
        on_stop=app.state.stopping.set,
        proxies=[str(proxy) for proxy in settings.trusted_proxies],
    )


if __name__ == "__main__":
    process.run(NAME, Settings, main)
