//! What must hold of everything that was ever done, read off the list of what the store let happen.

use std::collections::{BTreeMap, BTreeSet};

use doorward_core::{
    second_factor::{FactorChange, FactorUse, SecondProof, pending::CODES_PER_LOGIN},
    store::SessionProof,
};

use crate::{fact::Fact, history::History};

impl History {
    /// Fails where one of the rules was broken.
    pub(crate) fn keeps_the_rules(&self) {
        self.no_pending_login_has_more_than_five_codes();
        self.what_is_good_once_was_used_once();
        self.no_code_went_back();
        for (at, fact) in self.0.iter().enumerate() {
            let before = Self(self.0[..at].to_vec());
            before.opens_nothing_weak(fact);
            before.completes_nothing_that_ended(fact);
        }
    }

    fn no_pending_login_has_more_than_five_codes(&self) {
        let mut claims = BTreeMap::<_, u32>::new();
        for fact in &self.0 {
            if let Fact::Claimed(claim) = fact
                && let Some(id) = claim.pending
            {
                *claims.entry(*id.as_bytes()).or_default() += 1;
            }
        }
        assert!(claims.values().all(|codes| *codes <= CODES_PER_LOGIN), "{claims:?}");
    }

    /// Pending logins, recovery codes, signatures.
    fn what_is_good_once_was_used_once(&self) {
        let mut used = BTreeSet::new();
        for fact in &self.0 {
            let pending = fact.completes().map(|id| id.as_bytes().to_vec());
            let challenge = fact.answered().map(|challenge| challenge.hash.to_vec());
            let code = match fact {
                Fact::Opened(
                    _,
                    SessionProof { second: SecondProof::Given(FactorUse::RecoveryCode(hashes)), .. },
                    _,
                ) => Some(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()),
                _ => None,
            };
            for once in [pending, challenge, code].into_iter().flatten() {
                assert!(used.insert(once), "used twice: {fact:?}");
            }
        }
    }

    /// Each code is of the app in force, and of a later step than the one before.
    fn no_code_went_back(&self) {
        let mut last = BTreeMap::new();
        for fact in &self.0 {
            match fact {
                Fact::Changed(user, FactorChange::ConfirmTotp { sealed, state, .. }) => {
                    last.insert(*user, (sealed, state.last_step));
                }
                Fact::Opened(
                    session,
                    SessionProof { second: SecondProof::Given(FactorUse::Totp { sealed, state }), .. },
                    _,
                ) => {
                    let before = last.insert(session.user_id, (sealed, state.last_step));
                    assert!(
                        before.is_some_and(|(app, step)| app == sealed && step < state.last_step),
                        "{before:?}, then {fact:?}"
                    );
                }
                _ => {}
            }
        }
    }

    /// Whoever has a factor shows it, or has shown it on this device since the last change.
    fn opens_nothing_weak(&self, fact: &Fact) {
        let Fact::Opened(session, proof, now) = fact else { return };
        let user = session.user_id;
        let enough = match &proof.second {
            _ if !self.factors(user).any() => true,
            SecondProof::None => false,
            SecondProof::TrustedDevice(device) => self.is_trusted(user, *device, *now),
            SecondProof::Given(_) => session.authentication.aal >= 2,
        };
        assert!(enough, "{fact:?}");
    }

    /// Nothing that was begun before a change of factors, or with an older password, is completed after it.
    fn completes_nothing_that_ended(&self, fact: &Fact) {
        let Fact::Opened(session, SessionProof { pending: Some(id), .. }, now) = fact else { return };
        let began = self.0.iter().rposition(|fact| matches!(fact, Fact::Began(login) if login.id == *id));
        let since = &self.0[began.unwrap()..];
        let Fact::Began(login) = &since[0] else { return };
        assert!(login.user_id == session.user_id && *now < login.expires_at, "{fact:?}");
        for between in since {
            let casts_doubt = match between {
                Fact::PasswordSet(user, _) | Fact::Disabled(user) | Fact::Changed(user, ..) => {
                    *user == session.user_id
                }
                Fact::Ended(ended) => ended == id,
                _ => false,
            };
            assert!(!casts_doubt, "{between:?}, and yet: {fact:?}");
        }
    }
}
