//! `audit verify`

use std::path::PathBuf;

use doorward_core::audit_chain::{AuditChainKey, ChainHead};
use doorward_core::audit_report::{AuditReport, ChainState, Finding};
use doorward_core::audit_verification::AuditVerification;
use doorward_core::master::ServerKeys;
use doorward_core::store::AuditProgress;
use doorward_store::sqlite;
use serde_json::{Value as Json, json};

use super::block_on;
use crate::Failure;
use crate::cli::output::{Answer, Output};
use crate::cli::progress::Progress;
use crate::cli::views;
use crate::config::DatabaseInUse;
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, Lock, MasterSecrets, SecretVariables};
use crate::failure::with_causes;
use crate::open_store::{OpenStore, Patience};

/// Reads a file as it lies there: nothing is migrated, mended or written, and a schema that was tampered with is
/// no reason not to look.
pub(super) fn run(
    source: &ConfigSource,
    known_heads: Vec<ChainHead>,
    earlier_keys: &[PathBuf],
    out: Output,
) -> Result<(), Failure> {
    let settings = source.load()?.settings;
    let secrets = SecretVariables::read(source.environment())?;
    let directory = DataDirectory::open(&settings.data_dir)?;
    let _lock = Lock::shared(&directory)
        .map_err(|error| error.into_failure(&directory, "it is being restored; wait until that is done"))?;
    let database = settings.database();
    if let DatabaseInUse::Sqlite(path) = &database
        && !path.exists()
    {
        return Err(Failure::failed(
            "cannot check the audit log",
            format!("{} does not exist", path.display()),
        ));
    }
    let secrets = MasterSecrets::for_database(&directory, &database, secrets)?;
    let key = chain_key(&secrets, earlier_keys)?;
    let how = AuditVerification { known_heads, ..AuditVerification::default() };
    let report = match database {
        DatabaseInUse::Sqlite(path) => sqlite::verify_audit(&path, &key, how, progress())
            .map_err(|error| Failure::failed("cannot check the audit log", with_causes(&error)))?,
        // Opened as a node opens it: its schema is looked at first.
        DatabaseInUse::Postgres(_) => block_on(async {
            let store = OpenStore::open(&settings, key, Patience::None).await?;
            let report = store.port().verify_audit(how, progress()).await;
            report.map_err(|error| Failure::failed("cannot check the audit log", with_causes(&error)))
        })?,
    };
    out.print(answer(&report))?;
    if report.is_intact() { Ok(()) } else { Err(tampered(&report)) }
}

fn chain_key(secrets: &MasterSecrets, earlier: &[PathBuf]) -> Result<AuditChainKey, Failure> {
    let mut previous: Vec<_> = secrets.previous.iter().cloned().collect();
    for path in earlier {
        previous.push(MasterSecrets::load_earlier(path)?);
    }
    let keys = ServerKeys::derive(&secrets.current, &previous);
    Ok(keys.map_err(|error| Failure::failed("cannot derive the keys", error))?.audit_chain_key())
}

fn progress() -> AuditProgress {
    let mut progress = Progress::new("checking events");
    Box::new(move |done: u64, total| progress.report(done.min(total), Some(total)))
}

fn tampered(report: &AuditReport) -> Failure {
    let count = u64::try_from(report.findings.len()).unwrap_or(u64::MAX).saturating_add(report.more_findings);
    let findings = if count == 1 { "finding" } else { "findings" };
    Failure::Failed(format!("the audit log is not what was written: {count} {findings}"))
}

fn answer(report: &AuditReport) -> Answer {
    let mut lines: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    if report.more_findings > 0 {
        lines.push(format!("and {} more", report.more_findings));
    }
    for head in &report.heads_past_retention {
        lines.push(format!("retention has removed row {}: that head cannot be compared", head.position.seq));
    }
    if report.is_intact() {
        lines.push(format!("the audit log is intact: {} events", report.rows));
    }
    lines.extend(report.chains.iter().map(chain_line));
    Answer::lines(lines, report_json(report))
}

fn chain_line(chain: &ChainState) -> String {
    let name = &chain.chain;
    let end = match chain.head {
        Some(position) => {
            let head = ChainHead { chain: name.clone(), position };
            format!("chain {name} ends at {head}")
        }
        None => format!("chain {name} has no recorded end"),
    };
    match chain.trimmed_to {
        0 => end,
        row => format!("{end}; retention has removed it up to row {row}"),
    }
}

fn report_json(report: &AuditReport) -> Json {
    let chain = |chain: &ChainState| {
        let head = chain.head.map(|position| ChainHead { chain: chain.chain.clone(), position });
        json!({
            "chain": chain.chain,
            "head": head.as_ref().map(views::head_json),
            "trimmed_to": chain.trimmed_to,
        })
    };
    json!({
        "intact": report.is_intact(),
        "events": report.rows,
        "chains": report.chains.iter().map(chain).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "more_findings": report.more_findings,
        "heads_past_retention":
            report.heads_past_retention.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding) -> Json {
    json!({
        "chain": finding.chain,
        "seq": finding.seq,
        "last_seq": finding.kind.last(),
        "kind": finding.kind.as_str(),
        "detail": finding.to_string(),
    })
}
