"""The demo, as `make demo` runs it."""

import subprocess
import sys
from pathlib import Path

from tests.local import processes


def test_the_demo_migrates_the_sample_and_leaves_nothing_behind(tmp_path: Path) -> None:
    storky = Path(sys.executable).with_name("storky")
    done = subprocess.run(
        [storky, "demo"], capture_output=True, text=True, timeout=240, env=_environment(tmp_path), check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    for line in (
        "✔ Check addon versions Done!",
        "Your app can be migrated to the osc-fr1 zone.",
        "Application on region 'osc-fr1' has been prepared, you can now:",
        "Data has been migrated to the 'osc-fr1' region",
        "- CNAME record of my-app.example.com should be changed to my-app.osc-fr1.localhost",
        " rows and 1,000 sessions",
        "✔ my-app.example.com, asked at agora-fr1's front, is answered by osc-fr1",
    ):
        assert line in done.stdout
    assert list(tmp_path.iterdir()) == []
    assert processes.using(tmp_path) == set()


def _environment(temporary: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TMPDIR": str(temporary), "HOME": ""}
