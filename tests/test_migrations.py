"""The schema as the database has it: built from nothing, built twice, and fenced where organisations live."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from assay.storage.migrate import migrate

# The installation's own tables, which belong to no organisation. A new one wants a reason.
OF_THE_INSTALLATION = {
    "identity_register",  # the ids of organisations, for jobs that visit each
    "identity_person",  # a person may work for several organisations
    "alembic_version",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
}
RIGHTS = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
ADD_AND_READ_ONLY = ("audit_event", "tasks_response")
CHANGEABLE = {"tasks_response": {"state", "is_counted"}}

Catalogue = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="module")
def catalogue(database_url: str) -> Iterator[Catalogue]:
    with psycopg.connect(database_url, row_factory=dict_row, autocommit=True) as connection:
        yield connection


def ask(catalogue: Catalogue, query: str) -> list[str]:
    """The first column of a query on the catalogue, with `fenced` for the tables of organisations."""
    fenced = """
        with fenced as (
            select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id'
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        )
    """
    rows = catalogue.execute(fenced + query).fetchall()  # pyright: ignore[reportArgumentType]
    return [next(iter(row.values())) for row in rows]


def test_an_empty_database_reaches_the_present_schema_and_stays_there(
    empty_database: Callable[[], AbstractContextManager[str]],
) -> None:
    with empty_database() as url:
        migrate(url)
        first = schema(url)
        migrate(url)
        assert schema(url) == first
        assert "audit_event.salt" in first


def schema(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public'"
        )
        return {row[0] for row in rows}


def test_there_are_tables_of_organisations(catalogue: Catalogue) -> None:
    assert len(ask(catalogue, "select relname from fenced")) > 20


def test_every_table_of_an_organisation_is_fenced(catalogue: Catalogue) -> None:
    open_ones = ask(
        catalogue,
        """
        select relname from fenced where not relrowsecurity or not relforcerowsecurity or not exists (
            select from pg_policy p where p.polrelid = fenced.oid and p.polcmd = '*' and p.polpermissive
              and pg_get_expr(p.polqual, p.polrelid) like '%nullif(current_setting(''assay.organisation''%'
              and pg_get_expr(p.polwithcheck, p.polrelid) like '%nullif(current_setting(''assay.organisation''%')
        """.replace("nullif", "NULLIF"),
    )
    assert open_ones == []


def test_no_table_has_a_second_policy(catalogue: Catalogue) -> None:
    assert ask(catalogue, "select polrelid::regclass::text from pg_policy group by polrelid having count(*) > 1") == []


def test_other_tables_are_on_the_short_list(catalogue: Catalogue) -> None:
    others = ask(
        catalogue,
        """
        select relname from pg_class c
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and oid not in (select oid from fenced)
        """,
    )
    assert set(others) <= OF_THE_INSTALLATION


def test_keys_and_unique_indexes_lead_with_the_organisation(catalogue: Catalogue) -> None:
    loose = ask(
        catalogue,
        """
        select i.indexrelid::regclass::text from pg_index i join fenced on fenced.oid = i.indrelid
        where i.indisunique and i.indkey[0] <> fenced.attnum
        """,
    )
    assert loose == []


def test_every_table_of_an_organisation_has_a_primary_key(catalogue: Catalogue) -> None:
    bare = "select relname from fenced where not exists (select from pg_index where indrelid = oid and indisprimary)"
    assert ask(catalogue, bare) == []


def test_references_between_organisations_tables_carry_the_organisation(catalogue: Catalogue) -> None:
    loose = ask(
        catalogue,
        """
        select k.conrelid::regclass::text || ' ' || k.conname from pg_constraint k
        join fenced here on here.oid = k.conrelid join fenced there on there.oid = k.confrelid
        where k.contype = 'f' and (k.conkey[1] <> here.attnum or k.confkey[1] <> there.attnum)
        """,
    )
    assert loose == []


def test_an_unfenced_table_never_points_into_an_organisation(catalogue: Catalogue) -> None:
    pointing = ask(
        catalogue,
        """
        select k.conname from pg_constraint k join fenced there on there.oid = k.confrelid
        where k.contype = 'f' and k.conrelid not in (select oid from fenced)
        """,
    )
    assert pointing == []


def test_there_are_no_views_and_no_definer_functions(catalogue: Catalogue) -> None:
    in_public = "'public'::regnamespace"
    assert (
        ask(catalogue, f"select relname from pg_class where relnamespace = {in_public} and relkind in ('v', 'm')") == []
    )
    assert ask(catalogue, f"select proname from pg_proc where pronamespace = {in_public} and prosecdef") == []


def test_nobody_may_truncate(catalogue: Catalogue) -> None:
    granted = """
        select distinct grantee || ' ' || table_name from information_schema.role_table_grants
        where table_schema = 'public' and privilege_type = 'TRUNCATE'
          and grantee like 'assay%' and grantee <> 'assay_owner'
    """
    assert ask(catalogue, granted) == []


def test_the_application_owns_nothing_and_bypasses_nothing(catalogue: Catalogue) -> None:
    app = "'assay_app'::regrole"
    assert ask(catalogue, f"select relname from pg_class where relowner = {app}") == []
    assert ask(catalogue, f"select proname from pg_proc where proowner = {app}") == []
    powers = "rolbypassrls or rolsuper or rolcreatedb or rolcreaterole or rolcanlogin"
    assert ask(catalogue, f"select rolname from pg_roles where oid = {app} and ({powers})") == []
    assert ask(catalogue, f"select roleid::regrole::text from pg_auth_members where member = {app}") == []


def test_the_owner_of_the_tables_cannot_bypass_the_fences(catalogue: Catalogue) -> None:
    assert (
        ask(catalogue, "select rolname from pg_roles where rolname = 'assay_owner' and (rolsuper or rolbypassrls)")
        == []
    )
    others = "select relname from fenced join pg_class using (oid, relname) where relowner <> 'assay_owner'::regrole"
    assert ask(catalogue, others) == []


@pytest.mark.parametrize("table", ADD_AND_READ_ONLY)
def test_history_is_only_added_to(catalogue: Catalogue, table: str) -> None:
    held = {r for r in RIGHTS if ask(catalogue, f"select has_table_privilege('assay_app', '{table}', '{r}')")[0]}
    assert held == {"select", "insert"}
    columns = ask(
        catalogue,
        f"""
        select attname from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
          and has_column_privilege('assay_app', attrelid, attnum, 'update')
        """,
    )
    assert set(columns) == CHANGEABLE.get(table, set())


def test_tables_carry_their_rooms_names(catalogue: Catalogue) -> None:
    rooms = (
        "identity",
        "audit",
        "storage",
        "projects",
        "workforce",
        "tasks",
        "scoring",
        "assignment",
        "review",
        "delivery",
    )
    assert [t for t in ask(catalogue, "select relname from fenced") if t.split("_")[0] not in rooms] == []
