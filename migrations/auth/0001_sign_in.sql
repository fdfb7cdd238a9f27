-- What signing in needs: accounts, sessions, the state of a browser at the auth host, and the record of who did what.
-- The tables that the earlier system had keep their names, columns and rows, so that its database can be taken over
-- in place: every table is made only where it is missing, and then gains what it lacks.

create table if not exists users (
    id serial primary key,
    username varchar(255) unique not null,
    email varchar(255) unique not null,
    password_hash varchar(255) not null,
    user_type varchar(50) default 'viewer',
    created_at timestamp default now(),
    last_login timestamp,
    is_active boolean default true,
    email_verified boolean default true
);
alter table users add column if not exists reset_token varchar(255);
alter table users add column if not exists reset_token_expires timestamp;

-- Names and addresses of new accounts are unique without regard to case, but the earlier system may hold several that
-- differ by case alone, and those people keep them. So the key is a column of its own: the eldest of such a group
-- holds the key, the others have none, and every new account must bring one.
alter table users add column if not exists name_key varchar(255);
alter table users add column if not exists email_key varchar(255);
update users set name_key = lower(username)
    where name_key is null
    and id in (select min(id) from users group by lower(username));
update users set email_key = lower(email)
    where email_key is null
    and id in (select min(id) from users group by lower(email));
alter table users add constraint users_name_key_key unique (name_key);
alter table users add constraint users_email_key_key unique (email_key);

-- Signing in finds an account by its name or address without case too, also one that holds no key.
create index if not exists users_lower_username_idx on users (lower(username));
create index if not exists users_lower_email_idx on users (lower(email));

-- The sessions that every application of the domain asks about. `sid` is the hexadecimal SHA-256 of the token.
create table if not exists sessions (
    sid varchar(255) primary key,
    sess jsonb not null,
    expire timestamp not null
);
alter table sessions add column if not exists public_id uuid;
alter table sessions add column if not exists user_id integer;
alter table sessions add column if not exists created_at timestamptz not null default now();
alter table sessions add column if not exists auth_time timestamptz not null default now();
alter table sessions add column if not exists last_seen_at timestamptz not null default now();
alter table sessions add column if not exists absolute_expires_at timestamptz;
alter table sessions add column if not exists user_agent text;
alter table sessions add column if not exists client_address text;

-- The earlier system kept ids that it could not take back and that we did not make: everybody signs in once.
delete from sessions where user_id is null;

alter table sessions alter column public_id set not null;
alter table sessions alter column user_id set not null;
alter table sessions alter column absolute_expires_at set not null;
alter table sessions add constraint sessions_public_id_key unique (public_id);
alter table sessions add constraint sessions_user_id_fkey
    foreign key (user_id) references users (id) on delete cascade;
create index if not exists sessions_user_id_idx on sessions (user_id);
create index if not exists sessions_expire_idx on sessions (expire);

-- The state of one browser at the auth host alone. Times are UTC without a zone, as in `sessions.expire`.
create table browser_sessions (
    sid varchar(255) primary key,
    sess jsonb not null,
    expire timestamp not null
);
create index browser_sessions_expire_idx on browser_sessions (expire);

-- A record of the earlier system may have columns under our names with other meanings, and columns that may not be
-- empty and that we do not write. Its rows stay readable under `earlier_…`, and ours are not refused.
do $$
declare theirs record;
begin
    for theirs in
        select column_name as name, udt_name as type, is_nullable, column_default
        from information_schema.columns
        where table_schema = current_schema() and table_name = 'audit_logs'
    loop
        if theirs.is_nullable = 'NO' and theirs.column_default is null and theirs.name <> 'id' then
            execute format('alter table audit_logs alter column %I drop not null', theirs.name);
        end if;
        if theirs.name in
            ('event', 'user_id', 'username', 'client_address', 'user_agent', 'details', 'occurred_at')
            and (theirs.name, theirs.type) not in
            (('event', 'text'), ('user_id', 'int4'), ('username', 'varchar'), ('client_address', 'text'),
             ('user_agent', 'text'), ('details', 'jsonb'), ('occurred_at', 'timestamptz'))
        then
            execute format('alter table audit_logs rename column %I to %I', theirs.name, 'earlier_' || theirs.name);
        end if;
    end loop;
end $$;

-- Who did what, from where, when. No foreign key: the record outlives the account.
create table if not exists audit_logs (
    id bigserial primary key
);
alter table audit_logs add column if not exists event text;
alter table audit_logs add column if not exists user_id integer;
alter table audit_logs add column if not exists username varchar(255);
alter table audit_logs add column if not exists client_address text;
alter table audit_logs add column if not exists user_agent text;
alter table audit_logs add column if not exists details jsonb not null default '{}';
alter table audit_logs add column if not exists occurred_at timestamptz not null default now();
create index if not exists audit_logs_occurred_at_idx on audit_logs (occurred_at);
create index if not exists audit_logs_user_id_idx on audit_logs (user_id);
