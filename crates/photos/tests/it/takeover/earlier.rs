//! The earlier system as it was left: its tables as it made them, with rows of every kind, and some of its files.

use std::{fs, path::Path};

use sqlx::{Connection, PgConnection};

use crate::harness::jpeg;

/// “the long password of ana”, as Werkzeug and bcrypt for Python stored it.
pub const HASHES: [&str; 3] = [
    "scrypt:32768:8:1$kt0UkgDl1alpO1hM$81e021cc279b6c013a533edae2d3aadbb75ac4db7f7b32c2646a7aaeb84eeb7269c77f40574bf7c7d50ebf1fa6c17ee41664c06576c10b1b4ca909a5a962a5e0",
    "pbkdf2:sha256:260000$wwb1DWTbI6E2VOmD$d6d095a9f2bfdac120ee66f57119816bf0d0dccb6d6384a8a00c794361ea1f68",
    "$2b$06$gJNHqPVw.Gmq/XU57vbG4./O1yIX.j5zJcPyGwzeCpZowTu41/P8q",
];

/// The accounts, which both of its services had, and their sessions.
pub const USERS: &str = "create table users (id serial primary key, username varchar(255) unique not null,
    email varchar(255) unique not null, password_hash varchar(255) not null, user_type varchar(50) default 'viewer',
    created_at timestamp default now(), last_login timestamp, is_active boolean default true,
    email_verified boolean default true);
    create table sessions (sid varchar(255) primary key, sess jsonb not null, expire timestamp not null);";

/// Its galleries.
pub const GALLERIES: &str = "
    create table gallery (id serial primary key, user_id integer references users (id), name varchar(256) not null,
        description text, created_at timestamp default now(), updated_at timestamp default now(),
        is_public boolean default false, cover_photo_id integer);
    create table photo (id serial primary key, photographer_id integer references users (id), filename varchar(256),
        original_path varchar(512), thumbnail_path varchar(512), preview_path varchar(512), title varchar(256),
        description text, upload_date timestamp default now(), rating double precision default 0,
        status varchar(20) default 'pending', views integer default 0, archived boolean default false,
        locked boolean default false, download_count integer default 0, gallery_id integer references gallery (id));
    alter table gallery add constraint fk_cover foreign key (cover_photo_id) references photo (id);";

/// What else photos had.
const SHARING: &str = "
    create table customer (id serial primary key, photographer_id integer not null references users (id),
        email varchar(120) not null, name varchar(120), status varchar(20) default 'active', notes text,
        created_at timestamp default now(), phone varchar(20), last_accessed timestamp, unique (photographer_id, email));
    create table gallery_customers (gallery_id integer references gallery (id) on delete cascade,
        customer_id integer references customer (id) on delete cascade, added_at timestamp default now(),
        primary key (gallery_id, customer_id));
    create table share_links (id serial primary key, gallery_id integer references gallery (id) on delete cascade,
        token varchar(64) unique not null, created_at timestamp default now(), expires_at timestamp, max_views integer,
        views integer default 0, is_active boolean default true, customer_id integer references customer (id),
        access_level varchar(20) default 'preview', sender_id integer references users (id),
        recipient_email varchar(255));
    create table gallery_permissions (id serial primary key, gallery_id integer references gallery (id) on delete cascade,
        user_id integer references users (id) on delete cascade, permission_level varchar(20) default 'view',
        granted_at timestamp default now(), granted_by integer references users (id), unique (gallery_id, user_id));";

/// 1,000 accounts. 1 to 200 and 701 to 720 own galleries; 997 has no hash that anybody could check; 998 and 999 differ by
/// case alone; roles are null or unknown here and there.
const PEOPLE: &str = "
    insert into users (username, email, password_hash, user_type, created_at, last_login, is_active)
    select 'person' || i, 'person' || i || '@example.org', 'HASH' || i % 3,
        case when i <= 200 or i between 701 and 720 then 'photographer' when i % 10 = 3 then null
            when i % 10 = 4 then 'customer' when i = 1000 then 'admin' when i % 2 = 0 then 'user' else 'viewer' end,
        case when i % 9 > 0 then timestamp '2019-05-06 07:08:09' + i * interval '1 hour' end,
        case when i % 4 = 0 then now() end, i % 50 <> 49
    from generate_series(1, 1000) as i;
    update users set username = 'Twin', email = 'Twin@example.org' where id = 998;
    update users set username = 'twin', email = 'twin@example.org', is_active = true where id = 999;
    update users set password_hash = 'plain text' where id = 997;
    update users set password_hash = case password_hash when 'HASH0' then $hash0$ when 'HASH1' then $hash1$
        when 'HASH2' then $hash2$ else password_hash end;
    insert into sessions select 'sess:' || i, '{\"user\": 1}', now() + interval '1 day' from generate_series(1, 50) as i;";

/// The auth database of the earlier system knew 700 of them, under ids of its own: 1 to 680 by their addresses, some
/// written otherwise; 681 to 700 by their names, with other addresses. Roles of 11 to 20 differ.
const KNOWN_TO_AUTH: &str = "
    delete from users where id > 700;
    update users set id = 5000 - id;
    select setval('users_id_seq', 5000);
    update users set email = upper(email) where id % 7 = 0;
    update users set email = 'new-' || email where 5000 - id > 680;
    update users set user_type = 'viewer' where 5000 - id between 11 and 20;
    create table audit_logs (id serial primary key, user_id integer not null, action varchar(50) not null);
    insert into audit_logs (user_id, action) select 4999, 'login' from generate_series(1, 100);";

const WORK: &str = "
    insert into gallery (user_id, name, is_public, created_at)
    select case when i > 480 then 220 + i else 1 + i % 200 end, 'Gallery ' || i, i % 10 = 0,
        case when i % 6 > 0 then now() - i * interval '1 day' end
    from generate_series(1, 500) as i;
    insert into photo (id, photographer_id, gallery_id, filename, original_path, thumbnail_path, title, status, upload_date,
        views, archived, locked)
    select i, gallery.user_id, case when i % 97 > 0 then gallery.id end, case when i % 101 > 0 then 'IMG_' || i || '.jpg' end,
        (array['/srv/photos/uploads/', 'uploads/', '/uploads/', ''])[1 + i / 20 % 4] || gallery.user_id || '/'
            || 1600000000 + i || '-' || substr(md5(i::text), 1, 8) || '.jpg',
        'uploads/thumbs/' || i || '.jpg', case when i % 3 = 0 then 'Title ' || i end,
        case when i % 10 = 1 then null when i % 10 = 2 then 'pending' else 'ready' end,
        case when i % 11 > 0 then now() - i * interval '1 hour' end, i % 30, i % 40 = 0, i % 45 = 0
    from generate_series(1, 20000) as i join gallery on gallery.id = 1 + i % 500;
    select setval('photo_id_seq', 20000);
    update gallery set cover_photo_id = (select min(id) from photo where gallery_id = gallery.id) where id % 2 = 0;
    insert into customer (photographer_id, email, name, last_accessed)
    select 1 + i % 200, 'client' || i || '@example.org', case when i % 2 = 0 then 'Client ' || i end, null
    from generate_series(1, 400) as i;
    insert into gallery_customers (gallery_id, customer_id) select i, i from generate_series(1, 400) as i;
    insert into share_links (gallery_id, token, created_at, expires_at, max_views, views, is_active, customer_id,
        access_level, sender_id)
    select 1 + i % 500, case when i % 2 = 0 then md5(i::text) || md5((-i)::text) else substr(md5(i::text), 1, 22) end,
        now() - interval '100 days', case i % 5 when 0 then now() at time zone 'utc' - interval '1 day'
            when 1 then now() at time zone 'utc' + interval '9 days' end,
        case when i % 13 = 0 then 5 end, case when i % 26 = 0 then 5 else i % 4 end, i % 7 > 0,
        case when i <= 400 then i end, case i % 3 when 0 then 'full' when 1 then 'preview' end, 1 + i % 200
    from generate_series(1, 1200) as i;
    insert into gallery_permissions (gallery_id, user_id, permission_level, granted_by)
    select i, 300 + i, (array['view', 'copy', 'edit', null])[1 + i % 4], 1 from generate_series(1, 300) as i;";

/// Which links of `share_links` opened in the earlier system at the moment of the takeover.
pub const LIVE: &str = "is_active and (expires_at is null or expires_at > now() at time zone 'utc')
    and (max_views is null or views < max_views)";

/// Makes the database of the earlier photos in the place of what is there.
pub async fn make_photos(url: &str) {
    make(url, &[USERS, GALLERIES, SHARING, &people(), WORK]).await;
}

/// The same for its auth.
pub async fn make_auth(url: &str) {
    make(url, &[USERS, &people(), KNOWN_TO_AUTH]).await;
}

fn people() -> String {
    let mut text = PEOPLE.to_owned();
    for (number, hash) in HASHES.iter().enumerate() {
        text = text.replace(&format!("$hash{number}$"), &format!("'{hash}'"));
    }
    text
}

async fn make(url: &str, statements: &[&str]) {
    let mut connection = PgConnection::connect(url).await.expect("the database");
    let empty =
        "drop schema public cascade; drop schema if exists graphile_worker cascade; create schema public";
    for statement in [&[empty], statements].concat() {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&mut connection).await.expect("a good statement");
    }
    connection.close().await.expect("it closes");
}

/// The files of every twentieth photo, and one that no row names.
pub fn make_files(uploads: &Path, paths: &[String]) {
    let pictures: Vec<_> =
        (0..8).map(|seed| super::put(uploads, &format!(".made/{seed}"), &jpeg(seed, 48, 32))).collect();
    for (index, path) in paths.iter().enumerate() {
        let below =
            path.trim_start_matches("/srv/photos").trim_start_matches('/').trim_start_matches("uploads/");
        let path = uploads.join(below);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::hard_link(&pictures[index % 8], path).expect("a file");
    }
    super::put(uploads, "1/1600000000-forgotten.jpg", b"nobody's");
    super::put(uploads, "thumbs/20.jpg", b"a small picture");
}
