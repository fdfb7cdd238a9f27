//! Images for the rehearsal in containers: ours from services built for release, and stand-ins from Debian's packages for those that
//! can't be had.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::places::text;
use crate::checkout::Checkout;
use crate::process::{run, run_quietly};
use crate::tools::{Need, Tools};
use crate::{say, tools};

/// What running containers needs where there is no Docker.
pub const NEEDS: [Need; 2] = [tools::PODMAN, tools::PYTHON];

/// What podman is told beside the machine's own configuration.
const CONFIGURATION: &str = r#"[containers]
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_backend = "netavark"
"#;
/// The programs of compose, of which Debian has only older ones.
const COMPOSE: &str = "podman-compose==1.6.0";
const BASE: &str = "docker.io/library/debian:bookworm-slim";
/// A stage of the stand-ins, and the image in whose place it stands.
const STAND_INS: [(&str, &str); 4] = [
    ("nginx", "docker.io/library/nginx:1.28-bookworm"),
    ("postgres", "docker.io/library/postgres:15-bookworm"),
    ("redis", "docker.io/library/redis:7-bookworm"),
    ("mail", "docker.io/boky/postfix:v4.4.0"),
];
const FILES: [(&str, &str); 3] = [
    ("Containerfile", include_str!("stand-ins/Containerfile")),
    ("postgres", include_str!("stand-ins/postgres")),
    ("mail.py", include_str!("stand-ins/mail.py")),
];
/// Where our binaries lie for the images, below the checkout; `.dockerignore` lets them through.
const BINARIES: &str = "target/rehearsal";
pub const OURS: &str = "localhost/photos-rehearsal";

/// The programs that make and run containers.
pub struct Engine {
    tools: Tools,
    folder: PathBuf,
    root: PathBuf,
}

impl Engine {
    pub fn prepare(checkout: &Checkout, tools: &Tools) -> Result<Self> {
        let folder = checkout.root.join(BINARIES);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("containers.conf"), CONFIGURATION)?;
        let engine = Self { tools: tools.clone(), folder, root: checkout.root.clone() };
        if !engine.compose_program().exists() {
            let place = text(&engine.folder.join("python"));
            run(engine.command("python3").args(["-m", "venv", &place]))?;
            run(engine.command(&format!("{place}/bin/pip")).args(["install", "--quiet", COMPOSE]))?;
        }
        Ok(engine)
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = self.tools.command(program);
        command.env("CONTAINERS_CONF", self.folder.join("containers.conf"));
        command
    }

    pub fn podman(&self, arguments: &[&str]) -> Result<String> {
        run_quietly(self.command("podman").args(arguments))
    }

    pub fn compose_program(&self) -> PathBuf {
        self.folder.join("python/bin/podman-compose")
    }

    /// Makes what is missing, and ours from services built for release; tells which images are stand-ins.
    pub fn make_images(&self, built: &Path) -> Result<Vec<&'static str>> {
        if self.is_missing(BASE) {
            self.make_base()?;
        }
        let stand_ins = self.folder.join("stand-ins");
        fs::create_dir_all(&stand_ins)?;
        for (name, content) in FILES {
            fs::write(stand_ins.join(name), content)?;
        }
        let mut stood_in = Vec::new();
        for (stage, image) in STAND_INS {
            let label = "{{index .Config.Labels \"rehearsal.stand-in\"}}";
            let known = self.podman(&["image", "inspect", "--format", label, image]).unwrap_or_default();
            if known.trim() == "Debian" || self.is_missing(image) {
                self.build(&stand_ins, &stand_ins.join("Containerfile"), stage, image, &[])?;
                stood_in.push(image);
            }
        }
        self.make_ours(built)?;
        Ok(stood_in)
    }

    fn is_missing(&self, image: &str) -> bool {
        let exists = || self.podman(&["image", "exists", image]).is_ok();
        !exists() && self.podman(&["pull", "--quiet", image]).is_err() && !exists()
    }

    fn make_base(&self) -> Result<()> {
        say("Debian's own image can't be had: making it from packages.");
        let (folder, archive) = (self.folder.join("base"), self.folder.join("base.tar"));
        let _ = fs::remove_dir_all(&folder);
        let included = "--include=ca-certificates";
        run(self.command("debootstrap").args(["--variant=minbase", included, "bookworm", &text(&folder)]))?;
        run(self.command("tar").args([
            "-C",
            &text(&folder),
            "--one-file-system",
            "-cf",
            &text(&archive),
            ".",
        ]))?;
        self.podman(&["import", "--quiet", &text(&archive), BASE])?;
        fs::remove_file(archive)?;
        Ok(fs::remove_dir_all(folder)?)
    }

    /// By the stage of the shipped Dockerfile that takes prebuilt binaries.
    fn make_ours(&self, built: &Path) -> Result<()> {
        for name in ["photos", "auth-service"] {
            let (from, to) = (built.join(name), self.folder.join(name));
            run_quietly(self.command("strip").arg("-o").arg(to).arg(from))?;
        }
        let arguments = ["BINARIES=prebuilt", &format!("PREBUILT={BINARIES}"), "VERSION=rehearsal"];
        let dockerfile = self.root.join("deploy/images/Dockerfile");
        for target in ["photos", "auth-service"] {
            self.build(&self.root, &dockerfile, target, &format!("{OURS}/{target}:latest"), &arguments)?;
        }
        Ok(())
    }

    fn build(&self, context: &Path, file: &Path, target: &str, image: &str, given: &[&str]) -> Result<()> {
        let mut command = self.command("buildah");
        // Health checks are no part of the other format.
        command.args(["bud", "--quiet", "--format", "docker", "--layers", "--isolation", "chroot"]);
        command.args(["--network", "host", "--target", target, "--tag", image, "--file", &text(file)]);
        for argument in given {
            command.args(["--build-arg", argument]);
        }
        run_quietly(command.arg(context)).map(drop).with_context(|| format!("building {image}"))?;
        ensure!(self.podman(&["image", "exists", image]).is_ok(), "{image} was built and is not there");
        Ok(())
    }
}
