//! Accounts that photos had of its own, imported as an operator does it.

use common::{
    identity::{Role, UserId},
    takeover::{EarlierAccount, FoundAccount, read_lines, write_lines},
};
use sqlx::Row;
use test_support::site::password_of;

use crate::{
    commands::{run, text},
    harness::TestApp,
    legacy::HASHES,
};

fn account(photos_id: i32, username: &str, user_type: Option<&str>) -> EarlierAccount {
    EarlierAccount {
        photos_id,
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        password_hash: HASHES[0].to_owned(),
        user_type: user_type.map(str::to_owned),
        is_active: true,
        email_verified: true,
        created_at: "2019-05-06T07:08:09".parse().ok(),
        last_login: None,
        auth_user_id: None,
    }
}

fn file(accounts: &[EarlierAccount]) -> String {
    let mut bytes = Vec::new();
    write_lines(&mut bytes, accounts).expect("it can be written");
    text(&bytes)
}

#[tokio::test]
async fn accounts_come_with_their_passwords_and_roles_and_those_that_are_here_stay_as_they_are() {
    let app = TestApp::start().await;
    let bo = app.create_user("bo", Role::Viewer).await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let mut disabled = account(4, "dee", Some("user"));
    disabled.is_active = false;
    let accounts = [
        account(7, "ana", Some("photographer")),
        account(3, "bo", Some("photographer")),
        disabled,
        account(5, "BO", None),
    ];
    let file = file(&accounts);
    let would = run(&["accounts", "import", "--dry-run"], &settings, &file);
    let report = text(&would.stdout);
    assert!(would.status.success() && report.ends_with("Nothing was changed.\n"), "{report}");
    for line in [
        "account 3 “bo”, bo@example.org: role photographer in photos, viewer here; viewer stays\n",
        "account 4 “dee”, dee@example.org: disabled in photos: new, and disabled\n",
        "account 5 “BO”, BO@example.org: role (none) in photos: new as viewer\n",
        "names that differ by upper and lower case alone, of different accounts: bo, BO\n",
        "       3   would be made here\n",
    ] {
        assert!(report.contains(line), "{line} is not in\n{report}");
    }
    assert!(!report.contains("scrypt"), "no hash is shown");
    let count = async || {
        let row = sqlx::query("select count(*) from users").fetch_one(app.db()).await.expect("a count");
        row.get::<i64, _>(0)
    };
    assert_eq!(count().await, 1);

    let did = run(&["accounts", "import"], &settings, &file);
    assert!(did.status.success(), "{}", text(&did.stderr));
    assert!(text(&did.stderr).contains("       3   were made here\n"));
    let found: Vec<FoundAccount> = read_lines(did.stdout.as_slice()).expect("lines for photos");
    assert_eq!(found.iter().map(|found| found.photos_id).collect::<Vec<_>>(), [7, 3, 4, 5]);
    assert_eq!((found[1].auth_user_id, found[1].role), (bo, Role::Viewer));
    assert_eq!((found[0].role, count().await), (Role::Photographer, 4));
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "with the password of before");
    assert_eq!(app.login("dee", &password_of("ana")).await.status, 401, "who was disabled stays so");
    assert_eq!(app.login("bo", &password_of("bo")).await.status, 200);
    assert_eq!(app.login("BO", &password_of("ana")).await.status, 200, "by the exact name");
    let rows =
        "select name_key, email_key, created_at::text from users where username in ('ana', 'BO') order by id";
    let rows = sqlx::query(rows).fetch_all(app.db()).await.expect("rows");
    let keys =
        |index: usize| -> [Option<String>; 3] { std::array::from_fn(|column| rows[index].get(column)) };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(keys(0), [some("ana"), some("ana@example.org"), some("2019-05-06 07:08:09")]);
    assert_eq!(keys(1)[..2], [None, None], "new names are still unique without case");
    let record =
        "select count(*) from audit_logs where event = 'account_created' and details ->> 'from' = 'photos'";
    assert_eq!(sqlx::query(record).fetch_one(app.db()).await.expect("the record").get::<i64, _>(0), 3);

    let again = run(&["accounts", "import"], &settings, &file);
    let repeated: Vec<FoundAccount> = read_lines(again.stdout.as_slice()).expect("lines for photos");
    let ids = |found: &[FoundAccount]| found.iter().map(|found| found.auth_user_id).collect::<Vec<UserId>>();
    assert_eq!((ids(&repeated), count().await), (ids(&found), 4), "once more it finds what it made");
}

#[tokio::test]
async fn half_a_file_or_another_one_brings_nobody() {
    let app = TestApp::start().await;
    let settings = [("AUTH_DATABASE_URL", app.database.url.as_str())];
    let whole = file(&[account(1, "ana", None), account(2, "bo", None)]);
    let first = whole.lines().next().expect("a line").to_owned() + "\n";
    for (input, complaint) in [
        (first.as_str(), "the file ends too early, after 1 accounts"),
        ("photos_id,username\n1,ana\n", "line 1 is not what was expected"),
        ("", "the file ends too early"),
    ] {
        let refused = run(&["accounts", "import"], &settings, input);
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(complaint), "{said}");
        assert_eq!(text(&refused.stdout), "");
    }
    let rows = sqlx::query("select from users").fetch_all(app.db()).await.expect("rows");
    assert!(rows.is_empty());
}
