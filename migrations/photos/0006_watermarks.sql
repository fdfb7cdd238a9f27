-- What a photographer chose to be drawn over the marked renditions of their photos. Without a row it is their name in
-- the usual look.

-- Numbers of watermarks, of all photographers together: none ever comes back, so that a number says which watermark
-- was drawn, also after it was taken away and another one was made.
create sequence watermark_versions as bigint;

create table watermarks (
    owner_id integer constraint watermarks_pkey primary key references users (id) on delete cascade,
    kind text not null,
    text text,
    -- A PNG that was decoded, checked and written anew by us. Here and not in the storage, so that it changes together
    -- with its row.
    image bytea,
    image_width integer,
    image_height integer,
    position text not null,
    size double precision not null,
    opacity double precision not null,
    angle double precision not null,
    margin double precision not null,
    version bigint not null default nextval('watermark_versions'),
    updated_at timestamptz not null default now(),
    constraint watermarks_kind_known check (kind in ('name', 'text', 'image')),
    constraint watermarks_text_there check (kind <> 'text' or text is not null),
    constraint watermarks_image_there check (kind <> 'image' or image is not null),
    constraint watermarks_image_small check (octet_length(image) <= 2097152),
    constraint watermarks_image_measured check ((image is null) = (image_width is null)),
    constraint watermarks_image_measured_both check ((image is null) = (image_height is null))
);

alter sequence watermark_versions owned by watermarks.version;

-- Which watermark was drawn when the renditions of a photo were made last; 0 is the photographer's name. A release that
-- knows nothing of watermarks draws the name, and says so by this default.
alter table photo add column mark_version bigint not null default 0;
