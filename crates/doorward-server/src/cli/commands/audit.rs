//! `audit …`

use std::time::Duration;

use doorward_core::audit::{AuditEntry, AuditFilter, EventName};
use doorward_core::page::{Cursor, PageRequest};

use super::{Opened, WhenMissing, audit_export, audit_verify, block_on, user};
use crate::Failure;
use crate::cli::args;
use crate::cli::output::{self, Output, Reader};
use crate::cli::refused::refused;
use crate::cli::views;
use crate::config_source::ConfigSource;

/// Items read at once.
const PAGE: u32 = 500;

/// How often `tail --follow` looks for more.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

pub(super) fn run(source: &ConfigSource, command: args::Audit, out: Output) -> Result<(), Failure> {
    let open = || Opened::open(source, WhenMissing::Refuse);
    match command {
        args::Audit::Tail { lines, follow, filter } => block_on(async {
            let opened = open().await?;
            let filter = read_filter(&opened, filter).await?;
            if follow {
                tail_on(&opened, &filter, lines, out).await
            } else {
                tail(&opened, &filter, lines, out).await
            }
        }),
        args::Audit::Verify { heads, earlier_keys } => audit_verify::run(source, heads, &earlier_keys, out),
        args::Audit::Export { output, filter } => block_on(async {
            let opened = open().await?;
            let filter = read_filter(&opened, filter).await?;
            match audit_export::run(&opened, &filter, output).await? {
                Some(answer) => out.print(answer),
                None => Ok(()),
            }
        }),
    }
}

async fn read_filter(opened: &Opened, given: args::AuditFilter) -> Result<AuditFilter, Failure> {
    if let Some(name) =
        given.event.as_deref().filter(|name| !EventName::ALL.iter().any(|known| known.as_str() == *name))
    {
        let known: Vec<&str> = EventName::ALL.iter().map(|known| known.as_str()).collect();
        return Err(Failure::Unusable(format!("--event = {name:?}: write one of {}", known.join(", "))));
    }
    let user_id = match given.user {
        Some(name_or_id) => Some(user::find(opened.authority(), &name_or_id).await?.id),
        None => None,
    };
    Ok(AuditFilter {
        user_id,
        name: given.event,
        address: given.address.map(|address| address.to_canonical()),
        after: given.after.map(|text| views::parse_time("after", &text)).transpose()?,
        before: given.before.map(|text| views::parse_time("before", &text)).transpose()?,
    })
}

async fn page(
    opened: &Opened,
    filter: &AuditFilter,
    after: Option<Cursor>,
    limit: u32,
) -> Result<(Vec<AuditEntry>, Option<Cursor>), Failure> {
    let page = opened.authority().audit(filter, PageRequest { after, limit }).await;
    let page = page.map_err(|refusal| refused("cannot read the audit log", &refusal))?;
    Ok((page.items, page.next))
}

/// The newest events that `wanted` wants, oldest first: reads back until it refuses one.
async fn newest(
    opened: &Opened,
    filter: &AuditFilter,
    mut wanted: impl FnMut(usize, &AuditEntry) -> bool,
) -> Result<Vec<AuditEntry>, Failure> {
    let mut found: Vec<AuditEntry> = Vec::new();
    let mut after = None;
    loop {
        let (items, next) = page(opened, filter, after, PAGE).await?;
        for event in items {
            if !wanted(found.len(), &event) {
                found.reverse();
                return Ok(found);
            }
            found.push(event);
        }
        after = next;
        if after.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
}

async fn latest(opened: &Opened, filter: &AuditFilter, lines: u32) -> Result<Vec<AuditEntry>, Failure> {
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    newest(opened, filter, |found, _| found < lines).await
}

async fn tail(opened: &Opened, filter: &AuditFilter, lines: u32, out: Output) -> Result<(), Failure> {
    let events = latest(opened, filter, lines).await?;
    let items = events.iter().map(|event| (views::event_json(event), views::event_row(event)));
    out.print(views::list(views::EVENT_COLUMNS, "There are no such events.", items))
}

/// Prints events as they come, one a line, until interrupted.
async fn tail_on(opened: &Opened, filter: &AuditFilter, lines: u32, out: Output) -> Result<(), Failure> {
    let mut events = latest(opened, filter, lines).await?;
    let mut last = 0;
    let mut ticks = tokio::time::interval(FOLLOW_EVERY);
    loop {
        for event in &events {
            last = last.max(event.seq);
            let line =
                if out.json { views::event_json(event).to_string() } else { output::printable(&line(event)) };
            if output::write(&format!("{line}\n"))? == Reader::Gone {
                return Ok(());
            }
        }
        ticks.tick().await;
        events = newest(opened, filter, |_, event| event.seq > last).await?;
    }
}

fn line(event: &AuditEntry) -> String {
    let row = views::event_row(event);
    row.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("  ")
}
