"""Tables of organisations, people, memberships and secrets."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from assay.storage import Session
from assay.storage.session import Row


def register(connection: Connection[Row], organisation_id: UUID) -> None:
    connection.execute("insert into identity_register (id) values (%s)", (organisation_id,))


def registered(connection: Connection[Row]) -> list[UUID]:
    """The ids of all organisations, oldest first."""
    return [row["id"] for row in connection.execute("select id from identity_register order by created_at").fetchall()]


def add_organisation(session: Session, name: str, currency: str) -> None:
    session.execute(
        "insert into identity_organisation (organisation_id, name, currency) values (%s, %s, %s)",
        (session.organisation_id, name, currency),
    )


def organisation(session: Session) -> Row:
    return session.one(
        "select organisation_id, name, kind, currency, state from identity_organisation where organisation_id = %s",
        (session.organisation_id,),
    )


def person_by_email(session: Session, email: str) -> Row | None:
    return session.first("select * from identity_person where email = lower(%s)", (email,))


def person_to_sign_in(connection: Connection[Row], email: str) -> Row | None:
    return connection.execute("select * from identity_person where email = lower(%s)", (email,)).fetchone()


def note_sign_in(connection: Connection[Row], person_id: UUID, *, failed: bool) -> None:
    connection.execute(
        """
        update identity_person set failures = case when %(failed)s then failures + 1 else 0 end,
            failed_at = case when %(failed)s then clock_timestamp() else failed_at end
        where id = %(person)s
        """,
        {"failed": failed, "person": person_id},
    )


def add_person(session: Session, person_id: UUID, email: str, name: str) -> None:
    session.execute(
        "insert into identity_person (id, email, name) values (%s, lower(%s), %s)", (person_id, email, name)
    )


def person(session: Session, person_id: UUID) -> Row | None:
    """A person of this organisation; others are not there."""
    return session.first(
        """
        select id, email, name, locale, state from identity_person
        where id = %s and %s = any(organisations)
        """,
        (person_id, session.organisation_id),
    )


def set_password(session: Session, person_id: UUID, password_hash: str) -> None:
    session.execute("update identity_person set password_hash = %s where id = %s", (password_hash, person_id))


def add_membership(session: Session, membership_id: UUID, person_id: UUID, role: str) -> bool:
    """False when the person already has the role."""
    added = session.execute(
        """
        insert into identity_membership (organisation_id, id, person_id, role) values (%s, %s, %s, %s)
        on conflict (organisation_id, person_id, role) where state <> 'ended' do nothing
        """,
        (session.organisation_id, membership_id, person_id, role),
    )
    session.execute(
        "update identity_person set organisations = array_append(organisations, %s) "
        "where id = %s and not %s = any(organisations)",
        (session.organisation_id, person_id, session.organisation_id),
    )
    return added == 1


def end_memberships(session: Session, person_id: UUID, role: str | None) -> list[UUID]:
    rows = session.all(
        """
        update identity_membership set state = 'ended'
        where organisation_id = %s and person_id = %s and state = 'active' and (%s::text is null or role = %s)
        returning id
        """,
        (session.organisation_id, person_id, role, role),
    )
    return [row["id"] for row in rows]


def members(session: Session, *, after: UUID | None, limit: int) -> list[Row]:
    return session.all(
        """
        select p.id, p.email, p.name, array_agg(m.role order by m.role) as roles
        from identity_membership m join identity_person p on p.id = m.person_id
        where m.organisation_id = %s and m.state = 'active' and (%s::uuid is null or p.id > %s)
        group by p.id order by p.id limit %s
        """,
        (session.organisation_id, after, after, limit),
    )


def add_token(
    session: Session,
    token_id: UUID,
    *,
    person_id: UUID,
    kind: str,
    label: str,
    secret_hash: bytes,
    lasts: timedelta,
    uses: int | None,
) -> datetime:
    """Returns when it expires, on the database's clock."""
    return session.one(
        """
        insert into identity_token (organisation_id, id, person_id, kind, label, hash, uses_left, expires_at)
        values (%s, %s, %s, %s, %s, %s, %s, clock_timestamp() + %s) returning expires_at
        """,
        (session.organisation_id, token_id, person_id, kind, label, secret_hash, uses, lasts),
    )["expires_at"]


def bearer(session: Session, secret_hash: bytes, operation: str, key: str | None) -> Row | None:
    """The live session or token with this hash, the roles of its person, and what was answered to this key before.

    `body_hash`, `status` and `reply` are null when the person has not used the idempotency key for this operation.
    """
    return session.first(
        """
        select t.id, t.person_id, t.kind, array(
            select m.role from identity_membership m
            where m.organisation_id = %(organisation)s and m.person_id = t.person_id and m.state = 'active') as roles,
            i.body_hash, i.status, i.reply
        from identity_token t
        left join identity_idempotency i on i.organisation_id = %(organisation)s and i.actor_id = t.person_id
            and i.operation = %(operation)s and i.key = %(key)s
        where t.organisation_id = %(organisation)s and t.hash = %(hash)s and t.kind in ('session', 'api')
          and t.revoked_at is null and t.expires_at > clock_timestamp()
        """,
        {"organisation": session.organisation_id, "hash": secret_hash, "operation": operation, "key": key},
    )


def use_link(session: Session, secret_hash: bytes) -> UUID | None:
    """Take one use of a one-time link; the person it is for, or None when it is used up or too old."""
    row = session.first(
        """
        update identity_token set uses_left = uses_left - 1
        where organisation_id = %s and hash = %s and kind = 'link' and revoked_at is null
          and expires_at > clock_timestamp() and uses_left > 0
        returning person_id
        """,
        (session.organisation_id, secret_hash),
    )
    return row["person_id"] if row else None


def revoke_token(session: Session, token_id: UUID, *, person_id: UUID | None) -> bool:
    """Of this person only, when one is given."""
    return bool(
        session.execute(
            """
            update identity_token set revoked_at = clock_timestamp()
            where organisation_id = %s and id = %s and revoked_at is null and (%s::uuid is null or person_id = %s)
            """,
            (session.organisation_id, token_id, person_id, person_id),
        )
    )


def tokens(session: Session, person_id: UUID) -> list[Row]:
    return session.all(
        """
        select id, kind, label, created_at, expires_at from identity_token
        where organisation_id = %s and person_id = %s and kind = 'api' and revoked_at is null
        order by id
        """,
        (session.organisation_id, person_id),
    )


def keep_reply(
    session: Session, actor_id: UUID, operation: str, key: str, *, body_hash: bytes, status: int, reply: bytes
) -> None:
    session.later(
        """
        insert into identity_idempotency (organisation_id, actor_id, operation, key, body_hash, status, reply)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (session.organisation_id, actor_id, operation, key, body_hash, status, reply),
    )


def forget_replies(session: Session, *, days: int) -> int:
    return session.execute(
        """
        delete from identity_idempotency
        where organisation_id = %s and created_at < now() - make_interval(days => %s)
        """,
        (session.organisation_id, days),
    )


def sign_in_rows(session: Session, person_id: UUID) -> dict[str, Any]:
    """What the first page shows: the person, the organisation, the roles."""
    return {"person": person(session, person_id), "organisation": organisation(session)}
