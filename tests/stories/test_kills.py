"""The server and PostgreSQL are killed under load, again and again: what was acknowledged is there, once and equal.

ASSAY_KILLS says how often; half of the kills hit the server, half the database.
"""

import asyncio
import os
import random
import statistics
import time
from collections import Counter

from assay.identity import found_organisation, issue_token
from assay.storage import Actor, Database

KILLS = int(os.environ.get("ASSAY_KILLS", "6"))
ANNOTATORS = 8
RECOVERY_SECONDS = 60  # at most, from a kill to the next response that is acknowledged
OPERATOR = Actor("operator")


def test_nothing_acknowledged_is_lost(server, make_in, new_annotator, habits, questions, broken, lost) -> None:
    database = Database(server.database_url(), connections=1)
    organisation_id, _ = found_organisation(database, "Crowd", owner_email="owner@example.org", owner_name="Owner")
    with database.transaction(organisation_id, OPERATOR) as session:
        make = make_in(session)
        project = make.project(overlap_min=2, gold_share=0.1, recall_seconds=2, questions=questions)
        make.tasks(project, 200 + 300 * KILLS)
        make.tasks(project, 40, is_gold=True)
        tokens = [issue_token(session, make.annotator())[1] for _ in range(ANNOTATORS)]
    database.close()
    tally: Counter[str] = Counter()
    usual = habits(gives_up=0.3, gives_back=0.02, recalls=0.05)
    annotators = [
        new_annotator(server.port, token, [str(project)], random.Random(n), usual, tally)
        for n, token in enumerate(tokens)
    ]
    recoveries: dict[str, list[float]] = {"server": [], "database": []}
    over = asyncio.Event()

    async def play() -> None:
        async with asyncio.TaskGroup() as group:
            for annotator in annotators:
                group.create_task(annotator.work(over.is_set))
            for number in range(KILLS):
                await asyncio.sleep(random.uniform(0.8, 2))
                await kill(("server", "database")[number % 2])
            await asyncio.sleep(1)
            over.set()

    async def kill(what: str) -> None:
        if what == "server":
            await asyncio.to_thread(server.kill)
        else:
            await asyncio.to_thread(server.kill_database)
        killed_at = time.monotonic()
        if what == "server":
            server.start()
        while not (late := [heard for sent, heard in (one.last_done for one in annotators) if sent > killed_at]):
            assert time.monotonic() < killed_at + RECOVERY_SECONDS, server.log()[-4000:]
            await asyncio.sleep(0.02)
        recoveries[what].append(min(late) - killed_at)
        assert await asyncio.to_thread(broken, server.database_url()) == {}

    asyncio.run(play())
    print(f"{KILLS} kills, {dict(tally)}")
    for what, seconds in recoveries.items():
        print(f"back after the {what} was killed: median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s")
    assert broken(server.database_url()) == {}
    assert lost(server.database_url(), annotators) == {}
    assert tally["unknown"] > 0
