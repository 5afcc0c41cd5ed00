"""What holds for the OpenAPI document of any of our APIs, and of the answers that it describes."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

COMMAND = Path(sys.executable).with_name("schemathesis")
PATIENCE = 300  # seconds
JSON = "application/json"

Document = dict[str, Any]


def operations(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each call as `get /path`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def invalid_examples(document: Document) -> list[str]:
    """Return where an example is not what its own schema says, and why."""
    return [
        f"{where}: {error.message}"
        for where, schema, example in _examples(document, "#")
        for error in _validator(document, schema).iter_errors(example)
    ]


def answers_hold(url: str, config: Path, directory: Path, environment: Mapping[str, str]) -> None:
    """Have schemathesis make requests of the document at `url`, right and wrong, and judge the answers."""
    done = subprocess.run(
        [COMMAND, "--config-file", config, "run", url, "--no-color"],
        env={**os.environ, **environment, "NO_PROXY": "*"},
        cwd=directory,  # what it keeps between runs is lost with this
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _examples(part: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield each example with its place and its schema: that beside it, or that around it."""
    if isinstance(part, list):
        for index, each in enumerate(part):
            yield from _examples(each, f"{where}/{index}")
    elif isinstance(part, dict):
        if "example" in part and "schema" in part:
            yield where, part["schema"], part["example"]
        if isinstance(part.get("examples"), list):
            yield from ((where, part, example) for example in part["examples"])
        for name, each in part.items():
            if name not in ("example", "examples"):
                yield from _examples(each, f"{where}/{name}")


def _validator(document: Document, schema: Any) -> Draft202012Validator:
    whole = {"allOf": [schema], "components": document["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
