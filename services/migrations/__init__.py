"""The one writer of the log: decides about every command and appends what follows."""
