"""Examples at the end of a command's help."""

MY_APP = "-r agora-fr1 -a my-app"


def examples(*calls: str) -> str:
    """Return the calls of this tool as typer shows them, one on each line."""
    return "\n\n".join(["Examples:" if len(calls) > 1 else "Example:", *(f"storky {call}" for call in calls)])
