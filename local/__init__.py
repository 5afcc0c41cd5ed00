"""Storky and its servers on one machine: what `storky up`, the demo and the tests run on."""
