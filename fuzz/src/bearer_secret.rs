//! Refresh, device, link and CSRF tokens: what is read is exactly what would be written, and nothing is ours that we
//! did not make.

use doorward_core::{
    ids::SessionId,
    master::{MasterSecret, ServerKeys},
    refresh::UnverifiedRefreshToken,
    secret::{PlainToken, TokenPrefix},
};

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    reads_back::<56>(TokenPrefix::Refresh, text);
    reads_back::<64>(TokenPrefix::Device, text);
    reads_back::<24>(TokenPrefix::Link, text);
    let Ok(master) = MasterSecret::parse(&"A".repeat(43)) else { panic!("this is a master secret") };
    let Ok(keys) = ServerKeys::derive(&master, &[]) else { panic!("keys can be derived") };
    // The keys are fixed and nothing was issued: whatever verifies is a forgery.
    assert!(keys.verify_device_token(text).is_none(), "{text}");
    let session = UnverifiedRefreshToken::parse(text).map_or(SessionId::from_bytes([0; 16]), |token| token.session);
    assert!(!keys.verify_csrf_token(text, session), "{text}");
    // The payload as an attacker would write it, checksum and all.
    let mut payload = [0; 64];
    for (slot, byte) in payload.iter_mut().zip(data) {
        *slot = *byte;
    }
    let forged = PlainToken::encode(TokenPrefix::Device, &payload);
    assert!(TokenPrefix::Device.decode::<64>(forged.reveal()) == Some(payload));
    assert!(keys.verify_device_token(forged.reveal()).is_none());
}

fn reads_back<const N: usize>(prefix: TokenPrefix, text: &str) {
    if let Some(payload) = prefix.decode::<N>(text) {
        assert_eq!(PlainToken::encode(prefix, &payload).reveal(), text, "two spellings of one token");
    }
}
