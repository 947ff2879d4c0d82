//! Everything that SQLite writes, as somebody who copied the disk reads it (M-N07).

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use memchr::memmem;

use crate::world::World;

/// The bytes of every file of the database.
pub(crate) struct Dump(Vec<u8>);

impl Dump {
    pub(crate) fn of(world: &World) -> Self {
        let files = std::fs::read_dir(world.directory()).unwrap().map(|entry| entry.unwrap().path());
        Self(files.flat_map(|path| std::fs::read(path).unwrap()).collect())
    }

    pub(crate) fn holds(&self, needle: &[u8]) -> bool {
        memmem::find(&self.0, needle).is_some()
    }

    /// Looks for each secret, in any encoding; how many it looked for.
    #[track_caller]
    pub(crate) fn holds_none_of(&self, secrets: &[String]) -> usize {
        let mut looked_for = 0;
        for secret in secrets.iter().filter(|secret| secret.len() > 4) {
            looked_for += 1;
            assert!(!self.holds(secret.as_bytes()), "{secret}");
            let in_base64 = BASE64_STANDARD.encode(secret);
            assert!(!self.holds(in_base64.trim_end_matches('=').as_bytes()), "{secret} in base64");
            // The random part of a token of ours, as the bytes it stands for. A device's id is no secret without its
            // MAC, nor is a session's: what comes last is.
            if let Some(payload) = secret.strip_prefix("dw").and_then(|rest| rest.get(2..rest.len() - 6)) {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
                assert!(!self.holds(&bytes[bytes.len() - 24..]), "the bytes of {secret}");
            }
        }
        looked_for
    }
}
