-- Taking a deed back instead of asking “are you sure?”: what a deed changed is kept for a day, for the one who did it.
create table photo_undos (
    photo_undo_id uuid constraint photo_undos_pkey primary key,
    user_id integer not null references users (id) on delete cascade,
    -- Which side of the photos comes back: their flags, their place, out of the trash; copies go into it.
    aspect text not null,
    -- The photos as they were: id, gallery_id, section_id, position, rating, archived, locked.
    photos jsonb not null,
    created_at timestamptz not null default now(),
    constraint photo_undos_aspect_known check (aspect in ('flags', 'place', 'trash', 'copies'))
);
create index photo_undos_created_at_idx on photo_undos (created_at);
create index photo_undos_user_idx on photo_undos (user_id);

-- The mail that carried a link, so that its sender sees what became of it.
alter table share_links add column mail_id uuid;
