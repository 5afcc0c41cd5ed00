"""What a Redis server finds in its folder: its configuration, and the append-only file it begins with."""

import os
import shutil
from hashlib import sha256
from pathlib import Path

from services.region.machinery.engines import Database
from services.region.machinery.redis_clients import ADMIN

_DATA, _FRESH = "data", "fresh"
_BASE = "appendonly.aof.1.base.rdb"

# Every change is handed to the system before it is answered, and written to the disk once a second: the end
# of the process loses nothing. What comes from a dump is checked to the last byte, as anybody may have made
# it. An app's user may do all but administer: no other folder, no module, no debugging.
_TEXT = """\
bind 127.0.0.1
port {port}
dir "{data}"
appendonly yes
appendfsync everysec
save ""
sanitize-dump-payload yes
repl-diskless-sync yes
repl-diskless-sync-delay 0
enable-debug-command local
user default on #{password} ~* &* +@all -@admin
user {admin} on #{admin_password} ~* &* +@all
"""


class RedisFolder:
    """The folder of one database's server."""

    def __init__(self, path: Path) -> None:
        """Name the folder; make() makes it."""
        self.path = path
        self.configuration = path / "redis.conf"

    def make(self) -> None:
        """Make the folder where it is missing."""
        (self.path / _DATA).mkdir(mode=0o700, parents=True, exist_ok=True)

    def configure(self, database: Database, admin_password: str) -> None:
        """Write what the server is told at its next start; the folder must exist."""
        text = _TEXT.format(
            port=database.port,
            data=self.path / _DATA,
            password=_hash(database.password),
            admin=ADMIN,
            admin_password=_hash(admin_password),
        )
        self.configuration.touch(mode=0o600)
        self.configuration.write_text(text)

    def begin_with(self, dump: Path | None) -> None:
        """Replace the data by those of a dump, or by none, while no server runs; the folder must exist."""
        fresh = self.path / _FRESH
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        files = fresh / "appendonlydir"
        files.mkdir(mode=0o700)
        if dump:
            os.link(dump, files / _BASE)
            (files / "appendonly.aof.manifest").write_text(f"file {_BASE} seq 1 type b\n")
        shutil.rmtree(self.path / _DATA, ignore_errors=True)
        fresh.rename(self.path / _DATA)

    def remove(self) -> None:
        """Remove the folder with everything in it; it need not be there."""
        shutil.rmtree(self.path, ignore_errors=True)


def _hash(password: str) -> str:
    return sha256(password.encode()).hexdigest()
