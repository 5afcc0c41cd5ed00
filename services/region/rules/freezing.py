"""Who may change a frozen app: nobody but the migration that froze it."""

from uuid import UUID

from services.region.state.apps import App


def refusal(app: App, migration_id: UUID | None) -> tuple[str, str] | None:
    """Return why this migration (None: a user) may not change the app, as a code and a sentence."""
    if app.frozen_by in (None, migration_id):
        return None
    if app.migrated_to:
        return "app_migrated", f"{app.name} has moved to {app.migrated_to}: read-only here, change it there"
    return "app_migrating", (
        f"{app.name} is frozen by migration {app.frozen_by}; to change it, abort that migration first"
    )
