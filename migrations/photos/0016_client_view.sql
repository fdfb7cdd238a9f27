-- How a gallery looks to those who only look, and its sections read by key.

alter table gallery
    -- In rows of one height, in columns of one width, or in squares.
    add column layout text not null default 'justified',
    -- Whether those who look are told camera, lens, exposure and time of a photo. The place never.
    add column shows_camera boolean not null default false,
    add constraint gallery_layout_known check (layout in ('justified', 'masonry', 'grid'));

-- A gallery with sections is shown section after section, each in the gallery's order; 0 is the part in no section.
create index photo_part_idx on photo (gallery_id, (coalesce(section_id, 0)), (coalesce(taken_at, upload_date, 'epoch')), id);
create index photo_part_name_idx on photo (gallery_id, (coalesce(section_id, 0)), name_key, id);
create index photo_part_manual_idx on photo (gallery_id, (coalesce(section_id, 0)), (coalesce(position, 2147483647)), id);
-- How many photos a gallery shows is counted for every page of it.
create index photo_shown_idx on photo (gallery_id)
    where deleted_at is null and not coalesce(archived, false) and status is distinct from 'failed';

-- What a photographer's clients know them by, in all of their galleries.
create table brands (
    photographer_id integer primary key references users (id) on delete cascade,
    -- The colour of buttons, marks and links; each has a shade that can be read in the light and one for the dark.
    accent text not null,
    constraint brands_accent_known
        check (accent in ('teal', 'ink', 'forest', 'navy', 'plum', 'rose', 'brick', 'ochre'))
);
