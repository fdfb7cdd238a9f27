-- What is removed for good goes a few photos at a time. That it goes is decided once, before the first of them: what a
-- kill cuts off goes on by itself, and nobody brings half a gallery back.
alter table gallery
    add column purged_at timestamptz,
    add constraint gallery_purged_out_of_trash check (purged_at is null or deleted_at is not null);
create index gallery_purged_idx on gallery (purged_at) where purged_at is not null;

-- A photo whose file was replaced goes on being shown as it was until the pictures of its new version are made. Null:
-- its pictures are those of its file.
alter table photo add column replaced_at timestamptz;
