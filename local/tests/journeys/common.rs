//! The real binary on a data folder of its own, as the journeys meet it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use embedded_dynamo::EmbeddedDynamo;
use journeys::{Deployment, Member, Origin};

pub(crate) use journeys::Traveller;
pub(crate) use journeys::traveller::day;

/// The page that the tests serve as the web app.
pub(crate) const INDEX: &str = "<!doctype html><title>Tern</title><style>body{margin:0}</style>\
    <link rel=stylesheet href=/styles-0123456789abcdef.css><script>alert('Hello, world.');</script>";

/// A data folder, which isn't made yet, and a built web app, for one test.
pub(crate) struct Laptop {
    pub(crate) data: PathBuf,
    pub(crate) web: PathBuf,
    _folder: tempfile::TempDir,
}

impl Laptop {
    /// The web app is as small as can be; every file has its pre-compressed sisters where a build makes them.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [data, web] = ["data", "web"].map(|name| folder.path().join(name));
        std::fs::create_dir(&web).unwrap();
        for (name, content) in [
            ("index.html", INDEX),
            ("frontend-0123456789abcdef.js", "export {};"),
            ("frontend-0123456789abcdef.js.br", "as brotli"),
            ("frontend-0123456789abcdef.js.gz", "as gzip"),
            ("frontend-0123456789abcdef_bg.wasm", "\0asm"),
            ("styles-0123456789abcdef.css", "body{}"),
            ("favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ] {
            std::fs::write(web.join(name), content).unwrap();
        }
        Self { data, web, _folder: folder }
    }

    /// The command line of the binary; port 0 is a free one.
    pub(crate) fn command(&self, port: u16) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("--data").arg(&self.data).arg("--web").arg(&self.web).args(["--port", &port.to_string()]);
        command.env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned()));
        command
    }

    /// Starts the binary and waits for its one line.
    pub(crate) fn start(&self) -> Running {
        Running::start(self.command(0))
    }
}

/// The binary, running; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) base: String,
}

impl Running {
    /// Starts `command` and waits for its one line.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        Self { base: base.to_owned(), child }
    }

    /// Ends it without a chance to put anything right.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub(crate) fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Stops it, which must go well; gives what it wrote to standard output after its first line.
    pub(crate) fn stop(mut self) -> String {
        self.interrupt();
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        rest
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, member_id: &str) -> Traveller {
        Traveller::sign_in(&self.base, member_id).await
    }

    /// What the shared journeys need to know of it; every member is signed in.
    pub(crate) async fn deployment(&self) -> Deployment {
        let mut members = BTreeMap::new();
        for member in api_airmiles::local_members() {
            let id = member.member_id.to_string();
            let access_token = self.sign_in(&id).await.token.unwrap();
            let signed_in =
                Member { access_token, opening_balance: member.opening_balance, tier: member.tier };
            members.insert(id, signed_in);
        }
        Deployment {
            origin: Origin::from(&self.base),
            members,
            miles_within_ms: 20_000,
            gateway_says_why: true,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) && self.child.kill().is_ok() {
            self.child.wait().ok();
        }
    }
}

/// How many seats are taken on all flights, by Booking's own table.
pub(crate) async fn seats_taken(booking: &EmbeddedDynamo) -> usize {
    let scan = booking
        .client()
        .scan()
        .table_name("booking")
        .filter_expression("begins_with(pk, :flight) AND begins_with(sk, :seat)")
        .expression_attribute_values(":flight", AttributeValue::S("FLIGHT#".to_owned()))
        .expression_attribute_values(":seat", AttributeValue::S("SEAT#".to_owned()))
        .into_paginator()
        .items()
        .send();
    scan.collect::<Result<Vec<_>, _>>().await.unwrap().len()
}
