//! What goes wrong: a backup that is cut off, files that are damaged, places that are not empty.

use std::{fs, os::unix::process::CommandExt, path::Path};

use sqlx::PgPool;

use super::{Empty, Site, kill, run, run_well};
use crate::{
    harness::eventually,
    takeover::{number, photos},
};

fn count_files(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            count += count_files(&entry.path());
        } else if !entry.file_name().to_string_lossy().contains('#') && entry.file_name() != ".photos" {
            count += 1;
        }
    }
    count
}

async fn a_key(site: &Site) -> String {
    sqlx::query_scalar("select storage_key from files order by id limit 1")
        .fetch_one(&site.app.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_backup_that_is_killed_is_none_and_the_next_one_copies_the_rest() {
    let site = Site::start().await;
    site.wedding().await;
    let key = site.app.storage.join(a_key(&site).await);
    let bytes = fs::read(&key).unwrap();
    // Whoever opens this waits for the other end.
    fs::remove_file(&key).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&key).status().unwrap().success());
    let child = site.backup(&[]).process_group(0).spawn().unwrap();
    let media = site.place.join("media");
    eventually("all others are copied", async || count_files(&media) == 13).await;
    kill(child);
    fs::remove_file(&key).unwrap();
    fs::write(&key, &bytes).unwrap();
    assert_eq!(site.backups(), Vec::<String>::new());
    let place = site.place.to_str().unwrap();
    let verified = run(photos("", &site.place, &["backup", "verify", place]), "").await;
    assert!(verified.complaints.contains("there is no whole backup"), "{}", verified.complaints);

    let ran = run_well(site.backup(&["--keep", "3"]), "").await;
    assert_eq!((ran.count("files that the dump names, of which"), ran.count("were copied now")), (14, 1));
    assert_eq!(ran.count("backups removed that were never finished"), 1);
    assert_eq!(
        number(&site.app.db, "select count(*) from storage_holds where ends_at > now()").await,
        1,
        "the killed one's"
    );
    let empty = Empty::new(&site, "restored").await;
    run_well(site.restore(&empty, &[]), "").await;
}

#[tokio::test]
async fn damaged_and_missing_files_are_named_and_only_an_empty_place_is_restored_into() {
    let site = Site::start().await;
    site.wedding().await;
    let key = a_key(&site).await;
    run_well(site.backup(&[]), "").await;
    let copy = site.place.join("media").join(&key);
    let good = fs::read(&copy).unwrap();
    let mut bad = good.clone();
    bad[20] ^= 1;
    fs::write(&copy, &bad).unwrap();
    let place = site.place.to_str().unwrap();
    let verified = run(photos("", &site.place, &["backup", "verify", place]), "").await;
    assert!(
        !verified.ok && verified.output.contains(&format!("damaged: media/{key}\n")),
        "{}",
        verified.output
    );

    let empty = Empty::new(&site, "restored").await;
    fs::create_dir_all(empty.storage.join("9")).unwrap();
    fs::write(empty.storage.join("9/of-another-site.jpg"), "x").unwrap();
    let refused = run(site.restore(&empty, &[]), "").await;
    assert!(
        !refused.ok && refused.complaints.contains("is not empty: there is 9/of-another-site.jpg"),
        "{}",
        refused.complaints
    );
    fs::remove_file(empty.storage.join("9/of-another-site.jpg")).unwrap();
    let refused = run(site.restore(&empty, &[]), "").await;
    assert!(!refused.ok && refused.complaints.contains("--anyway"), "{}", refused.complaints);
    assert!(!empty.storage.join(&key).exists(), "what is damaged is left out");

    // The databases are still empty, and what was copied is not copied again.
    let anyway = run(site.restore(&empty, &["--anyway"]), "").await;
    assert_eq!((anyway.ok, anyway.count("were there already")), (false, 13), "{}", anyway.complaints);
    assert!(anyway.output.contains(&format!("missing: {key}, photo 1 “1.jpg”\n")), "{}", anyway.output);
    let db = PgPool::connect(&empty.photos.url).await.unwrap();
    assert_eq!(number(&db, "select count(*) from photo").await, 2);

    // Without the bad copy the next backup takes the file anew; without the file itself it says so.
    fs::remove_file(&copy).unwrap();
    let mended = run_well(site.backup(&[]), "").await;
    assert_eq!((mended.count("were copied now"), fs::read(&copy).unwrap() == good), (1, true));
    fs::remove_file(&copy).unwrap();
    fs::remove_file(site.app.storage.join(&key)).unwrap();
    let lacking = run(site.backup(&[]), "").await;
    assert!(!lacking.ok && lacking.output.contains(&format!("missing: {key}\n")), "{}", lacking.output);
    assert_eq!(site.backups().len(), 3, "all else is in it");
}
