-- What people wrote into a file beside the picture. The file says it, so each processing writes it anew.
alter table photo
    add column copyright text,
    add column credit text,
    add column creator text,
    add column keywords text[] not null default '{}',
    add column label text,
    -- When title, description and rating were taken from the file, where nobody had given any. From then on they are a
    -- person's alone: what somebody took away does not come back with the next processing.
    add column described_at timestamptz;

-- Photos that are ready have been in people's hands already.
update photo set described_at = coalesce(processed_at, now()) where status = 'ready';
