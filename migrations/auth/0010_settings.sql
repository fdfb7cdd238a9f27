-- What administrators set while the service runs: one row, in which a column without a value leaves what the environment
-- says.
create table site_settings (
    only_row boolean constraint site_settings_pkey primary key default true,
    site_name text,
    registration text,
    registration_role text,
    updated_at timestamptz not null default now(),
    constraint site_settings_one_row check (only_row),
    constraint site_settings_registration_known check (registration in ('open', 'invitation', 'closed')),
    -- Nobody can make themselves an administrator.
    constraint site_settings_role_known check (registration_role in ('photographer', 'user', 'viewer'))
);
insert into site_settings default values;

-- Every process keeps them and hears of a change, also of an operator's, when it commits.
create function announce_site_settings() returns trigger language plpgsql as $$
begin
    perform pg_notify('site_settings', '');
    return null;
end $$;
create trigger site_settings_announced after update on site_settings
    for each statement execute function announce_site_settings();
