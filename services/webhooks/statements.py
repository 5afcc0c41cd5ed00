"""The SQL of the deliveries, in sql/."""

from pathlib import Path

from events.store.statements import in_folder

statement = in_folder(Path(__file__).parent / "sql")
