"""What a model means, in the words of its docstring."""

import inspect

from pydantic import BaseModel


def meaning(model: type[BaseModel]) -> str:
    """Return the whole docstring as Markdown, one line for each paragraph."""
    text = inspect.getdoc(model) or ""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def summary(model: type[BaseModel]) -> str:
    """Return its first paragraph."""
    return meaning(model).partition("\n\n")[0]
