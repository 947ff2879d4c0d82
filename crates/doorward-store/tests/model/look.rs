//! All that can be seen of a store.

use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    guard::SubjectKind,
    page::PageRequest,
    store::{SessionFilter, SetupProof, Store},
    user_search::UserFilter,
};

use crate::{Cast, operation::shown};

impl Cast {
    /// All that can be seen.
    pub(crate) async fn look(&self, store: &dyn Store) -> Vec<String> {
        let all = PageRequest { after: None, limit: 100_000 };
        let mut seen = vec![
            shown(store.feed(0, u32::MAX).await),
            shown(store.users(&UserFilter::default(), all.clone()).await),
            shown(store.audit(&AuditFilter::default(), all.clone()).await.map(|log| {
                // The sessions that die in one operation die in no particular order.
                let mut events: Vec<_> = log
                    .items
                    .into_iter()
                    .map(|entry| format!("{:?}", AuditEntry { seq: 0, ..entry }))
                    .collect();
                events.sort();
                events
            })),
            shown(store.signing_keys().await.map(|keys| {
                keys.into_iter()
                    .map(|key| (key.id, key.created_at, key.term, key.sealed_private))
                    .collect::<Vec<_>>()
            })),
            shown(store.sessions(SessionFilter { user_id: None }, self.now, all.clone()).await),
            shown(
                store
                    .sessions(
                        SessionFilter { user_id: None },
                        self.now,
                        PageRequest { limit: 2, ..all.clone() },
                    )
                    .await,
            ),
        ];
        for user in &self.users {
            let filter = SessionFilter { user_id: Some(user.user.id) };
            seen.push(shown(store.sessions(filter, self.now, all.clone()).await));
            let found = store.credentials_by_name(user.user.username.normalised()).await;
            seen.push(shown(
                found
                    .map(|found| found.and_then(|found| found.password).map(|hash| hash.as_phc().to_owned())),
            ));
        }
        seen.push(shown(store.attempts(&self.subjects).await));
        let unknown = self.subjects.iter().find(|subject| subject.kind == SubjectKind::UnknownName).unwrap();
        for user in &self.users {
            let facts =
                store.login_facts(user.user.username.normalised(), *unknown, &self.subjects[..3]).await;
            seen.push(shown(facts.map(|facts| {
                (facts.credentials.map(|known| (known.user, known.password)), facts.name, facts.others)
            })));
        }
        for session in &self.sessions {
            seen.push(shown(store.session(session.id).await));
            seen.push(shown(store.session_alone(session.id).await));
        }
        for link in &self.links {
            seen.push(shown(store.link(&[link.hash], link.purpose, self.now).await));
            seen.push(shown(store.check_setup_proof(&SetupProof::Link(vec![link.hash])).await));
        }
        self.look_at_factors(store, &mut seen).await;
        seen
    }
}
