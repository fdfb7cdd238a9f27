-- Galleries as a photographer works with them: a trash instead of loss, an order, sections, and who may download what.

alter table gallery
    -- The day of the event, where that is another one than the day the gallery was made.
    add column event_date date,
    -- What those may download who may look: the public and accounts with a `view` grant. Share links carry their own level.
    add column download_policy text not null default 'none',
    -- Visitors' originals come without place, serial numbers and owner name unless the owner gives them away here.
    add column gives_metadata boolean not null default false,
    add column photo_order text not null default 'taken_at',
    -- In the trash since then; after some weeks it is removed with its photos.
    add column deleted_at timestamptz,
    add constraint gallery_download_policy_known check (download_policy in ('none', 'previews', 'originals')),
    add constraint gallery_photo_order_known check (photo_order in ('taken_at', 'name', 'manual'));

create table sections (
    id bigint generated always as identity primary key,
    gallery_id integer not null references gallery (id) on delete cascade,
    name text not null,
    -- From the top; equal ones stand in the order in which they were made.
    position integer not null default 0,
    created_at timestamptz not null default now()
);
create index sections_gallery_idx on sections (gallery_id, position, id);

-- File names as people sort them: img_2 before img_10. Each run of digits is widened to the same length.
create function natural_key(name text) returns text
language sql immutable parallel safe
return (
    select string_agg(
        case when part[1] ~ '^[0-9]' then lpad(part[1], greatest(18, length(part[1])), '0') else part[1] end,
        '' order by place
    )
    from regexp_matches(lower(name), '[0-9]+|[^0-9]+', 'g') with ordinality as parts (part, place)
);

alter table photo
    -- In the trash since then. Photos that went there with their gallery carry its time, and come back with it.
    add column deleted_at timestamptz,
    add column section_id bigint references sections (id) on delete set null,
    -- The place in a gallery that is ordered by hand; photos without one follow those with one.
    add column position integer,
    add column name_key text not null generated always as (coalesce(natural_key(filename), '')) stored;

-- Each order of a gallery is read by key, and so is the trash.
create index photo_gallery_name_idx on photo (gallery_id, name_key, id);
create index photo_gallery_manual_idx on photo (gallery_id, (coalesce(position, 2147483647)), id);
create index photo_section_idx on photo (section_id) where section_id is not null;
create index photo_trash_idx on photo (deleted_at) where deleted_at is not null;
create index gallery_trash_idx on gallery (deleted_at) where deleted_at is not null;
