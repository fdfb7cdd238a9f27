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
