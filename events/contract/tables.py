"""The fields of a model as Markdown tables, a table for each model it is made of."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel

from events.contract.schemas import Schema, definitions

_PLACE = "#/$defs/"


def fields(model: type[BaseModel]) -> Iterator[str]:
    """Yield the model's own table, then a heading, the meaning and a table for each part."""
    defined = definitions([model], _PLACE)
    yield _fields(defined.pop(model.__name__), defined)
    for name, part in defined.items():
        yield f"### {name}"
        yield part["description"]
        yield _fields(part, defined) if "properties" in part else f"One of {_values(part)}."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join((row(head), row(["---"] * len(head)), *map(row, rows)))


def row(cells: Sequence[str]) -> str:
    """Return a line of a table; a bar in a cell stays in it."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _fields(model: Schema, defined: dict[str, Schema]) -> str:
    required = model.get("required", ())
    rows = (
        (f"`{name}`", _type(field, name not in required), _meaning(field, defined))
        for name, field in model["properties"].items()
    )
    return table(("field", "type", "meaning"), rows)


def _meaning(field: Schema, defined: dict[str, Schema]) -> str:
    """Return what is said of the field, else what is said of its type."""
    for place in (field, *field.get("anyOf", ())):
        if said := place.get("description") or defined.get(_name(place), {}).get("description"):
            return str(said)
    return ""


def _type(field: Schema, optional: bool) -> str:
    kinds = [_kind(kind) for kind in field.get("anyOf", (field,)) if kind.get("type") != "null"]
    return " or ".join(kinds) + (", optional" if optional else "")


def _kind(kind: Schema) -> str:
    match kind:
        case {"$ref": _}:
            text = _name(kind)
        case {"const": value}:
            text = f"`{value}`"
        case {"enum": _}:
            text = _values(kind)
        case {"type": "array", "items": items}:
            text = f"list of {_kind(items)}"
        case {"pattern": pattern}:
            text = f"string `{pattern}`"
        case _:
            text = str(kind.get("format", kind["type"]))
    return text


def _name(kind: Schema) -> str:
    return str(kind.get("$ref", "")).removeprefix(_PLACE)


def _values(kind: Schema) -> str:
    return " or ".join(f"`{value}`" for value in kind["enum"])
