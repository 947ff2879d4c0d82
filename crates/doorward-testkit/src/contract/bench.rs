//! What the rules are tried on.

use std::{future::Future, sync::Arc, time::Duration};

use doorward_core::{
    audit::{AuditEntry, AuditFilter, EventName},
    ids::SessionId,
    page::{Page, PageRequest},
    revocation::Revocation,
    session::Session,
    store::{Feed, NewUser, OpenSession, Opened, SessionProof, SetupProof, Store, StoreError},
    time::Timestamp,
    user_search::UserFilter,
};
use tokio::sync::Barrier;

use super::{Backend, MakeBackend};
use crate::builders::{START, Scene, opening, write};

/// A new store, and what rules do with one.
pub struct Bench {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Makes what is put into it.
    pub scene: Scene,
    backend: Box<dyn Backend>,
    make: MakeBackend,
}

/// Everything on the first page.
pub(super) const ALL: PageRequest = PageRequest { after: None, limit: 10_000 };

impl Bench {
    pub(super) fn new(make: MakeBackend) -> Self {
        let backend = make();
        Self { store: backend.open(), scene: Scene::new(1), backend, make }
    }

    /// Another new store, with data of its own.
    pub(super) fn another(&self) -> Self {
        Self::new(self.make)
    }

    /// A second handle on the same data, as another process has one.
    pub(super) fn beside(&self) -> Arc<dyn Store> {
        self.backend.open()
    }

    /// The first handle for even racers, the second for odd ones.
    pub(super) fn handles(&self) -> impl Fn(usize) -> Arc<dyn Store> + use<> {
        let handles = [Arc::clone(&self.store), self.beside()];
        move |racer| Arc::clone(&handles[racer % 2])
    }

    /// Drops the store and opens the same data anew.
    pub(super) fn restarted(self) -> Self {
        drop(self.store);
        Self { store: self.backend.open(), ..self }
    }

    /// Completes setup.
    pub(super) async fn set_up(&self) -> (NewUser, Session) {
        let admin = self.scene.admin();
        let session = self.scene.session(&admin.user);
        let write = write(EventName::SetupCompleted, START);
        self.store
            .complete_setup(write, SetupProof::Configured, admin.clone(), opening(session.clone()))
            .await
            .unwrap();
        (admin, session)
    }

    /// Makes this user.
    pub(super) async fn create(&self, user: NewUser) -> NewUser {
        self.store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
        user
    }

    /// Makes an ordinary user.
    pub(super) async fn user(&self) -> NewUser {
        self.create(self.scene.user()).await
    }

    /// Makes an ordinary user with a session.
    pub(super) async fn signed_in(&self) -> (NewUser, Session) {
        let user = self.user().await;
        let session = self.sign_in(&user).await;
        (user, session)
    }

    /// One more session of `user`, opened at the beginning.
    pub(super) async fn sign_in(&self, user: &NewUser) -> Session {
        self.open(user, START, opening(self.scene.session(&user.user))).await.unwrap().opened.session
    }

    /// Opens a session with the password the user was made with.
    pub(super) async fn open(
        &self,
        user: &NewUser,
        now: Timestamp,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        let proof = SessionProof::password(user.password.clone().unwrap());
        self.store.open_session(write(EventName::LoginSucceeded, now), proof, open).await
    }

    /// A session as it is now.
    pub(super) async fn session(&self, id: SessionId) -> Session {
        self.store.session_alone(id).await.unwrap().unwrap()
    }

    pub(super) async fn feed(&self) -> Feed {
        self.store.feed(0, 10_000).await.unwrap()
    }

    /// What the feed tells, in its order.
    pub(super) async fn told(&self) -> Vec<Revocation> {
        self.feed().await.entries.into_iter().map(|entry| entry.revocation).collect()
    }

    /// Every event, oldest first.
    pub(super) async fn events(&self) -> Vec<AuditEntry> {
        let Page { mut items, .. } = self.store.audit(&AuditFilter::default(), ALL).await.unwrap();
        items.reverse();
        items
    }

    /// The names of the events after the first `skip`.
    pub(super) async fn event_names(&self, skip: usize) -> Vec<String> {
        self.events().await.into_iter().skip(skip).map(|event| event.name).collect()
    }

    /// All that can be seen, to find that nothing of it has changed.
    pub(super) async fn everything(&self, sessions: &[&Session]) -> String {
        let store = &self.store;
        let mut seen = format!(
            "{:?} {:?} {:?} {:?}",
            store.users(&UserFilter::default(), ALL).await.unwrap(),
            self.feed().await,
            self.events().await,
            store.signing_keys().await.unwrap(),
        );
        for user in store.users(&UserFilter::default(), ALL).await.unwrap().items {
            let password = store.credentials(user.id).await.unwrap().unwrap().password;
            seen.push_str(password.as_ref().map_or("none", |password| password.as_phc()));
        }
        for session in sessions {
            seen.push_str(&format!("{:?}", store.session_alone(session.id).await.unwrap()));
        }
        seen
    }
}

/// So many milliseconds after the beginning.
pub(super) fn after(millis: u64) -> Timestamp {
    START.plus(Duration::from_millis(millis))
}

/// A millisecond before, at, and after.
pub(super) fn around(time: Timestamp) -> [Timestamp; 3] {
    let millisecond = Duration::from_millis(1);
    [time.minus(millisecond), time, time.plus(millisecond)]
}

/// Starts all racers at once, on several threads; what each came to.
pub(super) async fn race<T: Send + 'static>(
    racers: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let racers: Vec<_> = racers.into_iter().collect();
    let start = Arc::new(Barrier::new(racers.len()));
    let running: Vec<_> = racers
        .into_iter()
        .map(|racer| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                racer.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for racer in running {
        results.push(racer.await.unwrap());
    }
    results
}
