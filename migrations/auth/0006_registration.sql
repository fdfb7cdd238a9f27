-- Registrations that wait for their person. There is no account before its address is proven, so nothing here or at
-- sign-in tells whether an address was free, and nobody can prepare an account in somebody else's name. A row is no more
-- than a link on its way; a newer one for the same address takes the row of the older one.
create table registrations (
    token_hash text constraint registrations_pkey primary key,
    email varchar(255) not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create unique index registrations_email_key on registrations (lower(email));

-- Invitations by administrators. One is open for an address: a newer one takes its row, and the older link is dead. It
-- counts while the administrator who sent it still is one, so it outlives neither their account nor their role.
create table invitations (
    invitation_id uuid constraint invitations_pkey primary key,
    token_hash text not null constraint invitations_token_hash_key unique,
    email varchar(255) not null,
    role text not null
        constraint invitations_role_known check (role in ('admin', 'photographer', 'user', 'viewer')),
    invited_by integer constraint invitations_invited_by_fkey references users (id) on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    withdrawn_at timestamptz,
    constraint invitations_one_outcome check (used_at is null or withdrawn_at is null)
);
create unique index invitations_open_email_key on invitations (lower(email))
    where used_at is null and withdrawn_at is null;

-- How many mails of a kind went to one address lately: forms that strangers may send must flood nobody's mailbox.
create index mails_recipient_idx on mails (lower(recipient), created_at);
