"""What the region runs on: databases, containers, builds, front. Free of its HTTP API and its tables."""
