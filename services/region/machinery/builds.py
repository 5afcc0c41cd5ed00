"""Builds: archives of an app's files as they run, unpacked without trusting them."""

import gzip
import os
import re
import shutil
import stat
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, cast

import anyio
from anyio import from_thread

_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_READ = 1 << 24  # tarfile reads a header of any announced length at once
_LONGEST_PATH, _LONGEST_NAME = 1024, 255  # bytes
_EXECUTABLE = 0o755
_PLAIN = 0o644
_PROCESS = re.compile(r"^([A-Za-z][A-Za-z0-9_-]{0,29}):\s*(\S.*?)\s*$")
_BROKEN = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError, RecursionError)

_Kind = Literal["file", "folder", "link"]


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold."""

    files: int = 100_000
    total_bytes: int = 2 << 30


class ArchiveRefusedError(Exception):
    """An archive is broken, too large, or would write outside its folder; `code` is a stable word for it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class ProcfileError(Exception):
    """The Procfile is missing or cannot be understood; the text says what to write."""


async def unpack(archive: Path, into: Path, limits: Limits) -> None:
    """Unpack a tar or tar.gz archive as a folder, in place of one that is there already.

    Files become plain or executable, whoever owned them. Raises ArchiveRefusedError; then, and when
    cancelled, `into` is as it was before.
    """
    await anyio.to_thread.run_sync(_unpack, archive, into, limits)


async def procfile(folder: Path) -> dict[str, str]:
    """Return the command of each process type that a build's Procfile names; raises ProcfileError."""
    return await anyio.to_thread.run_sync(_procfile, folder)


def _procfile(folder: Path) -> dict[str, str]:
    try:
        text = (folder / "Procfile").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProcfileError("the build has no Procfile; add one with a line such as `web: ./serve`") from None
    except UnicodeDecodeError:
        raise ProcfileError("the Procfile is not UTF-8 text") from None
    commands: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (match := _PROCESS.match(line)):
            raise ProcfileError(f"line {number} of the Procfile is not `type: command`")
        if match[1] in commands:
            raise ProcfileError(f"line {number} of the Procfile names the type {match[1]} again")
        commands[match[1]] = match[2]
    if not commands:
        raise ProcfileError("the Procfile names no process; add a line such as `web: ./serve`")
    return commands


def _unpack(archive: Path, into: Path, limits: Limits) -> None:
    partial = into.with_name(f"{into.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with archive.open("rb") as file:
            _Extraction(partial, limits).run(file)
        if into.exists():
            shutil.rmtree(into)
        partial.rename(into)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


class _Extraction:
    """One archive on its way into an empty folder."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._bytes = 0
        self._placed: dict[PurePosixPath, _Kind] = {PurePosixPath(): "folder"}

    def run(self, file: BinaryIO) -> None:
        """Extract everything; raises ArchiveRefusedError."""
        try:
            source = _Bounded(_decompressed(file))
            with tarfile.open(fileobj=cast("BinaryIO", source), mode="r:") as tar:
                for member in tar:
                    from_thread.check_cancelled()
                    self._extract(tar, member)
            source.finish()
        except _BROKEN:
            raise ArchiveRefusedError("broken", "the archive is not a whole tar or tar.gz archive") from None

    def _extract(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        path = _checked_path(member.name)
        twin = self._folder / self._linked(member) if member.islnk() else None
        self._place(path, _kind(member), member.size)
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if member.isdir():
            target.mkdir(exist_ok=True)
        elif member.issym():
            target.symlink_to(_checked_target(path, member.linkname))
        elif twin:
            target.hardlink_to(twin)
        else:
            _write(tar, member, target)

    def _place(self, path: PurePosixPath, kind: _Kind, size: int) -> None:
        self._bytes += size
        if self._bytes > self._limits.total_bytes:
            raise ArchiveRefusedError(
                "too_large", f"it unpacks to more than {self._limits.total_bytes} bytes"
            )
        # A file below a link would be written wherever the link leads.
        if any(self._placed.setdefault(parent, "folder") != "folder" for parent in path.parents):
            raise ArchiveRefusedError("conflict", f"the archive has {path} below a file or a link")
        if self._placed.get(path, kind) != kind or (path in self._placed and kind != "folder"):
            raise ArchiveRefusedError("conflict", f"the archive has {path} twice")
        self._placed[path] = kind
        if len(self._placed) > self._limits.files:
            raise ArchiveRefusedError("too_many_files", f"it holds more than {self._limits.files} files")

    def _linked(self, member: tarfile.TarInfo) -> PurePosixPath:
        path = _checked_path(member.linkname)
        if self._placed.get(path) != "file":
            raise ArchiveRefusedError(
                "bad_link", f"{member.name} is a link to {path}, which is no file before it"
            )
        return path


class _Bounded:
    """A tar file of which nobody reads a huge piece at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._last_read = b""
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int) -> bytes:
        """Read as files do."""
        if size > _LARGEST_READ:
            raise ArchiveRefusedError("too_large", "the archive has a header of more than 16 MB")
        self._last_read = self._file.read(size)
        return self._last_read

    def finish(self) -> None:
        """Check that the archive is whole: tarfile takes any nonsense for the end, and ignores the rest."""
        if self._last_read != bytes(tarfile.BLOCKSIZE):
            raise ArchiveRefusedError("broken", "the archive ends too early")
        if len(self.read(_LARGEST_READ)) == _LARGEST_READ:  # else gzip has compared its checksum
            raise ArchiveRefusedError("broken", "the archive goes on after its end")


def _decompressed(file: BinaryIO) -> BinaryIO:
    compressed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return cast("BinaryIO", gzip.open(file)) if compressed else file


def _kind(member: tarfile.TarInfo) -> _Kind:
    if member.isdir():
        return "folder"
    if member.issym():
        return "link"
    if member.isreg() or member.islnk():
        return "file"
    raise ArchiveRefusedError("bad_kind", f"{member.name} is neither a file, a folder nor a link")


def _checked_path(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ArchiveRefusedError("outside", f"{name} is outside the archive's folder")
    if len(os.fsencode(name)) > _LONGEST_PATH or any(len(os.fsencode(p)) > _LONGEST_NAME for p in path.parts):
        raise ArchiveRefusedError("outside", "the archive has a name that is too long for a file")
    return path


def _checked_target(link: PurePosixPath, target: str) -> PurePosixPath:
    """Refuse a link that leads outside: `..` is only allowed first, and no further than the archive's folder.

    As no link is below another link, and each obeys this, a path through several of them stays inside too.
    """
    parts = PurePosixPath(target).parts
    ups = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
    too_long = len(os.fsencode(target)) > _LONGEST_PATH
    if not parts or too_long or parts[0] == "/" or ".." in parts[ups:] or ups >= len(link.parts):
        raise ArchiveRefusedError("bad_link", f"{link} is a link that leads outside the archive's folder")
    return PurePosixPath(target)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    assert content
    with target.open("xb") as output:
        shutil.copyfileobj(content, output)
    target.chmod(_EXECUTABLE if member.mode & stat.S_IXUSR else _PLAIN)
