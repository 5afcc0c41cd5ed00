"""The region's rules, free of I/O: what may be done, what an app's status is, what shall run."""
