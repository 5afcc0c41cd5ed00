"""The runtime of a worker: tasks come in over the bus, are done in the regions, and are reported."""
