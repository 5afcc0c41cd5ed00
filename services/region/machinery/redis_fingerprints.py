"""Fingerprints of the keyspaces of a Redis server.

Redis itself digests a value with its type, in a way that does not depend on how it is stored. Keys that
expire are left out: some would have gone between a look here and a look there. A key that lost its expiry,
or got one, shows all the same.
"""

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import cast

from redis.asyncio import Redis

from services.region.machinery.checksums import summary
from services.region.machinery.engines import Fingerprint

_BATCH = 1000
_STAYS = -1  # what PTTL answers for a key without an expiry
_GONE = b"0" * 40  # the digest of a key that is not there


async def fingerprint(connect: Callable[[int], Redis]) -> list[Fingerprint]:
    """Return the fingerprint of every keyspace that has keys which do not expire.

    `connect` returns a client of one keyspace; its user may DEBUG.
    """
    async with connect(0) as client:
        numbers = sorted(int(name.removeprefix("db")) for name in await client.info("keyspace"))
    found = [await _of_keyspace(connect, number) for number in numbers]
    return sorted((each for each in found if each.rows), key=lambda each: each.name)


async def _of_keyspace(connect: Callable[[int], Redis], number: int) -> Fingerprint:
    seen: set[bytes] = set()  # a scan may return a key twice
    async with connect(number) as client:
        async for key, digest in _values(client):
            item = sha256(b"%d:%b%b" % (len(key), key, digest)).digest()[:16]
            seen.add(item)
    first, second = (sum(int.from_bytes(item[at : at + 8]) for item in seen) for at in (0, 8))
    return Fingerprint("keyspace", f"db{number}", len(seen), summary([], len(seen), first, second))


async def _values(client: Redis) -> AsyncIterator[tuple[bytes, bytes]]:
    """Yield each key with the digest of its value."""
    cursor = None
    while cursor != 0:
        cursor, keys = await client.scan(cursor or 0, count=_BATCH)
        staying = await _staying(client, cast("list[bytes]", keys))
        if not staying:
            continue
        digests = await client.execute_command("DEBUG", "DIGEST-VALUE", *staying)  # type: ignore[no-untyped-call]
        for key, digest in zip(staying, digests, strict=True):
            if digest != _GONE:
                yield key, digest


async def _staying(client: Redis, keys: list[bytes]) -> list[bytes]:
    async with client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.pttl(key)
        left = await pipeline.execute()
    pairs = zip(keys, left, strict=True)
    return [key for key, milliseconds in pairs if milliseconds == _STAYS]
