"""The `storky` command."""
