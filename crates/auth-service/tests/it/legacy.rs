//! Passwords of the earlier system: they sign in as before, and their hashes give way to argon2id.

use auth_service::{
    mail_tokens::{self, Purpose},
    passwords::{Cost, NewPassword, Passwords},
};
use common::identity::{Role, UserId};
use futures_util::future::{join, join_all};
use sqlx::Row;
use test_support::site::password_of;

use crate::harness::{TestApp, block_passwords, wait_for_a_try};

/// What is stored for “the long password of ana”, made by Werkzeug 3.1.9 and bcrypt 5.0.0 for Python.
pub const HASHES: [&str; 5] = [
    "scrypt:32768:8:1$kt0UkgDl1alpO1hM$81e021cc279b6c013a533edae2d3aadbb75ac4db7f7b32c2646a7aaeb84eeb7269c77f40574bf7c7d50ebf1fa6c17ee41664c06576c10b1b4ca909a5a962a5e0",
    "pbkdf2:sha256:260000$wwb1DWTbI6E2VOmD$d6d095a9f2bfdac120ee66f57119816bf0d0dccb6d6384a8a00c794361ea1f68",
    "$2a$06$.M/1mWu8MsKIMdR/LnmroO5s8a3hzt0CGN85R3xpC.X1iTbFyhJ/.",
    "$2b$06$gJNHqPVw.Gmq/XU57vbG4./O1yIX.j5zJcPyGwzeCpZowTu41/P8q",
    "$2y$06$c/8i3xGDltqIUOgTbO6TIOjNpIXqRnD2nJts9KGr75GRLCD6t2QAm",
];
const TODAY: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

async fn app_with_ana() -> (TestApp, UserId) {
    let app = TestApp::start().await;
    let id = app.create_user("ana", Role::Photographer).await;
    (app, id)
}

async fn hash(app: &TestApp) -> String {
    let row = sqlx::query("select password_hash from users where username = 'ana'").fetch_one(app.db()).await;
    row.expect("ana").get(0)
}

/// Made as if by other settings.
async fn hash_of_cost(memory_kib: u32, passes: u32) -> String {
    let passwords = Passwords::new(1, 0, Cost { memory_kib, passes, lanes: 1 }).expect("usable numbers");
    let password = NewPassword::parse(&password_of("ana"), &[]).expect("a good password");
    passwords.hash(&password).await.expect("a hash")
}

#[tokio::test]
async fn an_old_hash_signs_in_and_is_replaced_at_that_moment() {
    let (app, _) = app_with_ana().await;
    let weak = [hash_of_cost(8192, 2).await, hash_of_cost(19_456, 1).await];
    for old in HASHES.into_iter().chain(weak.iter().map(String::as_str)) {
        app.set_hash("ana", old).await;
        assert_eq!(app.login("ana", "not the password of ana").await.status, 401, "{old}");
        assert_eq!(hash(&app).await, old, "a wrong password changes nothing");
        assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "{old}");
        assert!(hash(&app).await.starts_with(TODAY), "{old} gave way");
        assert_eq!(app.login("ana", &password_of("ana")).await.status, 200, "and once more");
    }
}

#[tokio::test]
async fn confirming_a_password_replaces_an_old_hash_too() {
    let (app, _) = app_with_ana().await;
    let ana = app.sign_in("ana").await;
    app.set_hash("ana", HASHES[0]).await;
    ana.get("/reauthenticate").await;
    let answer = ana.post_form("/reauthenticate", &[("password", &*password_of("ana"))]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(hash(&app).await.starts_with(TODAY));
}

#[tokio::test]
async fn a_hash_that_costs_a_thief_more_than_ours_stays() {
    let (app, _) = app_with_ana().await;
    let strong = hash_of_cost(32_768, 3).await;
    app.set_hash("ana", &strong).await;
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200);
    assert_eq!(hash(&app).await, strong);
}

#[tokio::test]
async fn a_row_that_asks_for_absurd_work_is_not_obeyed() {
    let (app, _) = app_with_ana().await;
    let digest = "0".repeat(128);
    for absurd in [
        format!("scrypt:1073741824:8:16$salt${digest}"),
        format!("pbkdf2:sha256:4000000000$salt${}", &digest[..64]),
        format!("$2b$31${}", "a".repeat(53)),
        "$argon2id$v=19$m=4000000,t=100,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    ] {
        app.set_hash("ana", &absurd).await;
        let before = (app.app.passwords.verifications(), app.app.passwords.verifications_of_accounts());
        assert_eq!(app.login("ana", &password_of("ana")).await.status, 401, "{absurd}");
        let after = (app.app.passwords.verifications(), app.app.passwords.verifications_of_accounts());
        assert_eq!(after, (before.0 + 1, before.1), "the decoy was tried, not {absurd}");
    }
}

#[tokio::test]
async fn two_sign_ins_at_once_with_an_old_hash_are_both_right() {
    let (app, _) = app_with_ana().await;
    for old in HASHES {
        app.set_hash("ana", old).await;
        let password = password_of("ana");
        for answer in join_all((0..4).map(|_| app.login("ana", &password))).await {
            assert_eq!(answer.status, 200, "{old}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_is_not_overwritten() {
    let (app, _) = app_with_ana().await;
    app.set_hash("ana", HASHES[0]).await;
    let changed = hash_of_cost(19_456, 2).await.replace("m=19456,t=2", "m=19456,t=3");
    let blocked = block_passwords(&app).await;
    let old_password = password_of("ana");
    let change = async {
        wait_for_a_try(&app).await;
        app.set_hash("ana", &changed).await;
        drop(blocked);
    };
    let (answer, ()) = join(app.login("ana", &old_password), change).await;
    assert_eq!(answer.status, 401, "the old password was right when it was asked for, and is no more");
    assert_eq!(hash(&app).await, changed);
}

#[tokio::test]
async fn a_link_sent_by_mail_outlives_a_new_hash_of_the_same_password() {
    let (app, ana) = app_with_ana().await;
    app.set_hash("ana", HASHES[0]).await;
    let mut transaction = app.db().begin().await.expect("a transaction");
    let link =
        mail_tokens::store::create(&mut transaction, Purpose::ResetPassword, ana, "ana@example.org").await;
    let link = link.expect("it is made").expect("ana is there");
    transaction.commit().await.expect("kept");
    assert_eq!(app.login("ana", &password_of("ana")).await.status, 200);
    assert!(hash(&app).await.starts_with(TODAY));
    let found = mail_tokens::store::find(app.db(), Purpose::ResetPassword, &link).await.expect("an answer");
    assert!(found.is_some(), "nothing was changed that the link proves");
}
