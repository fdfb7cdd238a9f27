-- Accounts at outside providers that sign somebody in here. Such an account is known by issuer and subject and never
-- by its address: addresses are given to other people, and another issuer may know other people by the same subject.
-- `email` is what the provider vouched for when the link was made; it is only shown.
create table identities (
    identity_id bigserial primary key,
    user_id integer not null constraint identities_user_id_fkey references users (id) on delete cascade,
    provider text not null constraint identities_provider_known check (provider in ('github', 'google', 'oidc')),
    issuer text not null,
    subject varchar(255) not null,
    email varchar(255) not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    constraint identities_issuer_subject_key unique (issuer, subject),
    constraint identities_user_id_issuer_key unique (user_id, issuer)
);
