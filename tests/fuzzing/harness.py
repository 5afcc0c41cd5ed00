"""What libFuzzer makes of the contract's examples, guided by what of our code it reaches, is read.

`python -m tests.fuzzing.harness FOLDER` goes on with the messages in the folder until something is wrong.
"""

import json
import sys
from random import Random

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

with atheris.instrument_imports(include=["events", "services"]):
    from events.bus import lenient
    from tests.fuzzing import mutations, promise, properties


def one(found: bytes) -> None:
    """Read it as a body, and as a table of headers."""
    promise.read(found)
    lenient.table(properties.long(found))


def mutate(body: bytes, most: int, seed: int) -> bytes:
    """Change bytes, or else fields: few bytes can be changed before a message is no JSON any more."""
    random = Random(seed)
    try:
        message = json.loads(body)
        changed = mutations.mutated(random, message) if random.randrange(2) else body
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        changed = body  # it is no envelope any more
    # A name of a field that libFuzzer makes of a marked value would be quoted, and rightly.
    changed = changed.replace(mutations.MARK.encode(), b"made up")
    return bytes(atheris.Mutate(changed, most)) if changed is body else changed[:most]


if __name__ == "__main__":
    atheris.Setup(sys.argv, one, custom_mutator=mutate)
    atheris.Fuzz()
