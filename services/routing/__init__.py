"""The worker for traffic: domains, certificates, and who serves the visitors."""
