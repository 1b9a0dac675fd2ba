"""The first tables: everything from an item to a release.

Every table of an organisation leads with organisation_id in its keys and is fenced by row-level security.
"""

from alembic import op

revision = "2026_11_22_1100"
down_revision = None

INSTALLATION = """
create table identity_register (          -- the ids of organisations and nothing else, so that jobs can visit each
    id uuid primary key,
    created_at timestamptz not null default clock_timestamp()
);
create table identity_person (
    id uuid primary key,
    email text not null unique,
    name text not null,
    locale text not null default 'en',
    state text not null default 'active' check (state in ('invited', 'active', 'locked', 'left', 'erased')),
    password_hash text,
    failures int not null default 0,
    failed_at timestamptz,
    organisations uuid[] not null default '{}',
    created_at timestamptz not null default clock_timestamp()
);
"""

IDENTITY = """
create table identity_organisation (
    organisation_id uuid primary key,
    name text not null,
    kind text not null default 'customer' check (kind in ('customer', 'vendor', 'operator')),
    currency char(3) not null default 'USD',
    state text not null default 'active' check (state in ('active', 'suspended', 'closing', 'closed')),
    created_at timestamptz not null default clock_timestamp()
);
create table identity_membership (
    organisation_id uuid not null,
    id uuid not null,
    person_id uuid not null references identity_person (id),
    role text not null,
    state text not null default 'active' check (state in ('invited', 'active', 'ended')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id)
);
create unique index identity_membership_once on identity_membership (organisation_id, person_id, role)
    where state <> 'ended';
create table identity_token (             -- sign-in sessions, API tokens and one-time links, known by their hash only
    organisation_id uuid not null,
    id uuid not null,
    person_id uuid not null references identity_person (id),
    kind text not null check (kind in ('session', 'api', 'link')),
    label text not null default '',
    hash bytea not null,
    uses_left int,                        -- of a link; null: any number
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (organisation_id, id)
);
create unique index identity_token_hash on identity_token (organisation_id, hash);
create table identity_idempotency (
    organisation_id uuid not null,
    actor_id uuid not null,
    operation text not null,
    key text not null,
    body_hash bytea not null,
    status int not null,
    reply bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, actor_id, operation, key)
);
"""

GROUND = """
create table audit_event (
    organisation_id uuid not null,
    id uuid not null,
    kind text not null,
    subject_id uuid not null,
    actor_kind text not null,
    actor_id uuid,
    at timestamptz not null default clock_timestamp(),
    body jsonb not null default '{}',
    salt bytea not null,
    primary key (organisation_id, id)
);
create index audit_event_subject on audit_event (organisation_id, subject_id);
create table storage_outbox (
    organisation_id uuid not null,
    id uuid not null,
    listener text not null,
    kind text not null,
    subject_id uuid not null,
    body jsonb not null default '{}',
    due_at timestamptz not null,
    tries int not null default 0,
    parked_at timestamptz,
    error text,
    primary key (organisation_id, id)
);
create unique index storage_outbox_once on storage_outbox (organisation_id, listener, kind, subject_id);
create index storage_outbox_due on storage_outbox (organisation_id, due_at) where parked_at is null;
"""

PROJECTS = """
create table projects_project (
    organisation_id uuid not null,
    id uuid not null,
    name text not null,
    languages text[] not null default '{}',
    state text not null default 'draft' check (state in ('draft', 'live', 'closed', 'archived')),
    version_id uuid,                      -- the published version in force
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    unique (organisation_id, name)
);
create table projects_guideline (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    version text not null,
    markdown text not null,
    change_note text not null default '',
    state text not null check (state in ('draft', 'published', 'superseded')),
    published_at timestamptz,
    primary key (organisation_id, id),
    unique (organisation_id, project_id, version),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create table projects_version (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    number text not null,
    guideline_id uuid not null,
    definition jsonb not null,            -- the whole project file as values
    hash text not null,
    state text not null check (state in ('draft', 'published', 'superseded')),
    published_at timestamptz,
    primary key (organisation_id, id),
    unique (organisation_id, project_id, number),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id),
    foreign key (organisation_id, guideline_id) references projects_guideline (organisation_id, id)
);
"""

WORKFORCE = """
create table workforce_annotator (
    organisation_id uuid not null,
    id uuid not null,
    person_id uuid references identity_person (id),   -- null: known from recorded responses only
    pseudonym text not null,
    languages text[] not null default '{}',
    state text not null default 'active' check (state in ('registered', 'active', 'paused', 'restricted', 'left')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    unique (organisation_id, pseudonym)
);
create unique index workforce_annotator_person on workforce_annotator (organisation_id, person_id)
    where person_id is not null;
create table workforce_qualification (
    organisation_id uuid not null,
    id uuid not null,
    annotator_id uuid not null,
    kind text not null,
    state text not null default 'active'
        check (state in ('provisional', 'active', 'expired', 'suspended', 'revoked')),
    granted_by uuid,
    granted_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    primary key (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
);
create unique index workforce_qualification_live on workforce_qualification (organisation_id, annotator_id, kind)
    where state in ('provisional', 'active');
"""

TASKS = """
create table tasks_item (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    external_id text not null,
    payload jsonb not null,
    sha256 text not null,
    language text,
    slices jsonb not null default '{}',
    state text not null default 'active' check (state in ('active', 'withdrawn')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create unique index tasks_item_external on tasks_item (organisation_id, project_id, external_id);
create table tasks_batch (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    name text not null,
    purpose text not null default 'work'
        check (purpose in ('work', 'trial', 'training', 'calibration', 'assessment', 'bake-off')),
    priority int not null default 0,
    state text not null default 'staged' check (state in ('staged', 'open', 'paused', 'draining', 'closed')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    unique (organisation_id, project_id, name),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create sequence tasks_position;           -- order of arrival; the queue walks it, never the primary key
create table tasks_task (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    item_id uuid not null,
    batch_id uuid not null,
    version_id uuid not null,
    state text not null default 'staged'
        check (state in ('staged', 'open', 'complete', 'settled', 'needs_fix', 'cancelled')),
    is_paused boolean not null default false,           -- its batch is paused or draining
    is_gold boolean not null default false,
    is_disputed boolean not null default false,
    overlap_min int not null,
    overlap_wanted int not null,
    overlap_max int not null,
    seats_taken int not null default 0,                 -- live leases + counted responses
    responses int not null default 0,                   -- counted responses
    priority int not null default 0,
    position bigint not null default nextval('tasks_position'),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id),
    foreign key (organisation_id, batch_id) references tasks_batch (organisation_id, id),
    foreign key (organisation_id, version_id) references projects_version (organisation_id, id),
    check (responses <= seats_taken),
    check (seats_taken <= overlap_wanted),
    check (overlap_wanted <= overlap_max)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index tasks_task_queue on tasks_task (organisation_id, project_id, priority desc, position)
    where state = 'open' and not is_gold and not is_paused and seats_taken < overlap_wanted;
create index tasks_task_gold on tasks_task (organisation_id, project_id, position)
    where state = 'open' and is_gold and not is_paused and seats_taken < overlap_wanted;
create index tasks_task_item on tasks_task (organisation_id, item_id);
create index tasks_task_batch on tasks_task (organisation_id, batch_id);
create index tasks_task_state on tasks_task (organisation_id, project_id, state, id);
create table tasks_gold (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    item_id uuid not null,
    question text not null,
    target text,
    accept jsonb not null,                -- the accepted set, with tolerance and because
    source text not null default 'imported' check (source in ('adjudicated', 'imported', 'written')),
    is_hidden boolean not null default true,
    state text not null default 'live' check (state in ('proposed', 'live', 'suspect', 'retired')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id)
);
create unique index tasks_gold_live on tasks_gold (organisation_id, item_id, question, coalesce(target, ''))
    where state <> 'retired';
create table tasks_response (
    organisation_id uuid not null,
    id uuid not null,                     -- chosen by the client
    project_id uuid not null,
    task_id uuid not null,
    item_id uuid not null,
    annotator_id uuid not null,
    assignment_id uuid,                   -- null: recorded elsewhere and imported
    version_id uuid not null,
    answers jsonb not null,
    shown jsonb not null default '{}',    -- the order in which candidates were shown
    body_hash text not null,
    source text not null default 'assay' check (source in ('assay', 'recorded')),
    revises uuid,
    state text not null default 'submitted' check (state in ('submitted', 'recalled')),
    is_counted boolean not null default true,
    active_seconds real not null default 0,
    idle_seconds real not null default 0,
    submitted_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id),
    foreign key (organisation_id, version_id) references projects_version (organisation_id, id)
);
create unique index tasks_response_counted on tasks_response (organisation_id, task_id, annotator_id)
    where is_counted;
create index tasks_response_project on tasks_response (organisation_id, project_id, id);
create table tasks_suggestion (
    organisation_id uuid not null,
    id uuid not null,
    item_id uuid not null,
    question text not null,
    target text,
    value jsonb not null,
    score real,
    agent text not null,
    agent_version text not null default '',
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id)
);
create unique index tasks_suggestion_once
    on tasks_suggestion (organisation_id, item_id, question, coalesce(target, ''), agent, agent_version);
create table tasks_gold_result (          -- recorded elsewhere: whether an annotator passed a hidden check
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    item_id uuid not null,
    annotator_id uuid not null,
    question text not null,
    verdict text not null check (verdict in ('right', 'partly', 'wrong')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    unique (organisation_id, item_id, annotator_id, question),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
);
create table tasks_settled (
    organisation_id uuid not null,
    id uuid not null,
    task_id uuid not null,
    question text not null,
    target text,
    value jsonb,
    how text not null check (how in ('single', 'aggregated', 'adjudicated')),
    confidence double precision,
    method text not null,
    responses uuid[] not null default '{}',
    source_id uuid,                       -- the scoring run or the adjudication that it came from
    settled_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
);
create unique index tasks_settled_once on tasks_settled (organisation_id, task_id, question, coalesce(target, ''));
create table tasks_fault (
    organisation_id uuid not null,
    id uuid not null,
    task_id uuid not null,
    annotator_id uuid not null,
    reason text not null,
    state text not null default 'open' check (state in ('open', 'answered', 'parked')),
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
);
"""

# Sections of the rooms above: each room's tables, in the order of the floors.
ASSIGNMENT = """
create sequence assignment_fence;         -- fencing tokens only grow
create table assignment_assignment (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    task_id uuid not null,
    annotator_id uuid not null,
    state text not null
        check (state in ('leased', 'started', 'submitted', 'returned', 'expired', 'revising', 'lapsed')),
    holds_seat boolean not null default true,           -- false: surplus, or the seat was given up
    fence bigint not null,
    lease_until timestamptz not null,
    order_seed bigint not null,
    price_minor int,
    currency char(3),
    estimated_seconds int,
    active_seconds real not null default 0,
    idle_seconds real not null default 0,
    reason text,
    leased_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    ended_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create unique index assignment_assignment_once on assignment_assignment (organisation_id, task_id, annotator_id);
create index assignment_assignment_live on assignment_assignment (organisation_id, annotator_id, project_id)
    where state in ('leased', 'started', 'revising');
create index assignment_assignment_due on assignment_assignment (organisation_id, lease_until)
    where state in ('leased', 'started') and holds_seat;
create table assignment_draft (
    organisation_id uuid not null,
    assignment_id uuid not null,
    answers jsonb not null,
    version int not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, assignment_id),
    foreign key (organisation_id, assignment_id) references assignment_assignment (organisation_id, id)
);
create table assignment_tally (           -- one row per person at work on a project; locked while a task is claimed
    organisation_id uuid not null,
    project_id uuid not null,
    annotator_id uuid not null,
    claims bigint not null default 0,
    gold_claims bigint not null default 0,
    primary key (organisation_id, project_id, annotator_id)
) with (fillfactor = 50);
create table assignment_exclusion (
    organisation_id uuid not null,
    id uuid not null,
    annotator_id uuid not null,
    project_id uuid not null,
    reason text not null,
    until timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
);
"""

SCORING = """
"""

REVIEW = """
"""

DELIVERY = """
"""

IMPORTS = """
create table tasks_import (               -- one file that came in, and how far it has been loaded
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    kind text not null check (kind in ('items', 'gold', 'suggestions', 'responses', 'gold_results')),
    format text not null check (format in ('jsonl', 'csv', 'parquet')),
    options jsonb not null default '{}',  -- encoding, separator, columns renamed, question meant, batch
    file_name text not null,              -- as it was sent; on disk it lies under the id
    size_bytes bigint not null,
    sha256 text not null,
    state text not null default 'received' check (state in ('received', 'loading', 'loaded', 'failed')),
    loading_until timestamptz,            -- the lease of the process that loads it
    line bigint not null default 0,       -- rows up to here are dealt with; a repeat goes on after them
    accepted bigint not null default 0,   -- rows that went in
    known bigint not null default 0,      -- rows that were there already, with the same content
    problems bigint not null default 0,   -- rows that did not go in
    columns jsonb,                        -- the columns that were renamed at the door
    created_by uuid,
    created_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create index tasks_import_project on tasks_import (organisation_id, project_id, id);
create index tasks_import_waiting on tasks_import (organisation_id, id) where state in ('received', 'loading');
create table tasks_import_problem (
    organisation_id uuid not null,
    import_id uuid not null,
    number bigint not null,               -- in the order of the file
    line bigint,                          -- null: the file as a whole
    reason text not null,
    primary key (organisation_id, import_id, number),
    foreign key (organisation_id, import_id) references tasks_import (organisation_id, id)
);
"""

SECTIONS = (INSTALLATION, IDENTITY, GROUND, PROJECTS, WORKFORCE, TASKS, IMPORTS, SCORING, ASSIGNMENT, REVIEW, DELIVERY)

FENCE = """
do $$
declare fenced record;
begin
    for fenced in
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'organisation_id'
    loop
        execute format('alter table %1$I enable row level security; alter table %1$I force row level security;
            create policy own on %1$I
            using (organisation_id = nullif(current_setting(''assay.organisation'', true), '''')::uuid)
            with check (organisation_id = nullif(current_setting(''assay.organisation'', true), '''')::uuid);',
            fenced.relname);
    end loop;
end $$;
"""

# What the application may do: everything to rows in progress; only add and read where history must stand.
GRANTS = """
grant usage on schema public to assay_app, assay_backup;
grant select, insert, update, delete on all tables in schema public to assay_app;
grant usage, select on all sequences in schema public to assay_app;
revoke update, delete on audit_event, tasks_response, tasks_settled from assay_app;
grant update (state, is_counted) on tasks_response to assay_app;
grant delete on tasks_settled to assay_app;  -- a reopened task; what was settled stays in the events
grant select on all tables in schema public to assay_backup;
"""


def upgrade() -> None:
    for section in SECTIONS:
        if section.strip():
            op.execute(section)
    op.execute(FENCE)
    op.execute(GRANTS)
