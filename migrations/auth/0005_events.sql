-- What happened to sessions and accounts, for everybody who keeps an answer of `verify-session`: the processes of this
-- service hear of it by NOTIFY, other applications by the stream `GET /api/events`, which reads this table.
--
-- Triggers write it, so that no statement that ends a session or changes an account, ours or an operator's, can forget
-- to. They are deferred to the commit and take one advisory lock there, for two reasons:
--
-- - Ids are drawn under that lock, which is kept until the transaction is visible. So ids come into sight in ascending
--   order, and a reader who asks for what is newer than the last id he saw misses nothing. (A sequence alone gives no
--   such promise: a transaction may draw 7, another draw 8 and commit first.)
-- - By then the transaction holds every row lock that it will ever ask for. It waits for nothing else under the
--   advisory lock, so no two transactions can wait for each other because of it.
--
-- Writing down signs of life and sign-ins touches none of the columns below.

create table events (
    event_id bigserial primary key,
    kind text not null,
    -- No foreign key: the event outlives the account.
    user_id integer not null,
    session_id uuid,
    occurred_at timestamptz not null default clock_timestamp(),
    constraint events_kind_known
        check (kind in ('session.ended', 'session.rotated', 'user.changed', 'user.deleted'))
);
create index events_occurred_at_idx on events (occurred_at);

-- The payload holds public ids alone.
create function tell_event() returns trigger language plpgsql as $$
declare
    told events;
begin
    -- The database's own number for this lock; nothing else in it uses this pair.
    perform pg_advisory_xact_lock(5007, 5);
    if tg_table_name = 'sessions' then
        insert into events (kind, user_id, session_id) values (tg_argv[0], old.user_id, old.public_id)
        returning * into told;
    else
        insert into events (kind, user_id) values (tg_argv[0], old.id) returning * into told;
    end if;
    perform pg_notify('events', json_build_object(
        'id', told.event_id, 'kind', told.kind, 'user_id', told.user_id, 'session_id', told.session_id
    )::text);
    return null;
end
$$;

-- Throwing away what has expired by itself is no news to anybody.
create constraint trigger sessions_tell_ended after delete on sessions
    deferrable initially deferred for each row
    when (old.expire > now() at time zone 'utc')
    execute function tell_event('session.ended');

-- A new token for the same session: the old one is dead.
create constraint trigger sessions_tell_rotated after update of sid on sessions
    deferrable initially deferred for each row
    when (old.sid is distinct from new.sid)
    execute function tell_event('session.rotated');

create constraint trigger users_tell_changed after update on users
    deferrable initially deferred for each row
    when ((old.username, old.email, old.user_type, old.is_active, old.email_verified)
        is distinct from (new.username, new.email, new.user_type, new.is_active, new.email_verified))
    execute function tell_event('user.changed');

create constraint trigger users_tell_deleted after delete on users
    deferrable initially deferred for each row
    execute function tell_event('user.deleted');
