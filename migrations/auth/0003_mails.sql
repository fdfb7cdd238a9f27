-- Mails on their way. A row is made in the transaction of what it tells about, so there is never a mail about something
-- that did not happen, nor something that nobody is told of. A row says for months what became of a mail; what the mail
-- said is sealed, because it holds links that open accounts, and is erased as soon as it is sent or given up.
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
