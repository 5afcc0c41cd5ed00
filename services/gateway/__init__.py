"""The HTTP front of storky: users, migrations, and everything else handed through to the regions."""
