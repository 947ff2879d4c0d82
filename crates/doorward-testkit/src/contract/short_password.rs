//! A password that is long enough only beside a second factor does not outlive it.

use doorward_core::{
    audit::EventName,
    second_factor::{FactorChange, LastFactor},
    store::{ChangePassword, NewUser, UserChanges},
    user::User,
};

use super::Bench;
use crate::builders::{START, write};

/// What an event tells of a password that is to be changed.
const DUE: [(&str, &str); 1] = [("must_change_password", "true")];

impl Bench {
    /// Sets a password of that kind.
    async fn choose(&self, user: &NewUser, needs_second_factor: bool) -> User {
        let change = ChangePassword {
            user: user.user.id,
            expected: None,
            new: self.scene.password(),
            must_change_password: false,
            needs_second_factor,
            open: None,
        };
        let changed = write(EventName::PasswordChanged, START);
        self.store.change_password(changed, change).await.unwrap().user
    }

    /// Changes factors; whether the password is due afterwards, which everybody is told alike.
    async fn is_due_after(&self, user: &NewUser, change: FactorChange) -> bool {
        let done = self.change_factors(user, change).await.unwrap().user;
        assert_eq!(self.store.user(user.user.id).await.unwrap().as_ref(), Some(&done));
        done.must_change_password
    }

    async fn last_details(&self) -> Vec<(String, String)> {
        self.events().await.pop().unwrap().details
    }

    async fn tells_that_it_is_due(&self) -> bool {
        let told = self.last_details().await;
        told.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(DUE)
    }
}

/// Whichever factor was the last, whoever removed it; after a restart too.
pub async fn a_password_that_needs_a_factor_is_due_when_the_last_one_goes(bench: Bench) {
    for (number, needs) in [(0, true), (1, true), (2, true), (0, false), (1, false), (2, false)] {
        let (mut user, _) = bench.with_app().await;
        bench.choose(&user, !needs).await;
        assert!(!bench.choose(&user, needs).await.must_change_password);
        let passkey = bench.add_passkey(&mut user).await;
        let last = match number {
            0 => {
                assert!(!bench.is_due_after(&user, FactorChange::RemoveTotp(LastFactor::MayGo)).await);
                FactorChange::RemovePasskey(passkey.id, LastFactor::MayGo)
            }
            1 => {
                let first = FactorChange::RemovePasskey(passkey.id, LastFactor::MayGo);
                assert!(!bench.is_due_after(&user, first).await);
                FactorChange::RemoveTotp(LastFactor::MayGo)
            }
            _ => FactorChange::Reset,
        };
        assert_eq!(bench.last_details().await, []);
        assert_eq!(bench.is_due_after(&user, last).await, needs, "{number}");
        assert_eq!(bench.tells_that_it_is_due().await, needs, "{number}");
        // It stays due, whatever is set up then, until there is another password.
        bench.add_app(&mut user).await;
        assert_eq!(user.user.must_change_password, needs);
        assert!(!bench.choose(&user, false).await.must_change_password);
        assert!(!bench.is_due_after(&user, FactorChange::Reset).await);
    }
}

/// What is remembered of a password is there after a restart, and whatever else is written of the user.
pub async fn what_a_password_needs_is_remembered_with_it(bench: Bench) {
    let (user, _) = bench.with_app().await;
    bench.choose(&user, true).await;
    let found = bench.store.credentials(user.user.id).await.unwrap().unwrap();
    // A costlier hash of the same password.
    let again = bench.scene.password();
    bench.store.upgrade_password_hash(user.user.id, &found.password.unwrap(), &again).await.unwrap();
    let changes = UserChanges { must_change_password: Some(false), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), user.user.id, changes).await.unwrap();
    let bench = bench.restarted();
    assert!(bench.is_due_after(&user, FactorChange::Reset).await);
    assert!(bench.tells_that_it_is_due().await);
    // It was due already: nothing new is to be told.
    assert!(bench.is_due_after(&user, FactorChange::Reset).await);
    assert_eq!(bench.last_details().await, []);
}

/// It was long enough when it was looked at; the factor went while it was hashed.
pub async fn a_password_that_needs_a_factor_which_is_gone_is_due_at_once(bench: Bench) {
    let user = bench.user().await;
    assert!(bench.choose(&user, true).await.must_change_password);
    assert!(bench.store.user(user.user.id).await.unwrap().unwrap().must_change_password);
    assert!(bench.tells_that_it_is_due().await);
    assert!(!bench.choose(&user, false).await.must_change_password);
    assert_eq!(bench.last_details().await, []);
}
