-- Share links as policies of their own, and the mail that carries them.

alter table share_links
    -- argon2id; null where none is asked for.
    add column password_hash text,
    -- Wrong tries are counted here, before the right one is compared, so that parallel guesses can't pass the limit.
    add column failed_unlocks integer not null default 0,
    add column failing_since timestamptz,
    add column max_downloads integer,
    add column downloads integer not null default 0,
    add column message text,
    -- Whether its sender hears of the first visit by mail.
    add column tells_sender boolean not null default false,
    add constraint share_links_limits_positive check (max_views > 0 and max_downloads > 0) not valid;

-- What a link shows of its gallery; a link without rows here shows all of it.
create table share_link_sections (
    share_link_id integer not null references share_links (id) on delete cascade,
    section_id bigint not null references sections (id) on delete cascade,
    primary key (share_link_id, section_id)
);
create index share_link_sections_section_idx on share_link_sections (section_id);
-- A link that is limited to sections shows nothing once they are all gone, instead of everything.
alter table share_links add column is_limited_to_sections boolean not null default false;

-- Mails on their way, as in the auth-service: a row is made in the transaction of what it tells about; what the mail says is
-- sealed, because it holds links, and is erased as soon as it is sent or given up.
create table mails (
    mail_id uuid constraint mails_pkey primary key,
    kind text not null,
    recipient text not null,
    sealed bytea,
    created_at timestamptz not null default now(),
    next_attempt_at timestamptz not null default now(),
    attempts integer not null default 0,
    last_error text,
    sent_at timestamptz,
    failed_at timestamptz,
    constraint mails_one_outcome check (sent_at is null or failed_at is null),
    constraint mails_sealed_while_waiting check ((sealed is null) = (sent_at is not null or failed_at is not null))
);
create index mails_due_idx on mails (next_attempt_at) where sealed is not null;
create index mails_created_at_idx on mails (created_at);

-- The courier hears of a new mail when its transaction commits.
create function announce_mails() returns trigger language plpgsql as $$
begin
    perform pg_notify('mails', '');
    return null;
end $$;
create trigger mails_announced after insert on mails for each statement execute function announce_mails();
