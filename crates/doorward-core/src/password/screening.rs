//! What a new password must not be (NIST SP 800-63B-4, 3.1.1.2): its owner's name, one of the most common, one known
//! from a breach, or one that is guessed quickly.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    BreachedPasswords, PasswordOwner, PlainPassword, breached::is_breached, common::is_common,
    similar::is_like_its_owner, strength::too_weak,
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
        let broken = |code, detail: String| {
            Err(Refusal::Invalid(vec![FieldError { field: self.field, code, detail }]))
        };
        let owner = PasswordOwner::single_factor(&self.username, self.email.as_deref());
        if is_like_its_owner(password.as_str(), owner) {
            return broken(
                "too_similar",
                "this password is too close to the user name or the mail address: choose one that has nothing to do \
                 with them"
                    .to_owned(),
            );
        }
        if is_common(password.as_str()) {
            return broken(
                "too_common",
                "this is among the most used passwords and words, which are the first to be tried: choose a few words \
                 that have nothing to do with each other"
                    .to_owned(),
            );
        }
        if let Some(list) = &self.breached
            && is_breached(list.as_ref(), &self.typed, password).map_err(|_| Refusal::StoreUnavailable)?
        {
            return broken(
                "breached",
                "this password is among those stolen from other sites, which attackers try: choose another one, and \
                 change it wherever else it is used"
                    .to_owned(),
            );
        }
        match too_weak(password.as_str(), owner, self.least_strength) {
            Some(why) => broken("too_weak", why),
            None => Ok(()),
        }
    }
}
