//! What a new password must not be (NIST SP 800-63B-4, 3.1.1.2): its owner's name, one of the most common, one known
//! from a breach, or one that is guessed quickly.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    BreachedPasswords, InvalidPassword, PasswordOwner, PlainPassword, breached::is_breached,
    common::is_common, similar::is_like_its_owner, strength::too_weak,
};
use crate::{
    authority::Authority,
    refusal::{FieldError, Refusal},
};

impl Authority {
    /// Takes a password that is to be set for `owner`, named `field` in the request. Its form is checked at once, the
    /// rest among the hashes: it takes milliseconds, may wait for a disk, and is bounded as they are.
    ///
    /// # Errors
    /// - [`Refusal::Invalid`]: the first rule it breaks.
    /// - [`Refusal::Overloaded`]: as for hashing it.
    /// - [`Refusal::StoreUnavailable`]: the list of breached passwords cannot be read.
    pub(crate) async fn choose_password(
        &self,
        typed: &str,
        field: &'static str,
        owner: PasswordOwner<'_>,
    ) -> Result<PlainPassword, Refusal> {
        let settings = self.settings();
        let chosen = PlainPassword::well_formed(typed, field, &settings.password, owner)?;
        let screening = Screening {
            typed: Zeroizing::new(typed.to_owned()),
            field,
            username: owner.username.to_owned(),
            email: owner.email.map(str::to_owned),
            least_strength: settings.password.min_strength,
            breached: settings.breached_passwords.clone(),
        };
        self.hashing.screen(chosen.clone(), Box::new(move |password| screening.of(password))).await?;
        Ok(chosen)
    }
}

/// Everything that a thread of the pool needs to know.
struct Screening {
    typed: Zeroizing<String>,
    field: &'static str,
    username: String,
    email: Option<String>,
    least_strength: u8,
    breached: Option<Arc<dyn BreachedPasswords>>,
}

impl Screening {
    fn of(&self, password: &PlainPassword) -> Result<(), Refusal> {
        let broken = |rule| Err(FieldError::new(self.field, rule).into());
        let owner = PasswordOwner::single_factor(&self.username, self.email.as_deref());
        if is_like_its_owner(password.as_str(), owner) {
            return broken(InvalidPassword::TooSimilar);
        }
        if is_common(password.as_str()) {
            return broken(InvalidPassword::TooCommon);
        }
        if let Some(list) = &self.breached
            && is_breached(list.as_ref(), &self.typed, password).map_err(|_| Refusal::StoreUnavailable)?
        {
            return broken(InvalidPassword::Breached);
        }
        match too_weak(password.as_str(), owner, self.least_strength) {
            Some(weakness) => broken(InvalidPassword::TooWeak(weakness)),
            None => Ok(()),
        }
    }
}
