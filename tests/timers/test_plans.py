"""What is looked at every second walks an index, however many hand-overs have ended."""

import json
from datetime import UTC, datetime

import asyncpg
import pytest

from projections.timers.statements import statement

pytestmark = pytest.mark.anyio

FILL = """
INSERT INTO projections.timers_handovers (migration_id, expires_at, done_at, told_seconds)
SELECT gen_random_uuid(), now() + n * interval '1 minute', now(), CASE WHEN n % 50 > 0 THEN 0 END
FROM generate_series(-20000, 100) AS n;
ANALYZE projections.timers_handovers
"""


async def test_open_hand_overs_are_found_by_their_end(installed_url: str) -> None:
    connection = await asyncpg.connect(installed_url)
    try:
        await connection.execute(FILL)
        query = f"EXPLAIN (FORMAT JSON) {statement('select_open_handovers')}"
        plan = json.loads(await connection.fetchval(query, datetime.now(UTC)))[0]["Plan"]
    finally:
        await connection.close()
    assert plan.get("Index Name") == "timers_handovers_open"
