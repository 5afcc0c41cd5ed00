"""How a service process ends."""

import json
import subprocess
import sys

PROGRAM = """
from pydantic_settings import BaseSettings
from services.common import process

async def main(settings: BaseSettings) -> None:
    raise RuntimeError("a customer's row")

process.run("apps", BaseSettings, main)
"""


def test_an_error_that_ends_a_service_is_one_log_line_without_the_errors_text() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    line = json.loads(ended.stderr)
    assert (line["action"], line["service"]) == ("crash", "apps")
    assert "RuntimeError" in line["error"]
    assert "customer" not in ended.stderr.replace(json.dumps(line["at"]), "")
