//! An authority that this rehearsal alone trusts, and certificates by it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::places::{DOMAIN, text};
use crate::process::run_quietly;
use crate::tools::Tools;

/// The authority's key and certificate, in a folder of their own.
pub struct Authority {
    folder: PathBuf,
}

impl Authority {
    pub fn make(tools: &Tools, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let (key, certificate) = (text(&folder.join("key.pem")), text(&folder.join("authority.pem")));
        let mut command = tools.command("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        command.args(["-days", "2", "-subj", "/CN=Rehearsal", "-keyout", &key, "-out", &certificate]);
        run_quietly(&mut command)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// What a client trusts.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// Makes a certificate for both hosts and puts it where nginx looks, the key first.
    pub fn certify(&self, tools: &Tools, target: &Path) -> Result<()> {
        let own = |name: &str| text(&self.folder.join(name));
        let (key, request, made, names) = (own("site.key"), own("site.csr"), own("site.pem"), own("names"));
        fs::write(&names, format!("subjectAltName=DNS:photos.{DOMAIN},DNS:auth.{DOMAIN}\n"))?;
        let mut command = tools.command("openssl");
        command.args(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        command.args(["-subj", &format!("/CN=photos.{DOMAIN}"), "-keyout", &key, "-out", &request]);
        run_quietly(&mut command)?;
        let mut command = tools.command("openssl");
        command.args(["x509", "-req", "-days", "2", "-in", &request, "-extfile", &names, "-out", &made]);
        command.args(["-CA", &own("authority.pem"), "-CAkey", &own("key.pem"), "-CAcreateserial"]);
        run_quietly(&mut command)?;
        fs::copy(&key, target.join("privkey.pem"))?;
        fs::copy(&made, target.join("fullchain.pem"))?;
        Ok(())
    }
}
