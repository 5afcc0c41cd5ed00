"""What auditors ask: any event, and any migration as it was at any moment."""

from services.gateway.audit.routes import of_migration, router

routers = (router, of_migration)

__all__ = ["routers"]
