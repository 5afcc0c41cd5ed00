"""Watching a migration as it goes on: Server-Sent Events, with nothing lost and nothing twice."""
