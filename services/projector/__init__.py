"""Keeps every projection up to the log."""
