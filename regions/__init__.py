"""What storky knows of a region: the port, its HTTP driver and the conformance suite."""
