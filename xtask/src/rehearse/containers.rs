//! The shipped compose.yaml as containers: every part with its own walls, and the main job through them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::browser::Browser;
use super::certificate::Authority;
use super::images::{Engine, OURS};
use super::places::{DOMAIN, Places, text};
use super::site::only_line;
use super::stage::{Stage, mails_in, until_within};
use super::{refusals, step, walk};
use crate::cargo;
use crate::checkout::Checkout;
use crate::phases::seconds;
use crate::process::{run_quietly, signal};
use crate::say;
use crate::tools::Tools;

const PROJECT: &str = "photos-rehearsal";
const PATIENCE: Duration = Duration::from_mins(3);
/// What answers when it is asked whether it is well.
const HEALTHY: [&str; 6] = ["auth-db", "photos-db", "redis", "auth-service", "photos", "nginx"];
/// Those that run on a read-only file system, without capabilities and as somebody else than root.
const WALLED: [&str; 7] = ["auth-db", "photos-db", "redis", "auth-service", "photos", "worker", "nginx"];

/// The containers; removed with their volumes when this is dropped.
pub struct Containers {
    engine: Engine,
    tools: Tools,
    programs: PathBuf,
    places: Places,
    authority: Authority,
    /// The folder of compose.yaml.
    home: PathBuf,
}

/// Brings everything up, walks through it and takes it down.
pub fn rehearse(checkout: &Checkout, tools: &Tools, built: &Path) -> Result<()> {
    let begun = Instant::now();
    let engine = step("podman is there", || Engine::prepare(checkout, tools))?;
    let stood_in = step("images", || engine.make_images(built))?;
    let site = step("one command makes the secrets", || Containers::prepare(checkout, tools, engine))?;
    let outcome = walked(&site);
    if outcome.is_err() {
        say(site.last_lines());
    }
    outcome?;
    say(format_args!(
        "\nRehearsed in {}, as containers of podman. Stand-ins from Debian's packages: {}.",
        seconds(begun.elapsed()),
        stood_in.join(", ")
    ));
    Ok(())
}

fn walked(site: &Containers) -> Result<()> {
    step("compose brings it up, and all are well", || site.up())?;
    step("walls: read-only, without root and capabilities, secrets from files", || site.walls())?;
    step("who reaches whom", || site.networks())?;
    step("a certificate comes by the shipped hook, and https begins", || site.certify())?;
    step("plain http leads to https, strangers get nothing", || refusals::doors(site))?;
    step("the first administrator comes by a link that works once", || walk::administrator(site))?;
    let ana = step("a photographer registers by mail and lands in photos", || walk::photographer(site))?;
    let work = step("she uploads a gallery, with a file of 18 MB", || walk::upload(site, &ana))?;
    step("pictures come from nginx: tags, ranges, nothing doubled", || walk::pictures(&ana, &work))?;
    step("events come at once", || walk::events(&ana))?;
    let link =
        step("a client opens her link and downloads, in parts too", || walk::client(site, &ana, &work))?;
    step("what is not shown is not had, by any address", || refusals::pictures(site, &ana, &work, &link))?;
    step("she signs out, and in again", || walk::signed_out(site, &ana, &work))?;
    step("both doctors find all well", || site.doctors())?;
    step("a part that ends is started again", || site.ended(&ana))
}

impl Containers {
    fn prepare(checkout: &Checkout, tools: &Tools, engine: Engine) -> Result<Self> {
        let places = Places::make()?;
        let authority = Authority::make(tools, &places.of("authority"))?;
        let home = places.of("site");
        fs::create_dir_all(&home)?;
        run_quietly(tools.command("cp").arg("-r").arg(checkout.root.join("deploy")).arg(&home))?;
        fs::copy(checkout.root.join("compose.yaml"), home.join("compose.yaml"))?;
        let secrets = || run_quietly(tools.command("sh").arg(home.join("deploy/secrets")).current_dir(&home));
        let asked = secrets().err().map(|error| error.to_string()).unwrap_or_default();
        ensure!(
            asked.contains("smtp_url is still missing"),
            "without a mail server nothing is asked: {asked}"
        );
        fs::write(home.join("secrets/smtp_url"), "smtp://mail:587\n")?;
        secrets()?;
        let Places { http, https, .. } = places;
        let (auth, photos) = (places.url("auth"), places.url("photos"));
        let settings = format!(
            "BASE_DOMAIN={DOMAIN}\nMAIL_FROM=Photos <no-reply@{DOMAIN}>\nHTTP_PORT={http}\nHTTPS_PORT={https}\n\
             PUBLIC_PORT=:{https}\nAUTH_PUBLIC_URL={auth}\nPHOTOS_PUBLIC_URL={photos}\nHOME_URL={photos}/photos\n\
             REGISTRATION_ROLE=photographer\nIMAGES={OURS}\nCOMPOSE_PROFILES=mail,redis\n\
             REDIS_URL_FILE=/run/secrets/redis_url\n"
        );
        fs::write(home.join(".env"), settings)?;
        let programs = cargo::programs(checkout, tools)?;
        let site = Self { engine, tools: tools.clone(), programs, places, authority, home };
        site.down();
        Ok(site)
    }

    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.engine.command(&text(&self.engine.compose_program()));
        command.current_dir(&self.home).args(["-p", PROJECT, "--in-pod", "false"]);
        // podman would give every read-only container folders to write into, which Docker does not.
        command.arg("--podman-run-args=--read-only-tmpfs=false").args(arguments);
        command
    }

    /// podman-compose waits for no health, so parts that come too early are started again by the engine, as they should.
    fn up(&self) -> Result<()> {
        let said = run_quietly(&mut self.compose(&["up", "-d"]))?;
        until_within(PATIENCE, "the health of all parts", || {
            HEALTHY.iter().all(|part| self.engine.podman(&["healthcheck", "run", &container(part)]).is_ok())
        })
        .with_context(|| said)
    }

    fn walls(&self) -> Result<()> {
        let facts = "{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.HostConfig.SecurityOpt}} {{.Config.User}} \
                     {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.Memory}}";
        for part in WALLED {
            let told = self.engine.podman(&["inspect", "--format", facts, &container(part)])?;
            let told = told.trim();
            let walled =
                told.starts_with("true [] [no-new-privileges] ") && told.contains(" unless-stopped ");
            ensure!(walled && !told.ends_with(" 0"), "{part}: {told}");
            let who = self.within(part, &["id", "-u"])?;
            ensure!(who.trim() != "0", "{part} runs as root");
            ensure!(self.within(part, &["touch", "/anything"]).is_err(), "{part} writes where it likes");
        }
        for (part, secret) in [("auth-service", "auth_secrets"), ("photos", "photos_secrets")] {
            let value = fs::read_to_string(self.home.join("secrets").join(secret))?;
            let environment =
                self.engine.podman(&["inspect", "--format", "{{.Config.Env}}", &container(part)])?;
            ensure!(!environment.contains(value.trim()), "the environment of {part} tells its secrets");
            let read = self.within(part, &["cat", &format!("/run/secrets/{secret}")])?;
            ensure!(read == value, "{part} does not read its secret from the file");
        }
        Ok(())
    }

    /// A name that a part does not know is of a network that it is not in.
    fn networks(&self) -> Result<()> {
        let knows = |part: &str, name: &str| self.within(part, &["getent", "hosts", name]).is_ok();
        for (part, name, expected) in [
            ("photos", "photos-db", true),
            ("photos", "auth-service", true),
            ("photos", "auth-db", false),
            ("auth-service", "auth-db", true),
            ("auth-service", "photos-db", false),
            ("auth-service", "redis", false),
            ("worker", "photos-db", true),
            ("worker", "auth-db", false),
            ("worker", "auth-service", false),
            ("nginx", "photos", true),
            ("nginx", "photos-db", false),
            ("nginx", "auth-db", false),
            ("nginx", "redis", false),
        ] {
            ensure!(knows(part, name) == expected, "whether {part} reaches {name} is not {expected}");
        }
        // By its number too: names are no walls.
        let of = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
        let address = self.engine.podman(&["inspect", "--format", of, &container("auth-db")])?;
        let address = address.trim();
        let knock = format!("exec 3<>/dev/tcp/{address}/5432");
        ensure!(
            self.within("auth-service", &["timeout", "3", "bash", "-c", &knock]).is_ok(),
            "{address} is not there"
        );
        ensure!(
            self.within("photos", &["timeout", "3", "bash", "-c", &knock]).is_err(),
            "photos reaches {address}"
        );
        Ok(())
    }

    /// Delivered as certbot's hook does it.
    fn certify(&self) -> Result<()> {
        let lineage = self.places.of("certificates");
        self.authority.certify(&self.tools, &lineage)?;
        let mut hook = self.tools.command("sh");
        hook.arg(self.home.join("deploy/certbot/deliver")).env("RENEWED_LINEAGE", lineage);
        run_quietly(hook.env("CERTIFICATES", self.volume("certificates")?))?;
        let url = format!("{}/login", self.places.url("auth"));
        until_within(PATIENCE, "https", || {
            self.browser().and_then(|browser| browser.get(&url)).is_ok_and(|answer| answer.status == 200)
        })
    }

    fn doctors(&self) -> Result<()> {
        for part in ["auth-service", "photos"] {
            let told = self.within(part, &[part, "doctor"])?;
            ensure!(!told.contains('✗'), "{told}");
        }
        Ok(())
    }

    /// Killed from outside, as by a fault of its own; the engine starts it again and nginx finds it at its new address.
    fn ended(&self, ana: &Browser) -> Result<()> {
        let process = || self.engine.podman(&["inspect", "--format", "{{.State.Pid}}", &container("photos")]);
        let before = process()?;
        signal("KILL", before.trim());
        until_within(PATIENCE, "another photos", || {
            process().is_ok_and(|now| now != before && now.trim() != "0")
        })?;
        until_within(PATIENCE, "photos through nginx", || {
            ana.get(&format!("{}/photos", ana.photos)).is_ok_and(|answer| answer.status == 200)
        })
    }

    fn within(&self, part: &str, command: &[&str]) -> Result<String> {
        self.engine.podman(&[&["exec", &container(part)], command].concat())
    }

    /// Where a volume lies on this machine.
    fn volume(&self, name: &str) -> Result<PathBuf> {
        let name = format!("{PROJECT}_{name}");
        let place = self.engine.podman(&["volume", "inspect", "--format", "{{.Mountpoint}}", &name])?;
        Ok(PathBuf::from(place.trim()))
    }

    fn last_lines(&self) -> String {
        let mut said = String::new();
        for part in WALLED {
            let mut command = self.engine.command("podman");
            if let Ok(output) = command.args(["logs", "--tail", "8", &container(part)]).output() {
                let text = [output.stdout, output.stderr].concat();
                for line in String::from_utf8_lossy(&text).lines() {
                    said.extend([part, " | ", line, "\n"]);
                }
            }
        }
        said
    }

    fn down(&self) {
        let _ = run_quietly(&mut self.compose(&["down", "--volumes", "--timeout", "5"]));
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.down();
    }
}

impl Stage for Containers {
    fn tools(&self) -> &Tools {
        &self.tools
    }

    fn places(&self) -> &Places {
        &self.places
    }

    fn programs(&self) -> &Path {
        &self.programs
    }

    fn browser(&self) -> Result<Browser> {
        Browser::new(&self.tools, &self.places, &self.authority.certificate())
    }

    fn auth_command(&self, arguments: &[&str]) -> Result<String> {
        only_line(&self.within("auth-service", &[&["auth-service"], arguments].concat())?)
    }

    fn mails(&self) -> Vec<String> {
        self.volume("mail").map(|folder| mails_in(&folder)).unwrap_or_default()
    }
}

fn container(part: &str) -> String {
    format!("{PROJECT}_{part}_1")
}
