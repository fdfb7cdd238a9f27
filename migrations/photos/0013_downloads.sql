-- Downloads: what is sent is known to its last byte beforehand, and what a link includes is counted photo by photo.

-- Checksums of renditions, because they are sent in archives too. Null: written by a release that did not note them; a
-- job of the worker adds them.
alter table renditions
    -- An unsigned 32-bit number does not fit `integer`.
    add column crc32 bigint,
    add column sha256 bytea,
    add constraint renditions_sha256_length check (octet_length(sha256) = 32),
    add constraint renditions_measured_both check ((crc32 is null) = (sha256 is null));
create index renditions_unmeasured_idx on renditions (photo_id)
    where kind = 'preview' and not marked and encoding = 'jpeg' and crc32 is null;

-- Which photos went out through a link: each counts once, however often it is downloaded. `share_links.downloads` is their
-- number, and stays when a photo is removed for good.
create table link_downloads (
    share_link_id integer not null references share_links (id) on delete cascade,
    photo_id integer not null references photo (id) on delete cascade,
    downloaded_at timestamptz not null default now(),
    constraint link_downloads_pkey primary key (share_link_id, photo_id)
);
create index link_downloads_photo_idx on link_downloads (photo_id);

-- Photos that somebody chose to download together. The key is in an address and opens nothing by itself: it is looked up
-- together with the link or the account it was made for.
create table selections (
    selection_id bigint generated always as identity constraint selections_pkey primary key,
    key text not null,
    share_link_id integer references share_links (id) on delete cascade,
    account_id integer references users (id) on delete cascade,
    -- Null: photos of the account's library.
    gallery_id integer references gallery (id) on delete cascade,
    photo_ids integer[] not null,
    created_at timestamptz not null default now(),
    constraint selections_key_key unique (key),
    constraint selections_of_link_or_account check (num_nonnulls(share_link_id, account_id) <= 1)
);
create index selections_created_at_idx on selections (created_at);

-- Photos whose file could not be read while somebody downloaded it: shown to its owner until it is well again.
create table download_failures (
    photo_id integer constraint download_failures_pkey primary key references photo (id) on delete cascade,
    reason text not null,
    -- What could not be read, and how long it should be: when it is there again, nobody has to be told any more.
    storage_key text not null,
    size_bytes bigint not null,
    failed_at timestamptz not null default now(),
    constraint download_failures_reason_known check (reason in ('missing', 'other_length', 'unreadable'))
);
