"""How far long work is: for whoever watches, and of no use a second later. Losing one is nothing."""

import json
from datetime import UTC, datetime

from events.facts import TaskRequested
from regions.model import Progress


def announcement(request: TaskRequested, progress: Progress) -> bytes:
    """Return the message that tells how far a task is."""
    body = {
        "migration_id": str(request.migration_id),
        "task_id": str(request.task_id),
        **progress.model_dump(),
        "time": datetime.now(UTC).isoformat(),
    }
    return json.dumps(body).encode()
