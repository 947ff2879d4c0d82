//! What nodes tell of themselves.

use std::time::Duration;

use async_trait::async_trait;
use doorward_core::{
    node::{Node, NodeStore},
    store::StoreError,
    time::Timestamp,
};

use super::{
    database::{Database, Reading, reads, writes},
    failure::{Failure, Trouble},
    sql::{Columns, Sql, integer, params},
    store::SqlStore,
};

#[async_trait]
impl<D: Database> NodeStore for SqlStore<D> {
    async fn report_node(&self, node: Node, forget_before: Timestamp) -> Result<(), StoreError> {
        self.database
            .write(None, writes!(node, forget_before => |sql| report(sql, node, *forget_before)))
            .await
    }

    async fn remove_node(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.database.write(None, writes!(name => |sql| remove(sql, name))).await
    }

    async fn nodes(&self) -> Result<Vec<Node>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(=> |sql| nodes(sql))).await
    }
}

async fn report(sql: &impl Sql, node: &Node, forget_before: Timestamp) -> Result<(), Failure> {
    let age = u64::try_from(node.feed_age.as_millis()).map_err(|_| Trouble::TooLarge)?;
    sql.queue("DELETE FROM nodes WHERE reported_at < ?1", params![forget_before.as_millis()]).await?;
    sql.queue(
        "INSERT INTO nodes (name, version, started_at, reported_at, feed_seq, feed_age) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, started_at = excluded.started_at,
            reported_at = excluded.reported_at, feed_seq = excluded.feed_seq, feed_age = excluded.feed_age",
        params![
            &node.name,
            &node.version,
            node.started_at.as_millis(),
            node.reported_at.as_millis(),
            integer(node.feed_seq)?,
            integer(age)?,
        ],
    )
    .await
}

async fn remove(sql: &impl Sql, name: &str) -> Result<(), Failure> {
    sql.queue("DELETE FROM nodes WHERE name = ?1", params![name]).await
}

async fn nodes(sql: &impl Sql) -> Result<Vec<Node>, Failure> {
    sql.many(NODES, &[], read).await
}

const NODES: &str =
    "SELECT name, version, started_at, reported_at, feed_seq, feed_age FROM nodes ORDER BY name";

fn read(columns: &mut Columns<'_>) -> Result<Node, Failure> {
    Ok(Node {
        name: columns.take()?,
        version: columns.take()?,
        started_at: columns.time()?,
        reported_at: columns.time()?,
        feed_seq: columns.number()?,
        feed_age: Duration::from_millis(columns.number()?),
    })
}
