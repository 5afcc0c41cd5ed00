import gzip
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.region.machinery.builds import ArchiveRefusedError, Limits, ProcfileError, procfile, unpack

LIMITS = Limits(files=100, total_bytes=1_000_000)


class Member(tarfile.TarInfo):
    content = b""


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> Member:
    info = Member(name)
    info.type, info.linkname, info.size, info.content = kind, link, len(content), content
    return info


def archive(path: Path, *members: Member, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for info in members:
            tar.addfile(info, io.BytesIO(info.content))
    return path


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["w", "w:gz"])
async def test_an_archive_becomes_a_folder(tmp_path: Path, mode: str) -> None:
    program = member("./bin/serve", b"#!/bin/sh")
    program.mode = 0o6777
    secret = member("app/data", b"data")
    secret.mode, secret.uid, secret.uname = 0o400, 12345, "somebody"
    await unpack(
        archive(
            tmp_path / "a.tar",
            member(".", kind=tarfile.DIRTYPE),
            program,
            member("app", kind=tarfile.DIRTYPE),
            secret,
            member("app/link", kind=tarfile.SYMTYPE, link="../bin/serve"),
            member("app/twin", kind=tarfile.LNKTYPE, link="app/data"),
            mode=mode,
        ),
        tmp_path / "build",
        LIMITS,
    )
    build = tmp_path / "build"
    assert {str(path.relative_to(build)): path.read_bytes() for path in files(build)} == {
        "bin/serve": b"#!/bin/sh",
        "app/data": b"data",
        "app/link": b"#!/bin/sh",
        "app/twin": b"data",
    }
    assert (build / "bin/serve").stat().st_mode & 0o7777 == 0o755
    assert (build / "app/data").stat().st_mode & 0o7777 == 0o644
    assert (build / "app/data").stat().st_uid == os.getuid()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "build"]


REFUSED = {
    "absolute": ("outside", [member("/etc/passwd", b"x")]),
    "up": ("outside", [member("a/../../b", b"x")]),
    "long name": ("outside", [member("a" * 300, b"x")]),
    "deep": ("outside", [member("a/" * 1000 + "b", b"x")]),
    "absolute link": ("bad_link", [member("a", kind=tarfile.SYMTYPE, link="/etc/passwd")]),
    "link up": ("bad_link", [member("a/b", kind=tarfile.SYMTYPE, link="../../c")]),
    "link up later": ("bad_link", [member("a", kind=tarfile.SYMTYPE, link="b/../../c")]),
    "link nowhere": ("bad_link", [member("a", kind=tarfile.SYMTYPE, link="")]),
    "hard link outside": ("outside", [member("a", kind=tarfile.LNKTYPE, link="/etc/passwd")]),
    "hard link to nothing": ("bad_link", [member("a", kind=tarfile.LNKTYPE, link="b")]),
    "hard link to itself": ("bad_link", [member("a", kind=tarfile.LNKTYPE, link="a")]),
    "hard link to link": (
        "bad_link",
        [member("a", kind=tarfile.SYMTYPE, link="b"), member("c", kind=tarfile.LNKTYPE, link="a")],
    ),
    "through link": ("conflict", [member("a", kind=tarfile.SYMTYPE, link="b"), member("a/c", b"x")]),
    "below file": ("conflict", [member("a", b"x"), member("a/b", b"x")]),
    "twice": ("conflict", [member("a", b"x"), member("./a", b"y")]),
    "over link": ("conflict", [member("a", kind=tarfile.SYMTYPE, link="b"), member("a", b"x")]),
    "file as root": ("conflict", [member(".", b"x")]),
    "device": ("bad_kind", [member("a", kind=tarfile.CHRTYPE)]),
    "pipe": ("bad_kind", [member("a", kind=tarfile.FIFOTYPE)]),
    "bytes": ("too_large", [member("a", b"x" * 600_000), member("b", b"x" * 600_000)]),
    "files": ("too_many_files", [member(f"f{number}") for number in range(101)]),
    "folders": ("too_many_files", [member("d/" * 101 + "f")]),
    "long header": ("too_large", [member("h", bytes(20_000_000), kind=tarfile.GNUTYPE_LONGNAME)]),
}


@pytest.mark.anyio
@pytest.mark.parametrize("reason", REFUSED)
async def test_what_could_do_harm_is_refused_and_nothing_changes(tmp_path: Path, reason: str) -> None:
    code, members = REFUSED[reason]
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "old").write_text("still here")
    with pytest.raises(ArchiveRefusedError) as raised:
        await unpack(archive(tmp_path / "a.tar.gz", *members), tmp_path / "build", LIMITS)
    assert raised.value.code == code
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "build"]


@pytest.mark.anyio
async def test_a_new_archive_replaces_the_folder(tmp_path: Path) -> None:
    for name in ("first", "second"):
        await unpack(archive(tmp_path / name, member(name, b"x")), tmp_path / "build", LIMITS)
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["second"]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "harm", [cut, flip, lambda _: b"", lambda _: b"no archive", lambda _: gzip.compress(b"")]
)
async def test_a_broken_archive_is_refused(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    file = archive(tmp_path / "a.tar.gz", *(member(f"f{number}", os.urandom(5000)) for number in range(9)))
    file.write_bytes(harm(file.read_bytes()))
    with pytest.raises(ArchiveRefusedError) as raised:
        await unpack(file, tmp_path / "build", LIMITS)
    assert raised.value.code == "broken"


@pytest.mark.anyio
async def test_a_tar_without_its_end_is_refused(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.tar", member("a", b"x" * 512), member("b", b"y" * 512), mode="w")
    file.write_bytes(file.read_bytes()[:1024])
    with pytest.raises(ArchiveRefusedError, match="too early"):
        await unpack(file, tmp_path / "build", LIMITS)


segment = st.sampled_from(["a", "b", "c", "..", ".", "", "é"])
name = st.lists(segment, min_size=1, max_size=4).map("/".join)
kind = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
some_member = st.builds(member, name=name, kind=kind, link=name)


@settings(max_examples=150, deadline=None)
@given(st.lists(some_member, max_size=6))
def test_no_archive_writes_or_points_outside_its_folder(members: list[Member]) -> None:
    with TemporaryDirectory() as directory:
        outer = Path(directory)
        file = archive(outer / "a.tar", *members, mode="w")
        try:
            anyio.run(unpack, file, outer / "build", LIMITS)
        except ArchiveRefusedError:
            assert [path.name for path in outer.iterdir()] == ["a.tar"]
            return
        build = (outer / "build").resolve()
        assert sorted(path.name for path in outer.iterdir()) == ["a.tar", "build"]
        for path in build.rglob("*"):
            assert PurePosixPath(os.path.realpath(path)).is_relative_to(build)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_a_damaged_archive_is_refused_or_unpacked_but_nothing_else(place: int, damage: bytes) -> None:
    with TemporaryDirectory() as directory:
        outer = Path(directory)
        file = archive(outer / "a.tar", member("a", b"x" * 600), member("b/c", b"y"), mode="w")
        content = file.read_bytes()
        file.write_bytes(content[:place] + damage + content[place + len(damage) :])
        try:
            anyio.run(unpack, file, outer / "build", LIMITS)
        except ArchiveRefusedError:
            assert not (outer / "build").exists()


@pytest.mark.anyio
async def test_a_procfile_names_commands(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text(
        "# a comment\nweb: python -m app --port $PORT  \n\nclock-2:./clock: every 5\r\n"
    )
    assert await procfile(tmp_path) == {"web": "python -m app --port $PORT", "clock-2": "./clock: every 5"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "has no Procfile"),
        (b"web python", "line 1 of the Procfile is not `type: command`"),
        (b"web: a\n\nweb: b", "line 3 of the Procfile names the type web again"),
        (b"web:  ", "line 1"),
        (b"../web: x", "line 1"),
        (b"web: \xff", "not UTF-8"),
        (b"", "names no process"),
    ],
)
async def test_a_procfile_that_cannot_be_understood_says_why(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "Procfile").write_bytes(content)
    with pytest.raises(ProcfileError, match=message):
        await procfile(tmp_path)
