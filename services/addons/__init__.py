"""The worker for addons: their versions and plans, and their data."""
