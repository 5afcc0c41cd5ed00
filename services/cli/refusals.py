"""An answer that is not a success, as one clear sentence."""

import httpx
from pydantic import BaseModel, ValidationError

ADVICE = {
    "app": "There is no such app of yours in that region; check --region and --app.",
    "migration": "This app has no such migration; `storky ... migrations` lists those it has.",
}


class _Body(BaseModel):
    error: str = ""
    code: str = ""
    resource: str = ""
    errors: dict[str, list[str]] = {}


def explain(answer: httpx.Response) -> str:
    """Return what was wrong and what to do, from an error body of the contract."""
    try:
        body = _Body.model_validate_json(answer.content)
    except ValidationError:
        return f"The gateway answered {answer.status_code} in words this tool does not know; try again later."
    if body.errors:
        return " ".join(f"{field}: {text}" for field, texts in body.errors.items() for text in texts)
    return ADVICE.get(body.resource) or body.error or f"The gateway answered {answer.status_code}."
