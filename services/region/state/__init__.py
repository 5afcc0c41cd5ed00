"""The region's durable state: one function a statement, the statements in .sql files."""
