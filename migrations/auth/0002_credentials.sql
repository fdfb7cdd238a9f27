-- Links sent by mail prove something about an account as it was when they were sent. The version below goes up with
-- every change of password, address or state, and a link counts only while the account still has the version it was
-- made for: nobody has to remember to withdraw it.
alter table users add column credentials_version integer not null default 0;

create function raise_credentials_version() returns trigger language plpgsql as $$
begin
    new.credentials_version := old.credentials_version + 1;
    return new;
end $$;

create trigger users_credentials_version before update of password_hash, email, is_active on users
    for each row when (
        (old.password_hash, old.email, old.is_active) is distinct from (new.password_hash, new.email, new.is_active)
    )
    execute function raise_credentials_version();

-- One link of a kind is alive for an account: a newer one takes the row of the older one.
create table mail_tokens (
    token_hash text constraint mail_tokens_pkey primary key,
    purpose text not null,
    user_id integer not null constraint mail_tokens_user_id_fkey references users (id) on delete cascade,
    email varchar(255) not null,
    credentials_version integer not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint mail_tokens_user_id_purpose_key unique (user_id, purpose)
);

-- Reset tokens of the earlier system were kept in clear. They are good for nothing any more.
update users set reset_token = null, reset_token_expires = null where reset_token is not null;
