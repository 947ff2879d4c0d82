//! Statements are compiled once, not at each use.

use doorward_core::{
    guard::{Subject, SubjectKind},
    user::NormalisedName,
};
use rusqlite::StatementStatus;

use super::Scratch;
use crate::{attempts, sqlite::transaction::at_once, user};

/// SQLite compiles a statement anew when a value is bound that might have led to another plan, which takes longer than
/// the look-up itself. Who is refused is to cost little.
#[tokio::test]
async fn what_a_login_asks_is_not_compiled_again_for_each_name() {
    let scratch = Scratch::new();
    let again = scratch.store.database.readers.read(|c| {
        for number in 0..5_u8 {
            let subject = |kind| Subject { kind, key: [number; 16], owner: None };
            let name = NormalisedName::of(&format!("name {number}"));
            let others = [subject(SubjectKind::Address), subject(SubjectKind::Device)];
            at_once(attempts::login_facts(c, &name, subject(SubjectKind::UnknownName), &others))?;
        }
        let connection = c.connection();
        let compiled_again = |sql| Ok(connection.prepare_cached(sql)?.get_status(StatementStatus::RePrepare));
        [user::CREDENTIALS_BY_NAME, attempts::RECORD, attempts::RECORD_BY_NAME]
            .map(compiled_again)
            .into_iter()
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(Into::into)
    });
    assert_eq!(again.await.unwrap(), [0, 0, 0]);
}
