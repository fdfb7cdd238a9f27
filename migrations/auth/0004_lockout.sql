-- Failed tries of a password, counted before the password is looked at: of many guesses at once no more are tried than
-- may be. A row stands for an account as strangers see it (`account:7`), for an account on a device that it has signed
-- in from before (`device:7:…`), or for a name that nobody has (`name:` and a keyed hash, so that nothing that was typed
-- is kept and yet unknown names lock as known ones do). A success deletes the row, and so does time.
--
-- No foreign key: a try and the end of its account must not wait for each other; a row without its account is
-- thrown away like any other.
create table sign_in_counters (
    counter_key text constraint sign_in_counters_pkey primary key,
    user_id integer,
    failures integer not null,
    locks integer not null default 0,
    locked_until timestamptz,
    updated_at timestamptz not null default now()
);
create index sign_in_counters_user_id_idx on sign_in_counters (user_id);
create index sign_in_counters_updated_at_idx on sign_in_counters (updated_at);
