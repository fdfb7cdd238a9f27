//! Who gets which status where.

/// Accounts before a private gallery that gives no downloads by itself: nobody, a viewer, a user, a user with a `view`, a
/// `copy` and an `edit` grant, the owner, another photographer, an administrator. `--` was not tried, because it would take
/// away what the next one looks at; that it works is in other tests.
pub const ACCOUNTS: &[(&str, &str, &str, &str)] = &[
    // Bytes. Media addresses are signed for whoever asks, whether they were ever given one or not.
    ("GET", "/media/{photo}/marked-preview", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/media/{photo}/preview", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/media/{photo}/clean-original", "", "404 404 404 404 200 200 200 404 200"),
    ("GET", "/media/{photo}/original", "", "404 404 404 404 404 200 200 404 200"),
    ("HEAD", "/media/{photo}/original", "", "404 404 404 404 404 200 200 404 200"),
    ("GET", "/photos/{photo}/download", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/photos/{photo}/download?size=web", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/gallery/{gallery}/download.zip", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/gallery/{gallery}/download.zip?size=web", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/photos/download.zip?selection={selection}", "", "401 403 403 403 403 403 200 404 404"),
    ("GET", "/gallery/{gallery}", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/api/photos/{photo}", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/shares/{link}/qr.svg", "", "401 404 404 403 403 403 200 404 200"),
    (
        "POST",
        "/gallery/{gallery}/selections",
        r#"{"photo_ids":[{photo}]}"#,
        "404 404 404 403 201 201 201 404 201",
    ),
    ("POST", "/photos/selections", r#"{"photo_ids":[{photo}]}"#, "401 403 403 403 403 403 201 422 422"),
    // Photos.
    ("PATCH", "/api/photos/{photo}", r#"{"title":"x"}"#, "401 404 404 403 403 200 200 404 200"),
    ("POST", "/api/photos/{photo}/retry", "", "401 404 404 403 403 409 409 404 409"),
    ("DELETE", "/api/photos/{photo}", "", "401 404 404 403 403 -- -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/photos",
        r#"{"photo_ids":[{photo}]}"#,
        "401 403 403 403 403 403 200 404 200",
    ),
    ("DELETE", "/api/galleries/{gallery}/photos/{photo}", "", "401 404 404 403 403 -- -- 404 --"),
    ("POST", "/gallery/{gallery}/cover", "photo_id={photo}", "401 404 404 403 403 303 303 404 303"),
    ("POST", "/photos/{photo}", "title=x", "401 404 404 403 403 303 303 404 303"),
    ("POST", "/photos/{photo}/retry", "", "401 404 404 403 403 303 303 404 303"),
    ("POST", "/api/photos/{photo}/replace", "", "401 404 404 403 403 -- -- 404 --"),
    ("POST", "/photos/{photo}/replace", "", "401 404 404 403 403 -- -- 404 --"),
    // The gallery.
    ("PUT", "/api/galleries/{gallery}", r#"{"name":"Wedding"}"#, "401 404 404 403 403 200 200 404 200"),
    ("POST", "/gallery/{gallery}/edit", "name=Wedding", "401 404 404 403 403 303 303 404 303"),
    ("DELETE", "/api/galleries/{gallery}", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/gallery/{gallery}/delete", "", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/sections",
        r#"{"name":"Dinner"}"#,
        "401 404 404 403 403 201 201 404 201",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/order",
        r#"{"photo_ids":[{photo}]}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/sections",
        r#"{"section_ids":[{section}]}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/sections/{section}",
        r#"{"name":"Dance"}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    ("DELETE", "/api/galleries/{gallery}/sections/{section}", "", "401 404 404 403 403 -- -- 404 --"),
    ("POST", "/gallery/{gallery}/appearance", "layout=grid", "401 404 404 403 403 303 303 404 303"),
    ("POST", "/gallery/{gallery}/sections", "name=Toast", "401 404 404 403 403 303 303 404 303"),
    (
        "POST",
        "/gallery/{gallery}/sections/{section}",
        "deed=rename&name=Toast",
        "401 404 404 403 403 303 303 404 303",
    ),
    (
        "POST",
        "/gallery/{gallery}/arrange",
        "step=last&photo_ids={photo}",
        "401 404 404 403 403 303 303 404 303",
    ),
    ("POST", "/gallery/{gallery}/order", "order=name", "401 404 404 403 403 303 303 404 303"),
    // Neither is in the trash.
    ("POST", "/api/galleries/{gallery}/restore", "", "401 404 404 404 404 404 404 404 404"),
    ("POST", "/api/photos/{photo}/restore", "", "401 403 403 403 403 403 404 404 404"),
    ("POST", "/api/galleries/{gallery}/owner", r#"{"user":"ana"}"#, "401 403 403 403 403 403 403 403 --"),
    ("POST", "/admin/galleries/{gallery}/owner", "user=ana", "401 403 403 403 403 403 403 403 --"),
    // Whom it is shown to.
    (
        "POST",
        "/api/galleries/{gallery}/shares",
        r#"{"access_level":"full"}"#,
        "401 404 404 403 403 403 201 404 201",
    ),
    ("POST", "/gallery/{gallery}/shares", "access_level=preview", "401 404 404 403 403 403 303 404 303"),
    ("PATCH", "/api/shares/{link}", r#"{"tells_sender":false}"#, "401 404 404 403 403 403 200 404 200"),
    ("DELETE", "/api/shares/{link}", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/shares/{link}/extend", "expires_in_days=7", "401 404 404 403 403 403 303 404 303"),
    ("POST", "/shares/{link}/revoke", "", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/permissions",
        r#"{"user":"cleo@example.org","permission_level":"view"}"#,
        "401 404 404 403 403 403 204 404 204",
    ),
    (
        "POST",
        "/gallery/{gallery}/people",
        "user=cleo@example.org&permission_level=view",
        "401 404 404 403 403 403 303 404 303",
    ),
    ("DELETE", "/api/galleries/{gallery}/permissions/1", "", "401 404 404 403 403 403 -- 404 --"),
    ("DELETE", "/api/galleries/{gallery}/pending-permissions/1", "", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/gallery/{gallery}/customers",
        "customer=cleo@example.org",
        "401 404 404 403 403 403 303 404 303",
    ),
    ("POST", "/gallery/{gallery}/customers/remove", "customer_id=1", "401 404 404 403 403 403 -- 404 --"),
    ("DELETE", "/api/galleries/{gallery}/customers/1", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/gallery/{gallery}/people/revoke", "user_id=1", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/customers",
        r#"{"customer_ids":[]}"#,
        "401 404 404 403 403 403 -- 404 --",
    ),
];

/// The same people before a public gallery that gives pictures of 2048 pixels, and then originals.
pub const PUBLIC: &[(&str, &str, &str)] = &[
    ("previews", "/photos/{photo}/download?size=web", "200 200 200 200 200 200 200 200 200"),
    ("previews", "/photos/{photo}/download?size=original", "403 403 403 403 200 200 200 403 200"),
    ("previews", "/gallery/{gallery}/download.zip", "200 200 200 200 200 200 200 200 200"),
    ("previews", "/media/{photo}/clean-original", "404 404 404 404 200 200 200 404 200"),
    ("originals", "/photos/{photo}/download?size=original", "200 200 200 200 200 200 200 200 200"),
    ("originals", "/gallery/{gallery}/download.zip?size=original", "200 200 200 200 200 200 200 200 200"),
    ("originals", "/media/{photo}/original", "404 404 404 404 404 200 200 404 200"),
    ("none", "/photos/{photo}/download", "403 403 403 403 200 200 200 403 200"),
    ("none", "/gallery/{gallery}/download.zip", "403 403 403 403 200 200 200 403 200"),
];

/// The same people before a public gallery that everybody sees with the mark, and that gives originals.
pub const MARKED: &[(&str, &str)] = &[
    ("/gallery/{gallery}", "200 200 200 200 200 200 200 200 200"),
    ("/gallery/{gallery}/photos/{photo}", "200 200 200 200 200 200 200 200 200"),
    ("/api/galleries/{gallery}", "200 200 200 200 200 200 200 200 200"),
    ("/api/photos/{photo}", "200 200 200 200 200 200 200 200 200"),
    ("/media/{photo}/marked-preview", "200 200 200 200 200 200 200 200 200"),
    ("/media/{photo}/preview", "404 404 404 200 200 200 200 404 200"),
    ("/media/{photo}/clean-original", "404 404 404 404 200 200 200 404 200"),
    ("/media/{photo}/original", "404 404 404 404 404 200 200 404 200"),
    ("/photos/{photo}/download", "403 403 403 200 200 200 200 403 200"),
    ("/photos/{photo}/download?size=web", "403 403 403 200 200 200 200 403 200"),
    ("/gallery/{gallery}/download.zip", "403 403 403 200 200 200 200 403 200"),
    ("/gallery/{gallery}/download.zip?size=web", "403 403 403 200 200 200 200 403 200"),
];

/// Who has a link: one that is nobody's, expired, revoked, a preview, a full one, and a full one whose password was not
/// given.
pub const LINKS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/view/{token}", "", "404 410 410 200 200 200"),
    ("GET", "/api/view/{token}", "", "404 410 410 200 200 403"),
    ("GET", "/view/{token}/photos/{photo}/download", "", "404 410 410 403 200 403"),
    ("GET", "/view/{token}/photos/{photo}/download?size=web", "", "404 410 410 403 200 403"),
    // A photo of the same photographer that is not in the gallery.
    ("GET", "/view/{token}/photos/{loose}/download", "", "404 410 410 404 404 403"),
    ("GET", "/view/{token}/download.zip", "", "404 410 410 403 200 403"),
    ("GET", "/view/{token}/download.zip?size=web", "", "404 410 410 403 200 403"),
    ("POST", "/view/{token}/selections", r#"{"photo_ids":[{photo}]}"#, "404 410 410 403 201 403"),
    ("POST", "/view/{token}/unlock", "password=wrong", "404 410 410 303 303 422"),
    ("POST", "/view/{token}/visits", "", "404 410 410 303 303 403"),
    // Signed for the link, as if its page had shown them.
    ("GET", "/media/{photo}/marked-preview", "", "404 404 404 200 200 200"),
    ("GET", "/media/{photo}/preview", "", "404 404 404 404 200 200"),
    ("GET", "/media/{photo}/clean-original", "", "404 404 404 404 404 404"),
    ("GET", "/media/{photo}/original", "", "404 404 404 404 404 404"),
    ("GET", "/media/{loose}/preview", "", "404 404 404 404 404 404"),
    // A link is no account.
    ("GET", "/photos/{photo}/download", "", "404 404 404 404 404 404"),
    ("GET", "/gallery/{gallery}/download.zip", "", "404 404 404 404 404 404"),
];

/// Routes that change something and stand in neither table, because they reach nothing of anybody else's gallery, are for
/// administrators alone, or (the batch) answer 200 and say photo by photo what was not allowed: what they answer to whom is in `access.rs`, and what they
/// do in the tests of their feature.
pub const OF_ONES_OWN: &[&str] = &[
    "/auth/logout",
    "/gallery",
    "/photos",
    "/photos/deeds",
    "/photos/undo",
    "/api/photos/undo",
    "/customers",
    "/trash",
    "/api/trash",
    "/api/upload",
    "/api/galleries",
    "/api/customers",
    "/api/watermark",
    "/branding",
    "/api/branding",
    "/api/photos/batch",
    "/admin/user/{user}/role",
    "/admin/settings",
    "/api/admin/settings",
    "/admin/storage",
    "/admin/failed",
    "/admin/jobs",
    "/admin/mails",
];
