//! An emulator for a test, and what speaks to it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A run of `emulate`.
pub(crate) fn infra_tool(words: &[&str]) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_infra-tool"));
    let mut command = Command::new(program);
    // The services' binaries lie where cargo put this one.
    command.arg("emulate").arg("--binaries").arg(program.parent().unwrap()).args(words);
    command
}

/// An emulator that stays for as long as a test needs it.
pub(crate) struct Emulator {
    pub(crate) tool: Child,
    pub(crate) url: String,
    pub(crate) said: String,
}

impl Emulator {
    pub(crate) fn start(words: &[&str]) -> Self {
        Self::start_and_tell(words, Stdio::inherit())
    }

    /// `errors`: where its sentence goes if it ends badly.
    pub(crate) fn start_and_tell(words: &[&str], errors: Stdio) -> Self {
        let mut stay = infra_tool(words);
        let mut tool = stay.arg("--stay").stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(tool.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said = String::new();
        for line in lines.by_ref() {
            if let Some(url) = line.strip_prefix("listening on ") {
                let url = url.to_owned();
                // Read on, or it would block on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Self { tool, url, said };
            }
            said += &line;
            said.push('\n');
        }
        panic!("it ended with {}: {said}", tool.wait().unwrap());
    }

    /// The account of `service`, which depends on the services that there are.
    pub(crate) fn account(&self, service: &str) -> &str {
        let stack = format!("tern-dev-{service} in ");
        let (_, rest) = self.said.split_once(&stack).unwrap_or_else(|| panic!("no {stack}: {}", self.said));
        &rest[..12]
    }

    /// Runs Python that speaks to it by `client(service, account, region)`; what it prints.
    pub(crate) fn python(&self, script: &str) -> String {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join(".tools/infra");
        let homes = std::fs::read_dir(tools).unwrap().map(|entry| entry.unwrap().path());
        let is_emulators =
            |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("emulator-");
        let home = homes.into_iter().find(is_emulators).unwrap();
        let script = format!(
            "import boto3, json\ndef client(service, account, region):\n    return boto3.client(service, \
             region_name=region, endpoint_url='{}', aws_access_key_id=account, aws_secret_access_key='emulated')\n{script}",
            self.url
        );
        let done = Command::new(home.join("bin/python3")).args(["-c", &script]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.tool.kill().ok(); // it may have ended by itself
        self.tool.wait().ok();
    }
}
