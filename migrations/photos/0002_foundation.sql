-- What uploads, renditions and share links need beside the earlier schema.

-- The mirror of the accounts of the auth-service. Its own ids never change; role and state in it are for display.
alter table users add column if not exists auth_user_id integer;
alter table users add constraint users_auth_user_id_key unique (auth_user_id);

-- Host-cookie state starts anew: rows of the earlier system hold sessions of another kind.
delete from sessions;
create index sessions_expire_idx on sessions (expire);

-- A stored original. Several photos may point at one file (copies between galleries take no room).
create table files (
    id bigint generated always as identity primary key,
    owner_id integer not null references users (id),
    storage_key text not null,
    media_type text not null,
    size_bytes bigint not null,
    sha256 bytea not null,
    -- An unsigned 32-bit number does not fit `integer`.
    crc32 bigint not null,
    created_at timestamptz not null default now(),
    constraint files_storage_key_key unique (storage_key),
    constraint files_sha256_length check (octet_length(sha256) = 32)
);
create index files_content_idx on files (owner_id, sha256);

-- Written before the first byte of an upload is stored and deleted by the transaction that makes the photo: whatever
-- is left here after a while is a file that nobody was promised, and is removed.
create table pending_files (
    storage_key text primary key,
    created_at timestamptz not null default now()
);

-- Names are kept as given, however long.
alter table photo alter column filename type text;
alter table photo
    add column file_id bigint references files (id),
    add column width integer,
    add column height integer,
    add column failure text,
    add column failure_detail text,
    add column damaged boolean not null default false,
    -- Camera local time, as the camera wrote it; the offset only where it wrote one.
    add column taken_at timestamp,
    add column taken_at_offset text,
    add column camera_make text,
    add column camera_model text,
    add column lens text,
    add column iso integer,
    add column exposure_seconds double precision,
    add column aperture double precision,
    add column focal_length_mm double precision,
    add column processed_at timestamptz;

create index photo_gallery_order_idx on photo (gallery_id, (coalesce(taken_at, upload_date, 'epoch')), id);
create index photo_library_idx on photo (photographer_id, id desc);
create index photo_unfinished_idx on photo (photographer_id, status) where status <> 'ready';
create index photo_file_idx on photo (file_id);
create index gallery_owner_idx on gallery (user_id, id desc);
create index gallery_public_idx on gallery (id desc) where is_public;
create index share_links_gallery_idx on share_links (gallery_id, id desc);
create index gallery_permissions_user_idx on gallery_permissions (user_id);

-- Where a photo was taken is private to its owner, so it lives apart from what pages read.
create table photo_locations (
    photo_id integer primary key references photo (id) on delete cascade,
    latitude double precision not null,
    longitude double precision not null,
    altitude_m double precision
);

create table renditions (
    photo_id integer not null references photo (id) on delete cascade,
    kind text not null,
    marked boolean not null,
    width integer not null,
    height integer not null,
    size_bytes integer not null,
    storage_key text not null,
    recipe integer not null,
    created_at timestamptz not null default now(),
    primary key (photo_id, kind, marked),
    constraint renditions_kind_known check (kind in ('thumbnail', 'thumbnail_2x', 'preview'))
);

-- In rows made from here on `token` holds the SHA-256 of the token as hex, and the sealed token lets its owner copy the
-- link again. Rows of the earlier system hold their token in clear (`token_sealed` is null) until they are converted.
-- Whatever ends or changes a link's power raises `epoch`, which every signed media address names.
alter table share_links
    add column token_sealed bytea,
    add column epoch integer not null default 1,
    add column revoked_at timestamptz,
    add column first_opened_at timestamptz,
    add column last_opened_at timestamptz;
