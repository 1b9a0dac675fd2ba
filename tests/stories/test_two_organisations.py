"""Two organisations with the same names: every operation of one, tried with the ids of the other, finds nothing.

The operations are read from the OpenAPI document and the rows from the database's catalogue, so that a new route or a
new table is tried without a change here. A foreign id and an unknown id must get the same reply.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from psycopg import sql
from psycopg.rows import dict_row

from assay import workforce
from assay.api.main import create_app
from assay.identity import Role, add_member, found_organisation, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database
from assay.storage.migrate import migrate

Schema = dict[str, Any]
Connection = psycopg.Connection[dict[str, Any]]
CANARY = "what the rival keeps to itself"
TWIN = "Twin"  # what both call their project, their annotator, their item
ITEM = {"external_id": TWIN, "text": "a cat"}
OPTIONS = [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
PROJECT = {
    "name": TWIN,
    "version": "1.0.0",
    "guideline": {"version": "1.0.0", "markdown": "Say what you see."},
    "fields": [{"key": "text", "type": "text", "from": "item.text"}],
    "questions": [{"key": "good", "type": "choice", "title": "Good?", "options": OPTIONS}],
}
DOCUMENT: Schema = create_app().openapi()
NAMED_FOR_ITSELF = {"person_id": "identity_person"}  # a table of the installation, reached through memberships


@dataclass(frozen=True)
class Operation:
    """One operation as its document describes it."""

    name: str
    method: str
    path: str
    parameters: tuple[Schema, ...]
    body: Schema | None

    def ids(self) -> list[str]:
        """The parameters of its path that are ids."""
        return [p["name"] for p in self.parameters if p["in"] == "path" and p["schema"].get("format") == "uuid"]

    def names_ids(self) -> bool:
        """Whether its body refers to things by their ids."""
        used: dict[str, UUID] = {}
        sample(self.body or {}, {}, used)
        return bool(used)

    def call(self, client: TestClient, ids: dict[str, UUID], body: Any = None) -> Response:
        values: dict[str, Any] = {p["name"]: sample(p["schema"]) for p in self.parameters if p["in"] == "path"}
        needed = {p["name"]: sample(p["schema"]) for p in self.parameters if p["in"] == "query" and p.get("required")}
        headers = {p["name"]: sample(p["schema"]) for p in self.parameters if p["in"] == "header" and p.get("required")}
        return client.request(
            self.method,
            self.path.format(**values | {name: str(value) for name, value in ids.items()}),
            params=needed,
            headers={name: str(value) for name, value in headers.items()},
            json=sample(self.body) if body is None and self.body else body,
        )


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, details in methods.items():
            content = details.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            yield Operation(details["operationId"], method.upper(), path, tuple(details.get("parameters", ())), body)


def resolved(schema: Schema) -> Schema:
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return resolved(next(each for each in schema[key] if each.get("type") != "null"))
    return schema


def sample(schema: Schema, named: dict[str, UUID] | None = None, used: dict[str, UUID] | None = None) -> Any:
    """The smallest value that fits: required properties only, and fresh ids.

    With `used`, properties that are ids are all there, taken from `named` by their tables' names, and noted in `used`.
    """
    schema = resolved(schema)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            return {
                name: value_of(name, part, named or {}, used)
                for name, part in schema.get("properties", {}).items()
                if name in schema.get("required", ()) or (used is not None and is_id(part))
            }
        case "array":
            return [sample(schema["items"]) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "string" if schema.get("format") == "uuid":
            return str(new_id())
        case "string":
            first = re.match(r"\^\(?(\w+)", schema.get("pattern", ""))
            return first[1] if first else "x" * max(1, schema.get("minLength", 1))
    return {}


def value_of(name: str, schema: Schema, named: dict[str, UUID], used: dict[str, UUID] | None) -> Any:
    if used is None or not is_id(schema):
        return sample(schema)
    noun = name.removesuffix("_id").removesuffix("s")
    used[name] = next((own for table, own in named.items() if table.endswith(f"_{noun}")), new_id())
    return [str(used[name])] if resolved(schema).get("type") == "array" else str(used[name])


def is_id(schema: Schema) -> bool:
    schema = resolved(schema)
    return resolved(schema.get("items", schema)).get("format") == "uuid"


READ_FIRST = {"publish_version": PROJECT, "import_file": ITEM}  # a body that is looked at before the id must be good
WITH_IDS = [operation for operation in operations() if operation.ids()]
NAMING = [operation for operation in operations() if operation.names_ids() and operation.name != "sign_in_here"]
LISTS = [
    operation for operation in operations() if operation.method == "GET" and set(operation.ids()) <= {"project_id"}
]


@pytest.fixture(scope="module")
def database(empty_database: Callable[[], AbstractContextManager[str]]) -> Iterator[Database]:
    """A database of its own: the rival's rows make no sense and would disturb others."""
    with empty_database() as url:
        migrate(url)
        opened = Database(url, connections=4)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def rival(database: Database) -> Iterator[dict[str, UUID]]:
    """Another organisation with a row in every table; returns the id of each, by the table's name."""
    organisation_id, person_id = found_organisation(
        database, TWIN, owner_email=f"{new_id()}@example.org", owner_name=CANARY
    )
    with psycopg.connect(database.url, row_factory=dict_row) as connection:
        connection.execute("set session_replication_role = replica")  # whether the rows fit together is no matter
        ids = {"identity_person": person_id} | {table: new_id() for table in tables(connection)}
        for table in tables(connection):
            add_row(connection, table, organisation_id, ids)
        connection.commit()
        before = rows(connection, organisation_id)
        connection.commit()
        yield ids
        assert rows(connection, organisation_id) == before  # nothing of all this reached the rival


def rows(connection: Connection, organisation_id: UUID) -> list[str]:
    """Everything that an organisation has, as text."""
    return [
        row["text"]
        for table in tables(connection)
        for row in connection.execute(
            sql.SQL("select t::text as text from {} t where organisation_id = %s order by 1").format(
                sql.Identifier(table)
            ),
            (organisation_id,),
        )
    ]


def tables(connection: Connection) -> list[str]:
    """The tables of organisations."""
    rows = connection.execute(
        """
        select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where a.attname = 'organisation_id' and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and c.relname <> 'identity_organisation'
        """
    )
    return [row["name"] for row in rows]


def add_row(connection: Connection, table: str, organisation_id: UUID, ids: dict[str, UUID]) -> None:
    """Put in a row with a value in every column that must have one; `task_id` names the rival's task."""
    columns = connection.execute(
        """
        select a.attname as name, t.typname as type, (
            select substring(pg_get_constraintdef(k.oid) from '''([^'']+)''') from pg_constraint k
            where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1) as allowed
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped
          and (a.attname like '%%id' or a.attnotnull and not a.atthasdef)
        """,
        (table,),
    ).fetchall()
    nouns = {name.split("_", 1)[1]: own for name, own in ids.items()}
    row: dict[str, Any] = {"organisation_id": organisation_id}
    for column in columns:
        name: str = column["name"]
        meant = ids[table] if name == "id" else nouns.get(name.removesuffix("_id")) if name.endswith("_id") else None
        alike = TWIN if name in ("name", "external_id", "pseudonym") else None
        row.setdefault(name, alike or column["allowed"] or meant or of_type(column["type"]))
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def of_type(kind: str) -> Any:
    """Some value that a column of this type takes."""
    if kind.startswith("_"):
        return []
    return {
        "uuid": new_id(),
        "text": CANARY,
        "bpchar": "x",
        "jsonb": json.dumps({"canary": CANARY}),
        "bytea": CANARY.encode(),
        "bool": False,
        "timestamptz": "2100-01-01T00:00:00Z",
    }.get(kind, 1)


@pytest.fixture(scope="module")
def client(database: Database) -> Iterator[TestClient]:
    """Someone of our own organisation, who may do everything here."""
    organisation_id, person_id = found_organisation(
        database, TWIN, owner_email=f"{new_id()}@example.org", owner_name="Olga"
    )
    with database.transaction(organisation_id, Actor("operator")) as session:
        email = session.one("select email from identity_person where id = %s", (person_id,))["email"]
        add_member(session, email, "Olga", list(Role))
        workforce.add_annotator(session, person_id, pseudonym=TWIN)
        token = issue_token(session, person_id)[1]
    with TestClient(create_app(database), base_url="https://testserver") as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


def table_of(name: str, rival: dict[str, UUID]) -> str:
    """The table whose rows a parameter names: `task_id` names a row of `tasks_task`."""
    found = [table for table in rival if table.split("_", 1)[1] == name.removesuffix("_id")]
    return NAMED_FOR_ITSELF.get(name) or found[0]


def without_ids(reply: Response, ids: dict[str, UUID]) -> tuple[int, str]:
    text = reply.text
    for value in ids.values():
        text = text.replace(str(value), "…")
    return reply.status_code, text


@pytest.fixture(scope="module")
def project_id(client: TestClient, rival: dict[str, UUID]) -> UUID:
    """A project of ours at work, under the names that the rival uses too."""
    made = client.post("/api/v1/projects", json=PROJECT)
    assert made.status_code == 201, made.text
    project = f"/api/v1/projects/{made.json()['id']}"
    taken = client.post(f"{project}/imports", params={"kind": "items", "format": "jsonl", "wait": True}, json=ITEM)
    assert taken.json()["accepted"] == 1, taken.text
    assert client.post(f"{project}/open").status_code == 200
    return UUID(made.json()["id"])


@pytest.mark.parametrize("operation", WITH_IDS, ids=lambda operation: operation.name)
def test_a_foreign_id_is_not_found_like_an_unknown_one(
    client: TestClient, rival: dict[str, UUID], operation: Operation
) -> None:
    theirs = {name: rival[table_of(name, rival)] for name in operation.ids()}
    nobodys = {name: new_id() for name in operation.ids()}
    body = READ_FIRST.get(operation.name)
    foreign, unknown = operation.call(client, theirs, body), operation.call(client, nobodys, body)
    assert without_ids(foreign, theirs) == without_ids(unknown, nobodys)
    assert foreign.status_code == 404, foreign.text
    assert CANARY not in foreign.text


@pytest.mark.parametrize("operation", NAMING, ids=lambda operation: operation.name)
def test_a_foreign_id_in_a_body_is_answered_like_an_unknown_one(
    client: TestClient, rival: dict[str, UUID], project_id: UUID, operation: Operation
) -> None:
    ids = {name: project_id if name == "project_id" else new_id() for name in operation.ids()}
    replies: list[tuple[int, str]] = []
    for named in (rival, {}):
        used: dict[str, UUID] = {}
        reply = operation.call(client, ids, sample(operation.body or {}, named, used))
        assert used
        replies.append(without_ids(reply, used))
    assert replies[0] == replies[1]
    assert replies[0][0] >= 400


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_what_we_read_shows_nothing_of_the_rival(
    client: TestClient, rival: dict[str, UUID], project_id: UUID, operation: Operation
) -> None:
    shown = operation.call(client, {"project_id": project_id} if operation.ids() else {})
    assert shown.status_code in (200, 404), shown.text
    assert CANARY not in shown.text
    assert [table for table, own in rival.items() if str(own) in shown.text] == []


def test_the_log_of_a_foreign_subject_is_empty(client: TestClient, rival: dict[str, UUID]) -> None:
    for subject in (rival["tasks_task"], new_id()):
        assert client.get("/api/v1/events", params={"subject": str(subject)}).json() == {"items": [], "next": None}
