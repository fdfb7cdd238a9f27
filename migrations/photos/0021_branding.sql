-- What a photographer's clients know them by, and whether everybody sees a public gallery with the mark.

alter table gallery
    -- A public gallery shows clean previews unless its owner wishes them marked.
    add column marks_public boolean not null default false;

alter table brands
    -- Somebody may give a name or a logo and choose no colour.
    alter column accent set default 'teal',
    -- What clients read; without it they read the name of the account.
    add column name text,
    -- A PNG that was decoded, checked and written anew by us. Here and not in the storage, so that it changes together with
    -- its row.
    add column logo bytea,
    -- Stands in the logo's address: another logo, another address, and nobody finds one by counting.
    add column logo_key text,
    add column logo_width integer,
    add column logo_height integer,
    -- On which ground it can be seen, and whether it may be shown with light and dark exchanged.
    add column logo_tone text,
    add column logo_is_gray boolean,
    add constraint brands_name_short check (char_length(name) between 1 and 60),
    add constraint brands_logo_key_key unique (logo_key),
    add constraint brands_logo_small check (octet_length(logo) <= 5242880),
    add constraint brands_logo_tone_known check (logo_tone in ('any', 'dark', 'light')),
    add constraint brands_logo_whole
        check (num_nulls(logo, logo_key, logo_width, logo_height, logo_tone, logo_is_gray) in (0, 6));

-- What an account is called wherever its photographs are shown.
create function shown_name(account integer) returns text
language sql stable
return coalesce(
    (select brands.name from brands where brands.photographer_id = account),
    (select users.username from users where users.id = account)
);
