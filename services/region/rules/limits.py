"""What the platform allows one app."""

from services.region.settings import Settings
from services.region.state.apps import App


def largest_image(app: App, settings: Settings) -> int:
    """Return how many bytes a build of the app may have, packed."""
    return app.max_image_bytes or settings.largest_upload_bytes
