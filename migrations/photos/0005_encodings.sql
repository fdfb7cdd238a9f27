-- Renditions in more encodings than JPEG, and what stands in a photo's place until its picture is there.

alter table photo
    -- The picture as a blur, and its commonest colour (0xRRGGBB); null until the photo is processed by a release that
    -- makes them.
    add column thumbhash bytea,
    add column dominant_colour integer,
    add constraint photo_thumbhash_length check (octet_length(thumbhash) between 5 and 25),
    add constraint photo_dominant_colour_range check (dominant_colour between 0 and 16777215);

-- The release before this one knows JPEG alone: what it writes is `jpeg` by default. It must not find other encodings
-- either, so RENDITION_ENCODINGS is set only when every process runs this release; without it none are made.
alter table renditions
    add column encoding text not null default 'jpeg',
    add constraint renditions_encoding_known check (encoding in ('jpeg', 'webp', 'avif'));
alter table renditions
    drop constraint renditions_pkey,
    add constraint renditions_pkey primary key (photo_id, kind, marked, encoding);
