"""What every service process shares: its life cycle, its logs, its HTTP server."""
