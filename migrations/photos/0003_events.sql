-- Following what happens at the auth-service. An account that is gone there stays here as the owner of its galleries,
-- which administrators alone see from then on.
alter table users add column deleted_at timestamptz;

-- How far the stream of events was followed, so that nothing is missed while photos was down.
create table event_cursors (
    source text constraint event_cursors_pkey primary key,
    event_id bigint not null,
    updated_at timestamptz not null default now()
);
