"""The region's HTTP API: a module for each resource, thin."""
