"""`make demo`: move a real app between two real regions with the CLI, and prove that it arrived."""

from local.demo.main import main

__all__ = ["main"]
