//! Access tokens: JWTs (RFC 7519, profile RFC 9068) signed with Ed25519 (RFC 8037) by a key of our own ring.
//!
//! The header is never parsed. A token's first segment must be, byte for byte, one of the headers that our ring's
//! keys write; so `alg` cannot choose anything, and neither `none`, nor HS256 keyed with our public key, nor a
//! foreign `kid` has a path to walk (RFC 8725, 3.1 and 3.11).

use std::time::Duration;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ParsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{SessionId, UserId},
    refusal::Refusal,
    secret::PlainToken,
    session::{SessionOfUser, Transport},
    signing_key::{PublishedKey, SigningKeyId},
    time::Timestamp,
    user::{Epoch, Roles},
};

/// How far `nbf` and `iat` may lie in the future: clocks of nodes differ a little. There is none for `exp`.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(30);

/// Nothing longer is looked at.
const MAX_TOKEN_BYTES: usize = 4096;

/// Who a valid access token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user_id: UserId,
    /// The name they log in with.
    pub username: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// What they may do.
    pub roles: Roles,
    /// The session.
    pub session_id: SessionId,
    /// How its tokens travel.
    pub transport: Transport,
    /// Authentication assurance level.
    pub aal: u8,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// They can do nothing else until they have chosen a new password.
    pub must_change_password: bool,
    /// They have a second factor.
    pub has_factor: bool,
    /// The access token's end.
    pub expires_at: Timestamp,
    /// When the access token was issued.
    pub issued_at: Timestamp,
    /// The session's epoch at that time.
    pub session_epoch: Epoch,
    /// The user's epoch at that time.
    pub user_epoch: Epoch,
}

/// The claims, as RFC 7519 and RFC 9068 name them where they do.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    auth_time: i64,
    aal: u8,
    amr: Vec<String>,
    roles: Vec<String>,
    name: String,
    email: Option<String>,
    pwc: bool,
    mfa: bool,
    tr: String,
    sv: u64,
    uv: u64,
    bnd: String,
}

/// Who issues tokens for whom, and for how long they live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// The `iss` claim: the public URL and the base path.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// The longest lifetime that is given: a token issued earlier than that is refused whatever its `exp` says.
    pub access_ttl: Duration,
}

/// A key that signs and verifies.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifying: VerifyingKey,
}

/// A key that verifies.
pub struct VerifyingKey {
    id: SigningKeyId,
    public: [u8; 32],
    /// The first segment of every token this key signed.
    header: String,
    parsed: ParsedPublicKey,
}

/// The bytes are no Ed25519 key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not an Ed25519 key")]
pub struct InvalidKey;

impl VerifyingKey {
    /// A key by its public half.
    ///
    /// # Errors
    /// [`InvalidKey`]
    pub fn new(id: SigningKeyId, public: [u8; 32]) -> Result<Self, InvalidKey> {
        let header =
            BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{id}"}}"#));
        let parsed = ParsedPublicKey::new(&ED25519, public).map_err(|_| InvalidKey)?;
        Ok(Self { id, public, header, parsed })
    }

    /// Its `kid`.
    #[must_use]
    pub const fn id(&self) -> &SigningKeyId {
        &self.id
    }

    /// All that others may know of it.
    #[must_use]
    pub fn published(&self) -> PublishedKey {
        PublishedKey { id: self.id.clone(), public: self.public }
    }

    /// The public key's bytes.
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Whether this key writes that header.
    #[must_use]
    pub fn writes(&self, header: &str) -> bool {
        self.header == header
    }
}

impl SigningKey {
    /// A key by its seed (RFC 8032, 5.1.5).
    ///
    /// # Errors
    /// [`InvalidKey`]
    pub fn new(id: SigningKeyId, seed: &[u8]) -> Result<Self, InvalidKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| InvalidKey)?;
        let public = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref();
        let public = public.try_into().map_err(|_| InvalidKey)?;
        Ok(Self { pair, verifying: VerifyingKey::new(id, public)? })
    }

    /// The half that verifies.
    #[must_use]
    pub const fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The half that verifies, by itself.
    #[must_use]
    pub fn into_verifying(self) -> VerifyingKey {
        self.verifying
    }

    /// Issues an access token for a session as it was read together with its user; and the time it ends.
    #[must_use]
    pub fn issue(
        &self,
        of: &SessionOfUser,
        jti: [u8; 16],
        now: Timestamp,
        rules: &TokenRules,
    ) -> (PlainToken, Timestamp) {
        let SessionOfUser { session, user } = of;
        // In whole seconds from the second of issue, so that the lifetime is exactly the configured one.
        let issued_at = Timestamp::from_seconds(now.as_seconds());
        let expires_at = issued_at.plus(rules.access_ttl).min(session.ends_at());
        let expires_at = Timestamp::from_seconds(expires_at.as_seconds());
        let claims = Claims {
            iss: rules.issuer.clone(),
            aud: rules.audience.clone(),
            sub: user.id.to_string(),
            sid: session.id.to_string(),
            jti: BASE64_URL_SAFE_NO_PAD.encode(jti),
            iat: now.as_seconds(),
            nbf: now.as_seconds(),
            exp: expires_at.as_seconds(),
            auth_time: session.authentication.auth_time.as_seconds(),
            aal: session.authentication.aal,
            amr: session.authentication.amr.iter().map(|method| method.as_str().to_owned()).collect(),
            roles: user.roles.iter().map(str::to_owned).collect(),
            name: user.username.as_str().to_owned(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            pwc: user.must_change_password,
            mfa: user.factors.any(),
            tr: session.transport.as_str().to_owned(),
            sv: session.epoch.0,
            uv: user.epoch.0,
            bnd: "off".to_owned(),
        };
        // Claims are strings and integers only: serialising them cannot fail.
        let payload = serde_json::to_vec(&claims).unwrap_or_default();
        let mut token = self.verifying.header.clone();
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.pair.sign(token.as_bytes());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        (PlainToken::new(token), expires_at)
    }
}

impl Principal {
    /// What it takes in memory, allocations included.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.username.capacity() + self.email.as_ref().map_or(0, |email| email.capacity() + 16);
        size_of::<Self>() + 32 + texts + self.roles.bytes()
    }
}

/// A token in its parts, and the key of ours that claims to have signed it. Nothing of it is believed yet.
pub(crate) struct Unverified<'t, 'k> {
    signed: &'t str,
    payload: &'t str,
    signature: [u8; 64],
    key: &'k VerifyingKey,
}

/// Proof that the signature of the token at hand is good: it was verified, now or before.
pub(crate) struct SignatureIsGood(());

impl SignatureIsGood {
    /// For a token whose signature was verified before: for the very same text.
    pub(crate) const fn as_before() -> Self {
        Self(())
    }
}

impl<'t, 'k> Unverified<'t, 'k> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Refusal::TokenInvalid`]: it is none, or no key of the ring writes such a header.
    pub(crate) fn parse(
        unverified: &'t str,
        mut keys: impl Iterator<Item = &'k VerifyingKey>,
    ) -> Result<Self, Refusal> {
        let invalid = || Refusal::TokenInvalid;
        if unverified.len() > MAX_TOKEN_BYTES {
            return Err(invalid());
        }
        let (signed, encoded) = unverified.rsplit_once('.').ok_or_else(invalid)?;
        let (header, payload) = signed.split_once('.').ok_or_else(invalid)?;
        let key = keys.find(|key| key.writes(header)).ok_or_else(invalid)?;
        let mut signature = [0; 64];
        match BASE64_URL_SAFE_NO_PAD.decode_slice(encoded, &mut signature) {
            Ok(64) => Ok(Self { signed, payload, signature, key }),
            Ok(_) | Err(_) => Err(invalid()),
        }
    }

    /// The key that claims to have signed it.
    pub(crate) const fn key(&self) -> &'k VerifyingKey {
        self.key
    }

    /// Verifies the signature.
    ///
    /// # Errors
    /// [`Refusal::TokenInvalid`]
    pub(crate) fn verify_signature(&self) -> Result<SignatureIsGood, Refusal> {
        let verified = self.key.parsed.verify_sig(self.signed.as_bytes(), &self.signature);
        verified.map(SignatureIsGood).map_err(|_| Refusal::TokenInvalid)
    }

    /// Whom it speaks for, if it is for us.
    ///
    /// # Errors
    /// [`Refusal::TokenInvalid`]: another issuer, audience, or form.
    pub(crate) fn principal(&self, _: SignatureIsGood, rules: &TokenRules) -> Result<Principal, Refusal> {
        let invalid = || Refusal::TokenInvalid;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(self.payload).map_err(|_| invalid())?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| invalid())?;
        if claims.iss != rules.issuer || claims.aud != rules.audience {
            return Err(invalid());
        }
        Ok(Principal {
            user_id: claims.sub.parse().map_err(|_| invalid())?,
            username: claims.name,
            email: claims.email,
            roles: Roles::parse(claims.roles).map_err(|_| invalid())?,
            session_id: claims.sid.parse().map_err(|_| invalid())?,
            transport: Transport::parse(&claims.tr).ok_or_else(invalid)?,
            aal: claims.aal,
            auth_time: Timestamp::from_seconds(claims.auth_time),
            must_change_password: claims.pwc,
            has_factor: claims.mfa,
            expires_at: Timestamp::from_seconds(claims.exp),
            issued_at: Timestamp::from_seconds(claims.iat.max(claims.nbf)),
            session_epoch: Epoch(claims.sv),
            user_epoch: Epoch(claims.uv),
        })
    }
}

/// Finds the key that claims to have signed `unverified`, and believes the claims only if it did, and if they are
/// ours: issuer, audience, types. Lifetimes, transport and revocation are checked on every use, by
/// [`check_lifetime`] and the verifier.
///
/// # Errors
/// [`Refusal::TokenInvalid`], whatever is wrong.
pub fn read<'k>(
    unverified: &str,
    keys: impl Iterator<Item = &'k VerifyingKey>,
    rules: &TokenRules,
) -> Result<(Principal, &'k SigningKeyId), Refusal> {
    let token = Unverified::parse(unverified, keys)?;
    let principal = token.principal(token.verify_signature()?, rules)?;
    Ok((principal, token.key().id()))
}

/// Whether a token of ours is within its lifetime.
///
/// # Errors
/// - [`Refusal::SessionExpired`]: at or after `exp`, or issued longer ago than any token lives.
/// - [`Refusal::TokenInvalid`]: issued in the future.
pub fn check_lifetime(principal: &Principal, now: Timestamp, access_ttl: Duration) -> Result<(), Refusal> {
    // `iat` is rounded down to a second: a token may be up to one second younger than it says.
    let oldest = now.minus(access_ttl).minus(Duration::from_secs(1));
    if now >= principal.expires_at || principal.issued_at < oldest {
        Err(Refusal::SessionExpired)
    } else if principal.issued_at > now.plus(CLOCK_LEEWAY) {
        Err(Refusal::TokenInvalid)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_of_rfc_8037_is_made_and_verified() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../tests/vectors/jose/rfc_vectors.json")).unwrap();
        let member = |name| vectors["rfc8037_a1"]["jwk"][name].as_str().unwrap();
        let seed = BASE64_URL_SAFE_NO_PAD.decode(member("d")).unwrap();
        let key = SigningKey::new(SigningKeyId::parse("rfc8037").unwrap(), &seed).unwrap();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(key.verifying().public()), member("x"));

        let (signed, expected) = vectors["rfc8037_a4"]["jws"].as_str().unwrap().rsplit_once('.').unwrap();
        let signature = key.pair.sign(signed.as_bytes());
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(signature.as_ref()), expected);
        assert!(key.verifying.parsed.verify_sig(signed.as_bytes(), signature.as_ref()).is_ok());
        assert!(key.verifying.parsed.verify_sig(&signed.as_bytes()[1..], signature.as_ref()).is_err());
    }
}
