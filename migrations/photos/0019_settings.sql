-- What administrators set while the services run: one row, in which a column without a value leaves what the environment
-- says.
create table site_settings (
    only_row boolean constraint site_settings_pkey primary key default true,
    site_name text,
    upload_max_files integer,
    upload_max_file_mb integer,
    watermark_text text,
    trash_days integer,
    event_days integer,
    -- 0: no limit.
    quota_bytes bigint,
    -- What is drawn over the photos of those who chose no watermark: this text, else their name. Its number is one of
    -- `watermark_versions`, 0 for the name. Apart from `watermark_text`, because the environment may give it too, which
    -- workers are not told.
    mark_text text,
    mark_version bigint not null default 0,
    updated_at timestamptz not null default now(),
    constraint site_settings_one_row check (only_row),
    constraint site_settings_uploads_possible check (upload_max_files > 0 and upload_max_file_mb > 0),
    constraint site_settings_days_possible check (trash_days > 0 and event_days > 0),
    constraint site_settings_quota_possible check (quota_bytes >= 0),
    constraint site_settings_mark_numbered check ((mark_text is null) = (mark_version = 0))
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

-- Who changed which setting: the record of the auth-service is not in this database.
create table setting_changes (
    setting_change_id bigint generated always as identity constraint setting_changes_pkey primary key,
    changed_at timestamptz not null default now(),
    -- No foreign key: the change outlives the account.
    changed_by text not null,
    setting text not null,
    value_before text not null,
    value_after text not null
);

-- Room that one photographer has instead of what everybody has; 0: no limit.
create table quotas (
    owner_id integer constraint quotas_pkey primary key references users (id) on delete cascade,
    quota_bytes bigint not null,
    constraint quotas_possible check (quota_bytes >= 0)
);
-- What an owner has used is added up at each upload, from this index alone.
create index files_owner_size_idx on files (owner_id) include (size_bytes);
-- Which link a mail carried, when somebody looks at mails.
create index share_links_mail_idx on share_links (mail_id) where mail_id is not null;
