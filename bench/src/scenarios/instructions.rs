//! What every request passes through, in instructions: the one measure that does not depend on who else uses the machine.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;

use super::Surroundings;
use crate::failure::Failure;
use crate::report::Report;

/// What `doorward-instructions count` writes, as far as it is shown here.
#[derive(Deserialize)]
struct Counted {
    compiler: String,
    instructions: BTreeMap<String, u32>,
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let program = surroundings.own.with_file_name("doorward-instructions");
    let failed = |error: &dyn std::fmt::Display| Failure::io(program.display(), error);
    let output = Command::new(&program).arg("count").output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    let mut report = Report::default();
    match serde_json::from_slice::<Counted>(&output.stdout) {
        Ok(counted) => {
            for (name, instructions) in counted.instructions {
                report.figure(name, f64::from(instructions), "instructions");
            }
            report.note(format!(
                "once each, by callgrind; release build, {}; without the bare cryptography, where there is some",
                counted.compiler
            ));
        }
        // It says itself why it counts nothing.
        Err(_) => report.note(String::from_utf8_lossy(&output.stdout).trim()),
    }
    Ok(report)
}
