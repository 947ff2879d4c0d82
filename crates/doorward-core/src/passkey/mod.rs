//! stub
use crate::{ids::UserId, time::Timestamp};
/// stub
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PasskeyId(pub Vec<u8>);
/// stub
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentChallenge {
    /// h
    pub hash: [u8; 32],
    /// e
    pub expires_at: Timestamp,
}
/// stub
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// i
    pub id: PasskeyId,
    /// u
    pub user_id: UserId,
}
/// stub
#[derive(Debug)]
pub struct RelyingParty;
