use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Tern whole on a laptop: the web app, both services, their stores and the way between them, in one process.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "local", version)]
pub struct Arguments {
    /// The port to listen on; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,

    /// The folder that keeps everything from one start to the next; made if missing.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// The folder with the built web app.
    #[arg(long, value_name = "DIST")]
    pub web: PathBuf,

    /// The address to listen on. Anything but loopback opens Tern to the network, and its sign-in has no password.
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,
}
