"""Publishes the log to the bus, in order, from its checkpoint."""
