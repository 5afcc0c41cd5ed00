"""Aliases among environment variables: the value `$OTHER` stands for the value of OTHER."""

import re
from collections.abc import Mapping

_ALIAS = re.compile(r"\$([A-Za-z0-9_-]+)")


def resolve(raw: Mapping[str, str]) -> dict[str, str]:
    """Return the values with aliases followed; one that leads nowhere, or in a circle, stays as written."""
    return {name: _follow(raw, name) for name in raw}


def _follow(raw: Mapping[str, str], name: str) -> str:
    value, seen = raw[name], {name}
    while (alias := _ALIAS.fullmatch(value)) and alias[1] in raw and alias[1] not in seen:
        seen.add(alias[1])
        value = raw[alias[1]]
    return raw[name] if alias and alias[1] in seen else value
