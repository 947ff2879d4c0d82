//! Second factors as tests need them: see [`builders`](crate::builders).

#![expect(clippy::expect_used, reason = "what is built here from constants is known to be valid")]

use std::time::Duration;

use doorward_core::{
    ids::SessionId,
    passkey::{Passkey, PasskeyId, SpentChallenge, StoredCredential},
    second_factor::{
        FactorUse, PendingId, PendingLogin, SecondProof, TotpEnrolment,
        pending::{CODES_PER_LOGIN, PENDING_TTL},
    },
    secret::TokenHash,
    session::{AuthMethod, Authentication, Session},
    store::{NewUser, SessionProof},
    time::Timestamp,
    user::User,
};

use crate::builders::{START, Scene};

/// The public key is the generator of P-256. Nothing is ever signed with it.
const CREDENTIAL: &str = r#"{
    "cred_id": "AQID",
    "cred": {"type_": "ES256", "key": {"EC_EC2": {
        "curve": "SECP256R1",
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
    }}},
    "counter": 0,
    "transports": null,
    "user_verified": true,
    "backup_eligible": false,
    "backup_state": false,
    "registration_policy": "preferred",
    "extensions": {},
    "attestation": {"data": "None", "metadata": "None"},
    "attestation_format": "none"
}"#;

impl Scene {
    /// A login of `user` that waits for the second factor from [`START`] on.
    #[must_use]
    pub fn pending_login(&self, user: &User) -> PendingLogin {
        PendingLogin {
            id: PendingId::from_bytes(self.bytes()),
            hash: self.token_hash(),
            user_id: user.id,
            expires_at: START.plus(PENDING_TTL),
            tries_left: CODES_PER_LOGIN,
            trust_device: false,
        }
    }

    /// An authenticator app that is being set up from [`START`] on, for half an hour, in a session of its own.
    #[must_use]
    pub fn totp_enrolment(&self) -> TotpEnrolment {
        TotpEnrolment {
            session: SessionId::from_bytes(self.bytes()),
            sealed: self.bytes::<48>().to_vec(),
            expires_at: START.plus(Duration::from_mins(30)),
        }
    }

    /// What stands for the hashes of ten recovery codes.
    #[must_use]
    pub fn recovery_codes(&self) -> Vec<TokenHash> {
        (0..10).map(|_| self.token_hash()).collect()
    }

    /// A passkey of `user`, registered at [`START`], that has counted nothing yet.
    #[must_use]
    pub fn passkey(&self, user: &User) -> Passkey {
        Passkey {
            id: PasskeyId::from_bytes(self.bytes::<16>().to_vec())
                .expect("sixteen bytes make a credential id"),
            user_id: user.id,
            name: "Blue key".parse().expect("a good name"),
            credential: StoredCredential::parse(CREDENTIAL.into()).expect("a good credential"),
            sign_count: 0,
            synced: false,
            created_at: START,
            last_used_at: None,
        }
    }

    /// A challenge that was signed, to be remembered for five minutes from [`START`] on.
    #[must_use]
    pub fn challenge(&self) -> SpentChallenge {
        SpentChallenge { hash: self.bytes(), expires_at: START.plus(Duration::from_mins(5)) }
    }

    /// A use of `passkey` whose counter says `sign_count`, of a challenge of its own.
    #[must_use]
    pub fn signed_by(&self, passkey: &Passkey, sign_count: u32) -> FactorUse {
        let challenge = self.challenge();
        FactorUse::Passkey { id: passkey.id.clone(), sign_count, synced: passkey.synced, challenge }
    }

    /// A session of `user` that was opened with a second factor.
    #[must_use]
    pub fn strong_session(&self, user: &User) -> Session {
        self.strong_session_at(user, START)
    }

    /// A session of `user` that was opened with a second factor at `now`.
    #[must_use]
    pub fn strong_session_at(&self, user: &User, now: Timestamp) -> Session {
        let amr = vec![AuthMethod::Password, AuthMethod::OneTimeCode, AuthMethod::MultipleFactors];
        let authentication = Authentication { aal: 2, amr, auth_time: now };
        Session { authentication, ..self.session_at(user, now) }
    }
}

/// The password that `user` was made with, and a second factor.
#[must_use]
pub fn both(user: &NewUser, second: FactorUse) -> SessionProof {
    SessionProof {
        password: user.password.clone(),
        second: SecondProof::Given(second),
        ..SessionProof::default()
    }
}
