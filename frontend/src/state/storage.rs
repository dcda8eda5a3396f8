//! The browser's storages. Both may be missing or full (private windows): then nothing is stored, and nothing fails.

use serde::{Serialize, de::DeserializeOwned};
use web_sys::Storage;

/// Which storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Until the tab closes.
    Tab,
    /// On this device.
    Device,
}

impl Kept {
    fn storage(self) -> Option<Storage> {
        let window = web_sys::window()?;
        match self {
            Self::Tab => window.session_storage(),
            Self::Device => window.local_storage(),
        }
        .ok()
        .flatten()
    }

    /// The value under `key`, if it exists and parses.
    #[must_use]
    pub fn read<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        let text = self.storage()?.get_item(key).ok().flatten()?;
        crate::json::from_str(&text).ok()
    }

    pub fn write(self, key: &str, value: &impl Serialize) {
        if let (Some(storage), Ok(text)) = (self.storage(), serde_json::to_string(value)) {
            storage.set_item(key, &text).ok(); // full or forbidden: the app works without
        }
    }

    pub fn remove(self, key: &str) {
        if let Some(storage) = self.storage() {
            storage.remove_item(key).ok();
        }
    }
}
