"""Installing: the tables, step by step, and the logins that may use them."""

from events.store.schema.logins import create_login
from events.store.schema.revisions import SchemaChangedError, upgrade

__all__ = ["SchemaChangedError", "create_login", "upgrade"]
