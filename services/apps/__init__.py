"""The worker for apps: their configuration, their builds and their processes."""
