"""A fuzzer that sees which of our code a message reaches finds none that is neither read nor refused."""

import re
import subprocess
import sys
from pathlib import Path

from events.contract.examples import EXAMPLES, example

ROOT = Path(__file__).parents[2]
RUNS = 20_000
SECONDS = 10


def test_libfuzzer_finds_no_message_that_breaks_the_promise(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in EXAMPLES:
        (corpus / name).write_bytes(example(name).to_bytes())
    options = ("-seed=1", f"-runs={RUNS}", f"-max_total_time={SECONDS}", f"-artifact_prefix={tmp_path}/")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing.harness", *options, str(corpus)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    covered = [int(count) for count in re.findall(r"cov: (\d+)", done.stderr)]
    assert 0 < covered[0] < covered[-1], done.stderr
