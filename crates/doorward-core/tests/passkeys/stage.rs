//! A relying party, its keys, and ceremonies played from beginning to end.

use doorward_core::{
    ids::{PendingId, SessionId, UserId},
    master::{MasterSecret, ServerKeys},
    passkey::{
        Authenticated, AuthenticationCeremony, AuthenticationResponse, Challenge, LiveChallenge, NewPasskey,
        Passkey, PasskeyError, RegistrationCeremony, RegistrationResponse, RelyingParty,
    },
    time::Timestamp,
    user::Username,
};
use doorward_testkit::{SeededEntropy, authenticator::Authenticator};
use serde_json::Value;

pub(crate) const ORIGIN: &str = "https://auth.example.com";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const ANN: UserId = UserId::from_bytes([1; 16]);
pub(crate) const BOB: UserId = UserId::from_bytes([2; 16]);
pub(crate) const SESSION: SessionId = SessionId::from_bytes([3; 16]);
pub(crate) const PENDING: PendingId = PendingId::from_bytes([4; 16]);

pub(crate) const REGISTRATION: RegistrationCeremony = RegistrationCeremony { user: ANN, session: SESSION };
pub(crate) const SECOND_FACTOR: AuthenticationCeremony =
    AuthenticationCeremony::SecondFactor { user: ANN, pending: PENDING };
pub(crate) const STEP_UP: AuthenticationCeremony =
    AuthenticationCeremony::StepUp { user: ANN, session: SESSION };
pub(crate) const PASSWORDLESS: AuthenticationCeremony = AuthenticationCeremony::Passwordless;
pub(crate) const AUTHENTICATIONS: [AuthenticationCeremony; 3] = [SECOND_FACTOR, STEP_UP, PASSWORDLESS];

pub(crate) struct Stage {
    pub(crate) relying_party: RelyingParty,
    pub(crate) keys: ServerKeys,
    pub(crate) entropy: SeededEntropy,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let origins = vec![format!("{ORIGIN}/auth").parse().unwrap()];
        Self {
            relying_party: RelyingParty::new("auth.example.com", origins, "Example").unwrap(),
            keys: ServerKeys::derive(&master('A'), &[]).unwrap(),
            entropy: SeededEntropy::new(7),
        }
    }

    pub(crate) fn creation_options(&self, existing: &[Passkey]) -> Value {
        let challenge = Challenge::issue(REGISTRATION, &self.keys, &self.entropy, NOW).unwrap();
        let username: Username = "Ann".parse().unwrap();
        let options = self.relying_party.start_registration(&challenge, &username, existing);
        serde_json::to_value(options).unwrap()
    }

    pub(crate) fn finish_registration(&self, answer: &Value) -> Result<NewPasskey, PasskeyError> {
        let response = RegistrationResponse::parse(answer)?;
        let live = LiveChallenge::verify(REGISTRATION, response.unverified_challenge(), &self.keys, NOW)?;
        self.relying_party.finish_registration(&response, &live)
    }

    /// Registers a passkey of `authenticator` for Ann.
    pub(crate) fn register(&self, authenticator: &mut Authenticator) -> Result<Passkey, PasskeyError> {
        let answer = authenticator.create(&self.creation_options(&[])).unwrap();
        self.finish_registration(&answer).map(|new| new.named("Phone".parse().unwrap(), NOW))
    }

    pub(crate) fn request_options(&self, ceremony: AuthenticationCeremony, allowed: &[Passkey]) -> Value {
        let challenge = Challenge::issue(ceremony, &self.keys, &self.entropy, NOW).unwrap();
        serde_json::to_value(self.relying_party.start_authentication(&challenge, allowed)).unwrap()
    }

    pub(crate) fn finish_authentication(
        &self,
        ceremony: AuthenticationCeremony,
        passkey: &Passkey,
        answer: &Value,
    ) -> Result<Authenticated, PasskeyError> {
        let response = AuthenticationResponse::parse(answer)?;
        let live = LiveChallenge::verify(ceremony, response.unverified_challenge(), &self.keys, NOW)?;
        self.relying_party.finish_authentication(&response, passkey, &live)
    }

    /// Plays `ceremony` with `passkey`, from the options to the end.
    pub(crate) fn authenticate(
        &self,
        ceremony: AuthenticationCeremony,
        passkey: &Passkey,
        authenticator: &mut Authenticator,
    ) -> Result<Authenticated, PasskeyError> {
        let answer = authenticator.get(&self.request_options(ceremony, &[])).unwrap();
        self.finish_authentication(ceremony, passkey, &answer)
    }

    /// An authenticator of Ann's, and its passkey.
    pub(crate) fn phone(&self) -> (Authenticator, Passkey) {
        let mut phone = Authenticator::at(ORIGIN);
        let passkey = self.register(&mut phone).unwrap();
        (phone, passkey)
    }
}

pub(crate) fn master(letter: char) -> MasterSecret {
    MasterSecret::parse(&letter.to_string().repeat(43)).unwrap()
}
