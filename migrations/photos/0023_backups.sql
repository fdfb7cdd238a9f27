-- A backup copies the files that its dump of the database names, and that takes as long as it takes. Until it is over the
-- sweep removes none of them. A backup that was killed lets go by itself.
create table storage_holds (
    -- The name of the backup.
    holder text primary key,
    ends_at timestamptz not null
);
