-- The schema of the earlier system, made only where it is not there yet: a live database is taken over in place and
-- keeps every row. Names and types are the earlier ones; `timestamp` columns hold UTC.

create table if not exists users (
    id serial primary key,
    username varchar(255) unique not null,
    email varchar(255) unique not null,
    password_hash varchar(255) not null,
    user_type varchar(50) default 'viewer',
    created_at timestamp default (now() at time zone 'utc'),
    last_login timestamp,
    is_active boolean default true,
    email_verified boolean default true
);

-- gallery and photo refer to each other: both tables first, then the constraints.
create table if not exists gallery (
    id serial primary key,
    user_id integer,
    name varchar(256) not null,
    description text,
    created_at timestamp default (now() at time zone 'utc'),
    updated_at timestamp default (now() at time zone 'utc'),
    is_public boolean default false,
    cover_photo_id integer
);

create table if not exists photo (
    id serial primary key,
    photographer_id integer,
    filename varchar(256),
    original_path varchar(512),
    thumbnail_path varchar(512),
    preview_path varchar(512),
    title varchar(256),
    description text,
    upload_date timestamp default (now() at time zone 'utc'),
    rating double precision default 0,
    status varchar(20) default 'pending',
    views integer default 0,
    archived boolean default false,
    locked boolean default false,
    download_count integer default 0,
    gallery_id integer
);

create table if not exists customer (
    id serial primary key,
    photographer_id integer not null references users (id),
    email varchar(120) not null,
    name varchar(120),
    status varchar(20) default 'active',
    notes text,
    created_at timestamp default (now() at time zone 'utc'),
    phone varchar(20),
    last_accessed timestamp,
    unique (photographer_id, email)
);

create table if not exists gallery_customers (
    gallery_id integer references gallery (id) on delete cascade,
    customer_id integer references customer (id) on delete cascade,
    added_at timestamp default (now() at time zone 'utc'),
    primary key (gallery_id, customer_id)
);

create table if not exists share_links (
    id serial primary key,
    gallery_id integer references gallery (id) on delete cascade,
    token varchar(64) unique not null,
    created_at timestamp default (now() at time zone 'utc'),
    expires_at timestamp,
    max_views integer,
    views integer default 0,
    is_active boolean default true,
    customer_id integer references customer (id),
    access_level varchar(20) default 'preview',
    sender_id integer references users (id),
    recipient_email varchar(255)
);

create table if not exists gallery_permissions (
    id serial primary key,
    gallery_id integer references gallery (id) on delete cascade,
    user_id integer references users (id) on delete cascade,
    permission_level varchar(20) default 'view',
    granted_at timestamp default (now() at time zone 'utc'),
    granted_by integer references users (id),
    unique (gallery_id, user_id)
);

create table if not exists sessions (
    sid varchar(255) primary key,
    sess jsonb not null,
    expire timestamp not null
);

-- The earlier system may have these under any name, so the catalogue is asked for a foreign key on the column.
do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('gallery', 'user_id', 'users'),
            ('gallery', 'cover_photo_id', 'photo'),
            ('photo', 'photographer_id', 'users'),
            ('photo', 'gallery_id', 'gallery')
        ) as refers (child, child_column, parent)
    loop
        if not exists (
            select from pg_constraint
            join pg_attribute
                on pg_attribute.attrelid = pg_constraint.conrelid and pg_attribute.attnum = any (pg_constraint.conkey)
            where pg_constraint.contype = 'f'
              and pg_constraint.conrelid = wanted.child::regclass
              and pg_attribute.attname = wanted.child_column
        ) then
            execute format(
                'alter table %I add constraint %I foreign key (%I) references %I (id)',
                wanted.child, wanted.child || '_' || wanted.child_column || '_fkey', wanted.child_column, wanted.parent
            );
        end if;
    end loop;
end
$$;
