//! `node …`

use super::Opened;
use crate::Failure;
use crate::cli::output::Answer;
use crate::cli::refused::refused;
use crate::cli::views;

pub(super) async fn list(opened: &Opened) -> Result<Answer, Failure> {
    let failed = |refusal| refused("cannot list the nodes", &refusal);
    let nodes = opened.authority().nodes().await.map_err(failed)?;
    let now = opened.authority().now().map_err(failed)?;
    let items = nodes.iter().map(|node| (views::node_json(node, now), views::node_row(node, now)));
    Ok(views::list(
        views::NODE_COLUMNS,
        "No nodes share this database: those on PostgreSQL tell of themselves, a server on SQLite does not.",
        items,
    ))
}
