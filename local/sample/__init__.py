"""An app to migrate, and data for its database."""
