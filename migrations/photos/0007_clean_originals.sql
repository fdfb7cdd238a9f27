-- Originals as others get them: without place, serial numbers and owner. Only the plan is kept, which says what parts of
-- the stored file are sent and what stands between them; size and checksums of the result are known before it is sent.
create table clean_files (
    file_id bigint
        constraint clean_files_pkey primary key
        constraint clean_files_file_id_fkey references files (id) on delete cascade,
    -- A plan of an older version may leave what has to go, and is not used any more.
    version integer not null,
    plan jsonb,
    size_bytes bigint,
    sha256 bytea,
    -- An unsigned 32-bit number does not fit `integer`.
    crc32 bigint,
    -- Why this kind of file, or this file, can't be given to others.
    reason text,
    detail text,
    created_at timestamptz not null default now(),
    constraint clean_files_plan_or_reason check (
        num_nonnulls(plan, size_bytes, sha256, crc32) = case when reason is null then 4 else 0 end
    ),
    constraint clean_files_sha256_length check (octet_length(sha256) = 32)
);
