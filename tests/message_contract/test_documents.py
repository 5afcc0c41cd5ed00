"""The documents are generated, whole, and `storky contract` prints them."""

import json
import subprocess
from pathlib import Path

import pytest

from events.catalogue import COMMANDS, FACTS
from events.contract.documents import documents
from services.cli.contract import show_contract, write_contract
from services.cli.errors import CliError
from tests.cli.tool import STORKY
from tests.message_contract.committed import DOCUMENTS


def found(directory: Path) -> dict[str, str]:
    return {
        str(file.relative_to(directory)): file.read_text() for file in directory.rglob("*") if file.is_file()
    }


def test_the_committed_documents_are_the_generated_ones_and_no_others() -> None:
    committed, generated = found(DOCUMENTS), documents()
    assert committed.keys() == generated.keys(), "type `make contract`"
    stale = [path for path, text in generated.items() if committed[path] != text]
    assert not stale, "type `make contract`"


def test_every_command_and_event_has_a_page_and_a_schema() -> None:
    pages = {f"commands/{name}.md" for name in COMMANDS} | {f"events/{name}.md" for name in FACTS}
    schemas = {f"schemas/{name}.json" for name in (*COMMANDS, *FACTS, "Envelope", "Reply")}
    assert found(DOCUMENTS).keys() == pages | schemas | {"README.md", "asyncapi.json"}


@pytest.mark.parametrize("name", [*COMMANDS, *FACTS])
def test_storky_contract_prints_the_page_of_each_message(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_contract(name)
    folder = "commands" if name in COMMANDS else "events"
    assert capsys.readouterr().out == (DOCUMENTS / folder / f"{name}.md").read_text()


def storky_contract(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STORKY, "contract", *options], capture_output=True, text=True, timeout=60, check=False
    )


def test_storky_contract_prints_the_document_of_the_bus_unless_another_is_named() -> None:
    assert storky_contract().stdout == (DOCUMENTS / "asyncapi.json").read_text()


def test_storky_contract_prints_all_schemas_by_their_names() -> None:
    printed = json.loads(storky_contract("--format", "schemas").stdout)
    committed = {file.stem: json.loads(file.read_text()) for file in (DOCUMENTS / "schemas").iterdir()}
    assert printed == committed


def test_storky_contract_says_in_a_sentence_what_it_does_not_know() -> None:
    refused = storky_contract("--format", "Nothing")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("storky: There is no message Nothing; choose asyncapi, schemas, Create")
    with pytest.raises(CliError):
        show_contract("")


def test_storky_contract_writes_all_documents_into_a_folder(tmp_path: Path) -> None:
    write_contract(tmp_path / "new" / "folder")
    assert found(tmp_path / "new" / "folder") == documents()
