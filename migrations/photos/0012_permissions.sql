-- Permissions for addresses that have no account here yet: they become the account's once it proves the address.
create table pending_permissions (
    id bigint generated always as identity primary key,
    gallery_id integer not null references gallery (id) on delete cascade,
    -- In lower case.
    email text not null,
    permission_level text not null,
    granted_by integer references users (id),
    granted_at timestamptz not null default now(),
    constraint pending_permissions_gallery_email_key unique (gallery_id, email),
    constraint pending_permissions_level_known check (permission_level in ('view', 'copy', 'edit'))
);
create index pending_permissions_email_idx on pending_permissions (email);
