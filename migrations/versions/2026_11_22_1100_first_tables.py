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
    rank bigint not null generated always as ((1000 - priority)::bigint * 1099511627776 + position) stored,
    created_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    foreign key (organisation_id, item_id) references tasks_item (organisation_id, id),
    foreign key (organisation_id, batch_id) references tasks_batch (organisation_id, id),
    foreign key (organisation_id, version_id) references projects_version (organisation_id, id),
    check (responses <= seats_taken),
    check (seats_taken <= overlap_wanted),
    check (overlap_wanted <= overlap_max)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index tasks_task_queue on tasks_task (organisation_id, project_id, rank)
    where state = 'open' and not is_gold and not is_paused and seats_taken < overlap_wanted;
create index tasks_task_gold on tasks_task (organisation_id, project_id, rank)
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
    -- item and version are those of the task, whose own keys hold them: every response would lock the one version's row
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
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
    seed uuid not null default gen_random_uuid(),       -- places gold among the tasks; never leaves the server
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
create table scoring_run (                -- one full refit: what went in, and which method made the numbers
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
    method text not null,
    version text not null,
    seed bigint not null,
    responses int,
    last_response_id uuid,
    last_event_id uuid,                   -- position in the log when the responses were read
    report jsonb not null default '{}',   -- by question: the method that was used and why
    error text,
    queued_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create index scoring_run_project on scoring_run (organisation_id, project_id, id);
create table scoring_model (              -- parameters of the last refit, by which new answers are scored
    organisation_id uuid not null,
    project_id uuid not null,
    question text not null,
    option text not null default '',      -- of a question with several answers: one model per option
    method text not null,
    version text not null,
    run_id uuid not null,
    labels text[] not null,
    annotators uuid[] not null,
    parameters bytea not null,            -- float64, little endian
    primary key (organisation_id, project_id, question, option),
    foreign key (organisation_id, run_id) references scoring_run (organisation_id, id)
);
create table scoring_posterior (
    organisation_id uuid not null,
    project_id uuid not null,
    task_id uuid not null,
    question text not null,
    target text not null default '',
    value jsonb,                          -- the answer that follows from the answers, where there is one
    probabilities jsonb,                  -- by category; null for questions without categories
    estimate double precision,
    low double precision,
    high double precision,
    confidence double precision,          -- probability of the value; null for questions without categories
    agreement double precision,           -- mean likeness of the pairs of answers; null with fewer than two
    n int not null,
    responses uuid[] not null,            -- whose answers these are
    method text not null,
    version text not null,
    run_id uuid,                          -- the refit whose parameters were used; null: none
    primary key (organisation_id, task_id, question, target),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
) with (fillfactor = 85);
create index scoring_posterior_project on scoring_posterior (organisation_id, project_id, task_id);
create table scoring_decision (           -- whether a task's answers are sure enough
    organisation_id uuid not null,
    task_id uuid not null,
    project_id uuid not null,
    state text not null check (state in ('gathering', 'unsure', 'confident', 'disputed')),
    confidence double precision,          -- the least over its required categorical questions; null: it has none
    n int not null,                       -- responses that were seen
    method text not null,
    run_id uuid,
    decided_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, task_id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
) with (fillfactor = 85);
create index scoring_decision_project on scoring_decision (organisation_id, project_id, state);
create table scoring_tally (              -- when the next refit is due
    organisation_id uuid not null,
    project_id uuid not null,
    since_refit int not null default 0,   -- responses heard of
    at_refit int not null default 0,
    primary key (organisation_id, project_id)
);
create table scoring_gold_result (
    organisation_id uuid not null,
    response_id uuid not null,
    gold_id uuid not null,
    project_id uuid not null,
    annotator_id uuid not null,
    question text not null,
    target text,
    verdict text not null check (verdict in ('right', 'partly', 'wrong')),
    score double precision not null,
    graded_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, response_id, gold_id),
    foreign key (organisation_id, response_id) references tasks_response (organisation_id, id),
    foreign key (organisation_id, gold_id) references tasks_gold (organisation_id, id)
);
create index scoring_gold_result_project on scoring_gold_result (organisation_id, project_id);
create table scoring_review_result (      -- what a reviewer or adjudicator found a response's answers to be
    organisation_id uuid not null,
    response_id uuid not null,
    question text not null,
    target text not null default '',
    project_id uuid not null,
    annotator_id uuid not null,
    verdict text not null check (verdict in ('right', 'partly', 'wrong')),
    score double precision not null,
    source_id uuid not null,              -- the review or adjudication
    primary key (organisation_id, response_id, question, target),
    foreign key (organisation_id, response_id) references tasks_response (organisation_id, id)
);
create index scoring_review_result_project on scoring_review_result (organisation_id, project_id);
create table scoring_skill (              -- kinds of evidence are never mixed
    organisation_id uuid not null,
    project_id uuid not null,
    annotator_id uuid not null,
    question text not null,
    evidence text not null check (evidence in ('gold', 'inferred', 'review')),
    domain text not null,
    mean double precision not null,
    low double precision not null,
    high double precision not null,
    n double precision not null,
    method text not null,
    version text not null,
    run_id uuid not null,
    primary key (organisation_id, project_id, annotator_id, question, evidence),
    foreign key (organisation_id, run_id) references scoring_run (organisation_id, id),
    foreign key (organisation_id, annotator_id) references workforce_annotator (organisation_id, id)
);
create table scoring_agreement (
    organisation_id uuid not null,
    project_id uuid not null,
    version_id uuid not null,
    question text not null,
    slice text not null default '',       -- '' is all items; else such as language=zh
    measure text not null,
    value double precision,
    low double precision,
    high double precision,
    raw double precision,
    n_items int not null,
    n_values int not null,
    missing int not null,                 -- replies that it does not apply or cannot be assessed
    method text not null,
    version text not null,
    run_id uuid not null,
    primary key (organisation_id, project_id, version_id, question, slice, measure),
    foreign key (organisation_id, run_id) references scoring_run (organisation_id, id)
);
"""

REVIEW = """
create sequence review_fence;             -- fencing tokens of reviews and adjudications only grow
create table review_secret (              -- who is sampled follows from it, so that nobody can foresee it
    organisation_id uuid not null,
    project_id uuid not null,
    key bytea not null,
    primary key (organisation_id, project_id)
);
create table review_experience (          -- responses of an annotator that were heard of so far
    organisation_id uuid not null,
    project_id uuid not null,
    annotator_id uuid not null,
    responses int not null,
    primary key (organisation_id, project_id, annotator_id)
);
create table review_review (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    task_id uuid not null,
    response_id uuid not null,
    author_id uuid not null,              -- the annotator
    layer int not null default 1,
    queue text not null check (queue in ('disagreement', 'gold_miss', 'newcomer', 'random')),
    state text not null default 'queued' check (state in ('queued', 'leased', 'finalised', 'skipped')),
    reviewer_id uuid,
    fence bigint,
    lease_until timestamptz,
    alias text not null,
    verdict text check (verdict in ('approve', 'correct', 'return', 'not_usable')),
    answers jsonb,                        -- as corrected
    note text not null default '',
    tags text[] not null default '{}',
    queued_at timestamptz not null default clock_timestamp(),
    leased_at timestamptz,
    finalised_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id),
    foreign key (organisation_id, response_id) references tasks_response (organisation_id, id),
    foreign key (organisation_id, author_id) references workforce_annotator (organisation_id, id)
);
create unique index review_review_once on review_review (organisation_id, response_id, layer);
create index review_review_waiting on review_review (organisation_id, project_id, queue, id)
    where state in ('queued', 'leased');
create index review_review_task on review_review (organisation_id, task_id);
create table review_adjudication (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    task_id uuid not null,
    state text not null default 'queued' check (state in ('queued', 'leased', 'settled', 'parked')),
    reason text not null,                 -- disputed, or corrected: a reviewer contradicts the votes
    adjudicator_id uuid,
    fence bigint,
    lease_until timestamptz,
    answers jsonb,
    causes jsonb,                         -- by response: slip, skill, guideline unclear, item broken, truly ambiguous
    note text not null default '',
    make_gold boolean not null default false,
    queued_at timestamptz not null default clock_timestamp(),
    leased_at timestamptz,
    settled_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
);
create unique index review_adjudication_once on review_adjudication (organisation_id, task_id)
    where state in ('queued', 'leased');
create index review_adjudication_task on review_adjudication (organisation_id, task_id);
create index review_adjudication_waiting on review_adjudication (organisation_id, project_id, id)
    where state in ('queued', 'leased');
create table review_outcome (             -- the quality verdict on a response; what it pays is another matter
    organisation_id uuid not null,
    response_id uuid not null,
    project_id uuid not null,
    task_id uuid not null,
    state text not null
        check (state in ('pending', 'approved', 'corrected', 'returned', 'not_usable', 'unreviewed')),
    source_id uuid,                       -- the review or adjudication
    at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, response_id),
    foreign key (organisation_id, response_id) references tasks_response (organisation_id, id)
);
create index review_outcome_task on review_outcome (organisation_id, task_id);
"""

DELIVERY = """
create sequence delivery_fence;           -- fencing tokens of checks only grow
create table delivery_lot (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    version_id uuid not null,             -- in force when it was sealed; its acceptance plan is the lot's
    rule text not null,                   -- how its tasks were chosen, in words
    size int not null,
    plan jsonb not null,
    seed text,                            -- of the sample; null before the first draw
    state text not null check (state in
        ('sealed', 'inspecting', 'passed', 'failed', 'closed', 'released', 'accepted', 'disputed', 'recalled')),
    decision jsonb,                       -- the last: outcome, bound, checks, reason
    sealed_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id),
    foreign key (organisation_id, version_id) references projects_version (organisation_id, id)
);
create index delivery_lot_project on delivery_lot (organisation_id, project_id, id);
create table delivery_lot_task (
    organisation_id uuid not null,
    lot_id uuid not null,
    task_id uuid not null,
    is_open boolean not null default true,              -- false: the lot was closed, so another may take the task
    primary key (organisation_id, lot_id, task_id),
    foreign key (organisation_id, lot_id) references delivery_lot (organisation_id, id),
    foreign key (organisation_id, task_id) references tasks_task (organisation_id, id)
);
create unique index delivery_lot_task_once on delivery_lot_task (organisation_id, task_id) where is_open;
create table delivery_check (
    organisation_id uuid not null,
    id uuid not null,
    lot_id uuid not null,
    task_id uuid not null,
    position int not null,                -- place in the order that was drawn, from 1
    state text not null default 'drawn' check (state in ('drawn', 'leased', 'judged')),
    auditor_id uuid,
    fence bigint,
    lease_until timestamptz,
    answers jsonb,                        -- the auditor's own, given before the settled ones were seen
    verdict text check (verdict in ('conforming', 'nonconforming', 'unclear')),
    severity text check (severity in ('minor', 'major', 'critical')),
    note text not null default '',
    drawn_at timestamptz not null default clock_timestamp(),
    judged_at timestamptz,
    primary key (organisation_id, id),
    foreign key (organisation_id, lot_id, task_id) references delivery_lot_task (organisation_id, lot_id, task_id)
);
create unique index delivery_check_position on delivery_check (organisation_id, lot_id, position);
create unique index delivery_check_once on delivery_check (organisation_id, lot_id, task_id);
create table delivery_certificate (
    organisation_id uuid not null,
    id uuid not null,
    lot_id uuid not null,
    body jsonb not null,
    issued_at timestamptz not null default clock_timestamp(),
    primary key (organisation_id, id),
    unique (organisation_id, lot_id),
    foreign key (organisation_id, lot_id) references delivery_lot (organisation_id, id)
);
create table delivery_release (
    organisation_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    number int not null,
    state text not null default 'prepared' check (state in ('prepared', 'available', 'accepted', 'failed')),
    wishes jsonb not null,                -- title, licence, trainer files and what else was asked for
    problem text,                         -- why it could not be written
    folder text,                          -- below the releases of the organisation
    key_id text,
    manifest_sha256 text,
    rows jsonb,
    bytes bigint,
    prepared_at timestamptz not null default clock_timestamp(),
    signed_at timestamptz,
    accepted_at timestamptz,
    primary key (organisation_id, id),
    unique (organisation_id, project_id, number),
    foreign key (organisation_id, project_id) references projects_project (organisation_id, id)
);
create table delivery_release_lot (
    organisation_id uuid not null,
    release_id uuid not null,
    lot_id uuid not null,
    is_live boolean not null default true,              -- false: the release could not be written
    primary key (organisation_id, release_id, lot_id),
    foreign key (organisation_id, release_id) references delivery_release (organisation_id, id),
    foreign key (organisation_id, lot_id) references delivery_lot (organisation_id, id)
);
create unique index delivery_release_lot_once on delivery_release_lot (organisation_id, lot_id) where is_live;
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
revoke update, delete on audit_event, tasks_response, tasks_settled, delivery_certificate from assay_app;
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
