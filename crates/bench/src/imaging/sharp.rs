//! The other side: sharp in a Node process that stays, so that its start costs it nothing.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::Context;
use serde::Deserialize;
use serde_json::json;

/// A process that renders photos with sharp.
pub struct Sharp {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What one photo cost.
#[derive(Deserialize)]
pub struct Cost {
    /// Processor seconds.
    pub cpu: f64,
    /// Kilobytes that the process had resident at most, since its start.
    pub peak: u32,
}

impl Sharp {
    /// Starts the process.
    pub fn start(script: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node can't be started")?;
        let input = child.stdin.take().context("its input")?;
        let output = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Self { child, input, output })
    }

    /// Renders one photo; with `keep`, a prefix of paths, writes what came out.
    pub fn render(&mut self, photo: &Path, keep: Option<&Path>) -> anyhow::Result<Cost> {
        writeln!(self.input, "{}", json!({ "file": photo, "keep": keep }))?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        serde_json::from_str(&answer).context("sharp did not answer")
    }
}

impl Drop for Sharp {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
