"""Where the region keeps its files, all below one directory of its own."""

import secrets
import shutil
import time
from datetime import timedelta
from pathlib import Path


class Storage:
    """The folders, and the names of what is in them."""

    def __init__(self, root: Path) -> None:
        """Make the folders of a directory that are missing; what is in them is customers' data."""
        self._root = root.absolute()
        for folder in ("sources", "builds", "backups", "incoming", "logs", "redis"):
            (self._root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def logs(self) -> Path:
        """The folder of the containers' logs."""
        return self._root / "logs"

    @property
    def redis(self) -> Path:
        """The folder of the Redis servers' own folders."""
        return self._root / "redis"

    @property
    def free_bytes(self) -> int:
        """How many bytes can still be written."""
        return shutil.disk_usage(self._root).free

    def source(self, source_id: str) -> Path:
        """Return the file of an archive that a user uploads."""
        return self._root / "sources" / source_id

    def build_archive(self, deployment_id: str) -> Path:
        """Return the file of a build's archive."""
        return self._root / "builds" / deployment_id / "archive.tar.gz"

    def build_folder(self, deployment_id: str) -> Path:
        """Return the folder in which a build runs."""
        return self._root / "builds" / deployment_id / "app"

    def backup(self, backup_id: str) -> Path:
        """Return the file of a backup."""
        return self._root / "backups" / backup_id

    def incoming(self, operation_id: str) -> Path:
        """Return the file into which an operation downloads what it needs only once."""
        return self._root / "incoming" / operation_id

    def key(self) -> bytes:
        """Return the key with which this region signs, made at the first use."""
        file = self._root / "signing.key"
        if not file.exists():
            partial = file.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_bytes(secrets.token_bytes(32))
            partial.rename(file)
        return file.read_bytes()

    def remove_old_sources(self, age: timedelta) -> None:
        """Remove the archives that were uploaded longer ago."""
        oldest = time.time() - age.total_seconds()
        for file in (self._root / "sources").iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove what has this name below the directory, a file or a folder; it need not be there."""
        path = self._root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
