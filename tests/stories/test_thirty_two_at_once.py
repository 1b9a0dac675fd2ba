"""Thirty-two annotators at once, whose clients die and repeat themselves: no task over its overlap, nothing lost."""

import asyncio
import random
import time
from collections import Counter
from uuid import UUID

import psycopg

from assay.identity import found_organisation, issue_token
from assay.storage import Actor, Database

ANNOTATORS = 32
LOAD_SECONDS = 18
CALM_SECONDS = 100  # at most, for the rest of the work
OPERATOR = Actor("operator")


def test_thirty_two_annotators_at_once(server, make_in, new_annotator, habits, questions, broken, lost) -> None:
    url = server.database_url()
    database = Database(url, connections=2)
    organisation_id, _ = found_organisation(database, "Crowd", owner_email="owner@example.org", owner_name="Owner")
    plan = {"lease_seconds": 10, "grace_seconds": 0, "recall_seconds": 2, "gold_share": 0.1, "questions": questions}
    with database.transaction(organisation_id, OPERATOR) as session:
        make = make_in(session)
        overlaps = ({"overlap_min": 1}, {"overlap_min": 2}, {"overlap_min": 1, "overlap_max": 3})
        projects = [make.project(**plan, **overlap) for overlap in overlaps]
        for project in projects:
            make.tasks(project, 40, is_gold=True)
        tokens = [issue_token(session, make.annotator())[1] for _ in range(ANNOTATORS)]
    tally: Counter[str] = Counter()
    usual = habits(dies=0.01, naps=0.02, gives_back=0.05, recalls=0.08)
    annotators = [
        new_annotator(server.port, token, [str(p) for p in projects], random.Random(n), usual, tally)
        for n, token in enumerate(tokens)
    ]
    until = time.monotonic() + LOAD_SECONDS
    over = asyncio.Event()

    async def play() -> list[dict[str, int]]:
        async with asyncio.timeout(LOAD_SECONDS + CALM_SECONDS), asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            for annotator in annotators:
                group.create_task(annotator.work(over.is_set))
        return watching.result()

    async def watch() -> list[dict[str, int]]:
        """Bring work as it is taken, so that many are after the last seats; and count all the while."""
        seen: list[dict[str, int]] = []
        while time.monotonic() < until:
            await asyncio.to_thread(bring_work)
            seen.append(await asyncio.to_thread(broken, url))
            await asyncio.sleep(0.5)
        for annotator in annotators:
            annotator.habits = habits()
        while await asyncio.to_thread(unfinished, url):
            await asyncio.sleep(0.5)
        over.set()
        return seen

    def bring_work() -> None:
        with database.transaction(organisation_id, OPERATOR) as session:
            for project in projects:
                if free_seats(session, project) < ANNOTATORS:
                    make_in(session).tasks(project, ANNOTATORS // 2)

    seen = asyncio.run(play())
    database.close()
    print(dict(tally))
    assert [one for one in seen if one] == []
    assert broken(url) == {}
    assert lost(url, annotators) == {}
    assert {"clients died", "resumed", "surplus", "recalled", "given back"} <= {what for what, n in tally.items() if n}


def free_seats(session, project: UUID) -> int:
    return session.one(
        """
        select coalesce(sum(overlap_wanted - seats_taken), 0) as n from tasks_task
        where organisation_id = %s and project_id = %s and state = 'open' and not is_gold
        """,
        (session.organisation_id, project),
    )["n"]


def unfinished(url: str) -> int:
    """Tasks that want other than the answers they got, and what is still to be heard and may ask for more."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """
            select (select count(*) from tasks_task
                    where not is_gold and (state not in ('complete', 'settled') or responses <> overlap_wanted))
                + (select count(*) from storage_outbox)
                + (select count(*) from procrastinate_jobs where status in ('todo', 'doing'))
            """
        ).fetchone()
    assert row
    return row[0]
