"""Who may change an app: of a frozen one nobody but its migration, and a migration nothing but its own."""

from uuid import UUID

from services.region.state.apps import App

Refusal = tuple[str, str]  # a code and a sentence


def stranger(app: App, migration_id: UUID | None) -> Refusal | None:
    """Return why this migration may not change the app: it has neither frozen nor made it.

    So whoever deletes the new app under a migration, and makes another one of that name, keeps it.
    """
    if migration_id in (None, app.frozen_by, app.made_by):
        return None
    return (
        "not_of_migration",
        f"the migration has neither frozen nor made {app.name}: another app has the name",
    )


def refusal(app: App, migration_id: UUID | None) -> Refusal | None:
    """Return why this migration (None: a user) may not touch the app at all."""
    if app.frozen_by in (None, migration_id):
        return None
    if app.migrated_to:
        return "app_migrated", f"{app.name} has moved to {app.migrated_to}: read-only here, change it there"
    return "app_migrating", (
        f"{app.name} is frozen by migration {app.frozen_by}; to change it, abort that migration first"
    )


def refusal_to_delete(app: App, migration_id: UUID | None) -> Refusal | None:
    """Return why this migration (None: a user) may not delete the app: users may, once it has moved away."""
    if migration_id is None and app.migrated_to:
        return None
    return refusal(app, migration_id)
