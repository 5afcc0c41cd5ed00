"""Reminds of the end of hand-overs, and tells when they have ended."""
