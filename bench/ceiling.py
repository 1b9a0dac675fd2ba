"""The ceiling of this design on this machine: a bare FastAPI with a pool and two durable commits for each task.

No sign-in, no log, no checks of answers, no isolation: what is left when everything that Assay does is taken away.
"""

import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI, Request
from psycopg_pool import AsyncConnectionPool

from bench.wire import Loop, Wire

TABLES = """
drop table if exists ceiling_response; drop table if exists ceiling_task;
create table ceiling_task (id bigint primary key, position bigint, state text not null default 'open', taken_by int);
create index on ceiling_task (position) where state = 'open';
create table ceiling_response (task bigint, annotator int, answer jsonb);
"""


def prepare(url: str, tasks: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES)
        connection.execute(
            "insert into ceiling_task (id, position) select n, n from generate_series(1, %s) n", (tasks,)
        )
        connection.execute("vacuum analyze ceiling_task")


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncConnectionPool(os.environ["CEILING_URL"], min_size=4, max_size=16) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.post("/claim")
async def claim(request: Request) -> dict[str, Any]:
    async with request.app.state.pool.connection() as connection:
        found = await connection.execute(
            "update ceiling_task set state = 'leased', taken_by = 1 where id = (select id from ceiling_task "
            "where state = 'open' order by position limit 1 for update skip locked) returning id"
        )
        row = await found.fetchone()
    return {"task": row[0] if row else None}


@app.post("/submit")
async def submit(request: Request) -> dict[str, Any]:
    body = await request.json()
    async with request.app.state.pool.connection() as connection:
        await connection.execute(
            "insert into ceiling_response (task, annotator, answer) values (%s, 1, %s)",
            (body["task"], json.dumps(body["answer"])),
        )
        await connection.execute("update ceiling_task set state = 'done' where id = %s", (body["task"],))
    return {"ok": True}


async def turn(wire: Wire, loop: Loop) -> bool:
    start = time.perf_counter()
    status, content = await wire.ask("POST", "/claim")
    loop.claims.append(time.perf_counter() - start)
    assert status == 200, content
    task = json.loads(content)["task"]
    if task is None:
        return False
    status, content = await wire.ask("POST", "/submit", {"task": task, "answer": {"value": "cat"}})
    assert status == 200, content
    return True


if __name__ == "__main__":
    uvicorn.run(
        "bench.ceiling:app", port=int(sys.argv[1]), workers=2, loop="uvloop", http="httptools", log_level="error"
    )
