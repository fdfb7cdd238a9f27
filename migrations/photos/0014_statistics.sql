-- Who looked and what was downloaded, without saying who it was: sums for each day, which stay, and the events of the
-- last weeks. Writers add to these in batches; pages read a year of a gallery as at most 365 rows.

-- What happened lately, for the list of what happened lately. Rows are deleted after 90 days; the sums below are made
-- in the same transaction as the row, so nothing has to be added up later.
create table statistics_events (
    event_id bigint generated always as identity constraint statistics_events_pkey primary key,
    happened_at timestamptz not null,
    kind text not null,
    visitor_kind text not null,
    owner_id integer,
    gallery_id integer not null references gallery (id) on delete cascade,
    share_link_id integer,
    -- How many photos were downloaded; 0 for a view.
    photos integer not null,
    constraint statistics_events_kind_known check (kind in ('view', 'download')),
    constraint statistics_events_visitor_known check (visitor_kind in ('link', 'account', 'public'))
);
create index statistics_events_owner_idx on statistics_events (owner_id, event_id desc);
create index statistics_events_gallery_idx on statistics_events (gallery_id);
create index statistics_events_age_idx on statistics_events (happened_at);

-- Sums of a UTC day, of everything (subject 0), of an owner, a gallery, a share link. No foreign keys: the sums of an
-- owner outlive a gallery, and what is left of a gallery that is gone is swept.
create table daily_statistics (
    scope text not null,
    subject_id integer not null,
    day date not null,
    views integer not null default 0,
    visitors integer not null default 0,
    downloads integer not null default 0,
    constraint daily_statistics_pkey primary key (scope, subject_id, day),
    constraint daily_statistics_scope_known check (scope in ('site', 'owner', 'gallery', 'link'))
);

-- Photos are counted apart from their own rows, which are wide and which people change.
create table photo_statistics (
    photo_id integer constraint photo_statistics_pkey primary key references photo (id) on delete cascade,
    views integer not null default 0,
    downloads integer not null default 0
);
create table link_photo_statistics (
    share_link_id integer not null references share_links (id) on delete cascade,
    photo_id integer not null references photo (id) on delete cascade,
    views integer not null default 0,
    downloads integer not null default 0,
    constraint link_photo_statistics_pkey primary key (share_link_id, photo_id)
);
create index link_photo_statistics_photo_idx on link_photo_statistics (photo_id);

-- A visitor is told from another one for a day: by a hash under a secret of the service and the day's salt. When the
-- salt is deleted nobody can say any more whose hash it was, and the hashes go with it.
create table visitor_salts (
    day date constraint visitor_salts_pkey primary key,
    salt bytea not null,
    constraint visitor_salts_length check (octet_length(salt) = 32)
);
create table daily_visitors (
    day date not null,
    scope text not null,
    subject_id integer not null,
    visitor text not null,
    constraint daily_visitors_pkey primary key (day, scope, subject_id, visitor)
);

-- Visits were counted before, without their days: they stand on the day on which the link was opened last.
insert into daily_statistics (scope, subject_id, day, views)
select counted.scope, counted.subject_id, counted.day, sum(counted.views)
from (
    select kinds.scope, kinds.subject_id, share_links.views,
        coalesce(share_links.last_opened_at at time zone 'utc', share_links.created_at, timestamp 'epoch')::date as day
    from share_links
    join gallery on gallery.id = share_links.gallery_id
    cross join lateral (values
        ('site', 0), ('owner', gallery.user_id), ('gallery', gallery.id), ('link', share_links.id)
    ) as kinds (scope, subject_id)
    where share_links.views > 0 and kinds.subject_id is not null
) as counted
group by counted.scope, counted.subject_id, counted.day;
