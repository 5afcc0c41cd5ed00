"""A client of the wire contract, as strict as the Go client that it stands for."""
