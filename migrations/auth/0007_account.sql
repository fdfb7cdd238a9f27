-- What people look after by themselves: the name that others see, another address of e-mail, tokens for programs.

-- The name that people see; without one it is the username. Signing in never looks at it.
alter table users add column display_name varchar(64);

-- A change of address that waits to be agreed to at both addresses. The links are in `mail_tokens`; they die when the
-- account changes in a way that matters, and so does the change: it counts only while each side has agreed or still
-- has a living link. A newer change of the same account takes the row of the older one.
create table email_changes (
    user_id integer constraint email_changes_pkey primary key
        constraint email_changes_user_id_fkey references users (id) on delete cascade,
    new_email varchar(255) not null,
    -- The session from which it was asked; it goes on when the others end.
    session_id uuid not null,
    asked_at timestamptz not null default now(),
    expires_at timestamptz not null,
    left_at timestamptz,
    entered_at timestamptz
);

-- Tokens that people make for their programs. Known by SHA-256 alone; `api_token_id` names one in lists and logs and
-- opens nothing.
create table api_tokens (
    api_token_id uuid constraint api_tokens_pkey primary key,
    user_id integer not null constraint api_tokens_user_id_fkey references users (id) on delete cascade,
    name varchar(64) not null,
    token_hash text not null constraint api_tokens_token_hash_key unique,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    constraint api_tokens_scopes_known check (
        cardinality(scopes) > 0 and scopes <@ array['photos:read', 'photos:write', 'account:read']
    )
);
create index api_tokens_user_id_idx on api_tokens (user_id);

-- A disabled account has no tokens: enabling it again gives none of them back.
create function end_api_tokens() returns trigger language plpgsql as $$
begin
    delete from api_tokens where user_id = new.id;
    return null;
end $$;
create trigger users_end_api_tokens after update of is_active on users
    for each row when (old.is_active and not coalesce(new.is_active, false))
    execute function end_api_tokens();

-- Whoever keeps an answer of `verify-session` about a token hears of its end as of the end of a session.
create function tell_api_token_ended() returns trigger language plpgsql as $$
declare
    told events;
begin
    -- The lock of `tell_event`, for the reasons given there.
    perform pg_advisory_xact_lock(5007, 5);
    insert into events (kind, user_id, session_id) values ('session.ended', old.user_id, old.api_token_id)
    returning * into told;
    perform pg_notify('events', json_build_object(
        'id', told.event_id, 'kind', told.kind, 'user_id', told.user_id, 'session_id', told.session_id
    )::text);
    return null;
end $$;
create constraint trigger api_tokens_tell_ended after delete on api_tokens
    deferrable initially deferred for each row
    when (old.expires_at > now())
    execute function tell_api_token_ended();

-- A person reads the record of their own account from its newest row.
create index audit_logs_user_id_id_idx on audit_logs (user_id, id);
