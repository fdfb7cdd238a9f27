//! The same by `docker compose`, which a script stands in for: what the scripts ask of it, not what it makes of that.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use super::{Empty, Site, run_well};

const DOCKER: &str = include_str!("docker.sh");

/// Without the addresses of the databases in the environment, but for the one who stands in.
fn by_compose(mut command: Command, databases: [&str; 2]) -> Command {
    command.env_remove("AUTH_DATABASE_URL").env_remove("PHOTOS_DATABASE_URL");
    command.env("AUTH", databases[0]).env("PHOTOS", databases[1]);
    command
}

#[tokio::test]
async fn the_scripts_reach_databases_and_services_in_containers_too() {
    let site = Site::start().await;
    site.wedding().await;
    let docker = site.place.join("bin/docker");
    fs::write(&docker, DOCKER).unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let backup = by_compose(site.backup(&["--keep", "2"]), [&site.auth, &site.app.database.url]);
    let ran = run_well(backup, "").await;
    assert_eq!((ran.count("were copied now"), ran.count("old backups removed")), (14, 0));
    let empty = Empty::new(&site, "restored").await;
    let restore = by_compose(site.restore(&empty, &[]), [&empty.auth.url, &empty.photos.url]);
    let ran = run_well(restore, "").await;
    assert_eq!((ran.count("files that rows name, of which"), ran.count("are not what they were")), (14, 0));
    assert!(ran.output.contains("in photos: chown -R 10001:10001 /var/lib/photos\n"), "{}", ran.output);
}
