//! What building, running and testing need, by the packages that bring it.

use std::env;
use std::path::Path;

use super::{Tools, browser, heif};
use crate::binaries;
use crate::process::run_quietly;

/// Something that must be there, and the Debian packages that bring it.
pub struct Need {
    pub(super) name: &'static str,
    pub(super) packages: &'static [&'static str],
    /// Whether the packages work when unpacked into a folder, without an installation.
    pub(super) unpacks: bool,
    /// Whether an installation would start a server of the machine's own; then not even root installs it.
    pub(super) serves: bool,
    pub(super) is_there: fn(&Tools) -> bool,
}

pub const COMPILER: Need = Need {
    name: "a C compiler",
    packages: &["build-essential"],
    unpacks: false,
    serves: false,
    is_there: |tools| tools.has("cc"),
};
pub const MAKE: Need = Need {
    name: "make",
    packages: &["make"],
    unpacks: true,
    serves: false,
    is_there: |tools| tools.has("make"),
};
pub const CMAKE: Need = Need {
    name: "cmake",
    packages: &["cmake"],
    unpacks: true,
    serves: false,
    is_there: |tools| tools.has("cmake"),
};
pub const NASM: Need = Need {
    name: "nasm",
    packages: &["nasm"],
    unpacks: true,
    serves: false,
    is_there: |tools| tools.has("nasm"),
};
pub const POSTGRES: Need = Need {
    name: "PostgreSQL",
    packages: &["postgresql"],
    unpacks: true,
    serves: false,
    is_there: |tools| binaries::find(tools).is_some(),
};
pub const BROWSER: Need = Need {
    name: "Chromium with its driver",
    packages: &["chromium", "chromium-driver"],
    unpacks: false,
    serves: false,
    is_there: |tools| browser(tools).is_some(),
};
/// The proxies that the documented configurations are tested with; nginx with the module that asks the auth-service.
pub const NGINX: Need = Need {
    name: "nginx",
    packages: &["nginx"],
    unpacks: true,
    serves: true,
    is_there: |tools| tools.find("nginx").is_some_and(|nginx| can_ask(tools, &nginx)),
};
pub const CADDY: Need = Need {
    name: "Caddy",
    packages: &["caddy"],
    unpacks: true,
    serves: true,
    is_there: |tools| tools.has("caddy"),
};
/// What replicas of photos remember together.
pub const REDIS: Need = Need {
    name: "Redis",
    packages: &["redis-server"],
    unpacks: true,
    serves: true,
    is_there: |tools| tools.has("redis-server"),
};
/// For an example in the documents.
pub const PYTHON: Need = Need {
    name: "Python",
    packages: &["python3"],
    unpacks: false,
    serves: false,
    is_there: |tools| tools.has("python3"),
};
/// A client that is not ours, and what makes certificates.
pub const CURL: Need = Need {
    name: "curl",
    packages: &["curl"],
    unpacks: true,
    serves: false,
    is_there: |tools| tools.has("curl"),
};
pub const OPENSSL: Need = Need {
    name: "openssl",
    packages: &["openssl"],
    unpacks: true,
    serves: false,
    is_there: |tools| tools.has("openssl"),
};
/// Containers without a daemon, with what its networks and builds are made of.
pub const PODMAN: Need = Need {
    name: "podman with buildah",
    packages: &[
        "podman",
        "buildah",
        "runc",
        "netavark",
        "aardvark-dns",
        "iptables",
        "catatonit",
        "debootstrap",
        "binutils",
        "python3-venv",
    ],
    unpacks: false,
    serves: false,
    is_there: |tools| {
        ["podman", "buildah", "runc", "iptables", "catatonit", "debootstrap", "strip"]
            .iter()
            .all(|name| tools.has(name))
    },
};
/// With the libraries of its sanitizers, which are a package of their own.
pub const CLANG: Need = Need {
    name: "clang with its sanitizers",
    packages: &["clang", "libclang-rt-dev"],
    unpacks: false,
    serves: false,
    is_there: has_sanitizers,
};

/// What decodes HEIC and AVIF, looked for when photos runs.
pub const HEIF: Need = Need {
    name: "libheif",
    packages: &["libheif1"],
    // A decoder runs without any environment, so it would not find an unpacked library.
    unpacks: false,
    serves: false,
    is_there: |_| heif(),
};

/// What `dev` and the build need.
pub const TO_BUILD_AND_RUN: &[Need] = &[COMPILER, MAKE, CMAKE, NASM, POSTGRES];
/// What fuzzing needs.
pub const TO_FUZZ: &[Need] = &[COMPILER, MAKE, CMAKE, NASM, CLANG];

/// Whether this nginx was built with `auth_request`. It tells on standard error.
fn can_ask(tools: &Tools, nginx: &Path) -> bool {
    let said = tools.command(nginx).arg("-V").output();
    said.is_ok_and(|said| String::from_utf8_lossy(&said.stderr).contains("http_auth_request_module"))
}

/// Whether clang finds its address sanitizer.
fn has_sanitizers(tools: &Tools) -> bool {
    let library = format!("-print-file-name=libclang_rt.asan-{}.a", env::consts::ARCH);
    // Of a library that is not there it prints the bare name.
    let place = run_quietly(tools.command("clang").arg(library)).unwrap_or_default();
    Path::new(place.trim()).is_file()
}
