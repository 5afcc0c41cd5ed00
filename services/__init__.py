"""One folder per process; none imports another (services.common is what they share)."""
