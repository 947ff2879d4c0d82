//! `audit …`

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_core::audit::{AuditEntry, AuditFilter, EventName};
use doorward_core::page::{Cursor, PageRequest};
use serde_json::json;

use super::{Opened, user};
use crate::Failure;
use crate::cli::args;
use crate::cli::output::{self, Answer, Output, Reader};
use crate::cli::progress::Progress;
use crate::cli::refused::refused;
use crate::cli::views;

/// Items read at once.
const PAGE: u32 = 500;

/// How often `tail --follow` looks for more.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

pub(super) async fn run(opened: &Opened, command: args::Audit, out: Output) -> Result<(), Failure> {
    match command {
        args::Audit::Tail { lines, follow, filter } => {
            let filter = read_filter(opened, filter).await?;
            if follow {
                tail_on(opened, &filter, lines, out).await
            } else {
                tail(opened, &filter, lines, out).await
            }
        }
        args::Audit::Export { output, filter } => {
            let filter = read_filter(opened, filter).await?;
            let Some(answer) = export(opened, &filter, output).await? else { return Ok(()) };
            out.print(answer)
        }
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

/// Writes every event, oldest first. Says so where that did not go to standard output.
async fn export(
    opened: &Opened,
    filter: &AuditFilter,
    to: Option<PathBuf>,
) -> Result<Option<Answer>, Failure> {
    let mut progress = Progress::new("reading events");
    // The log is read from its end; what is written later than this start is not part of the export.
    let events = newest(opened, filter, |found, _| {
        progress.report(u64::try_from(found).unwrap_or(u64::MAX), None);
        true
    })
    .await?;
    drop(progress);
    let Some(path) = to else {
        for event in &events {
            if output::write(&format!("{}\n", views::event_json(event)))? == Reader::Gone {
                break;
            }
        }
        return Ok(None);
    };
    let failed = |error| Failure::failed(format!("cannot write {}", path.display()), error);
    let mut file = BufWriter::new(create(&path).map_err(failed)?);
    write_events(&mut file, &events).and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
    let text = format!("{} events written to {}", events.len(), path.display());
    Ok(Some(Answer::line(text, json!({ "events": events.len(), "path": path.display().to_string() }))))
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn write_events(out: &mut impl Write, events: &[AuditEntry]) -> io::Result<()> {
    for event in events {
        writeln!(out, "{}", views::event_json(event))?;
    }
    out.flush()
}
