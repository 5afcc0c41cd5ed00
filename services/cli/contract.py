"""The message contract, as `storky contract` shows it."""

import sys
from pathlib import Path

from events.contract import documents, pages
from events.contract.asyncapi import document
from events.contract.schemas import MESSAGES, schemas
from services.cli.errors import CliError


def show_contract(wanted: str) -> None:
    """Write one document to standard output; raises CliError for a name that is none's."""
    sys.stdout.write(_document(wanted))


def write_contract(directory: Path) -> None:
    """Write all documents into a folder."""
    for path, text in documents.documents().items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _document(wanted: str) -> str:
    match wanted:
        case "asyncapi":
            return documents.written(document())
        case "schemas":
            return documents.written(schemas())
        case name if name in MESSAGES:
            return pages.page(name)
    raise CliError(f"There is no message {wanted}; choose asyncapi, schemas, {', '.join(MESSAGES)}.")
