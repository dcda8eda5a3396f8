use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::{DataFolderError, at, write_durably};

/// The secrets of one data folder: what was signed under another folder is worth nothing here.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// Signs and verifies access tokens.
    pub tokens: [u8; 32],
    /// The services' secrets are derived from it.
    pub services: [u8; 32],
}

/// Keys as the file holds them, in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    tokens: String,
    #[serde(alias = "offers")] // its name when only offers were signed
    services: String,
}

impl Keys {
    /// Reads the keys at `path`, or makes them at a folder's first start.
    pub(super) fn open_or_make(path: &Path) -> Result<Self, DataFolderError> {
        match fs::read(path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| DataFolderError::Damaged {
                path: path.to_owned(),
                why: "it doesn't hold two keys of 32 bytes".to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path).map_err(at(path)),
            Err(error) => Err(at(path)(error)),
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let file: KeysFile = serde_json::from_slice(text).ok()?;
        let key = |text: &str| BASE64.decode(text).ok()?.try_into().ok();
        Some(Self { tokens: key(&file.tokens)?, services: key(&file.services)? })
    }

    /// Written aside and renamed: a kill leaves either no keys or both.
    fn make(path: &Path) -> io::Result<Self> {
        let mut keys = Self::default();
        let random = SystemRandom::new();
        for key in [&mut keys.tokens, &mut keys.services] {
            random.fill(key).map_err(|_| io::Error::other("the system gave no randomness"))?;
        }
        let file = KeysFile { tokens: BASE64.encode(keys.tokens), services: BASE64.encode(keys.services) };
        let aside = path.with_extension("new");
        write_durably(&aside, &serde_json::to_vec(&file).map_err(io::Error::other)?)?;
        fs::rename(&aside, path)?;
        if let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Ok(keys)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(secret)")
    }
}
