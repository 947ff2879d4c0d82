//! What core refuses, in words for whoever typed the command.

use doorward_core::refusal::Refusal;

use crate::Failure;

/// `what` could not be done.
pub(super) fn refused(what: &str, refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::Invalid(errors) => {
            let details: Vec<String> =
                errors.iter().map(|error| format!("{}: {}", error.field, error.rule)).collect();
            let message = format!("{what}: {}", details.join("; "));
            // A password comes by standard input; everything else was an argument.
            if errors.iter().any(|error| error.field == "password") {
                Failure::Failed(message)
            } else {
                Failure::Unusable(message)
            }
        }
        other => Failure::Failed(format!("{what}: {} ({})", reason(other), other.code())),
    }
}

fn reason(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "there is no such thing",
        Refusal::NameTaken => "the name is, or once was, somebody's; write another",
        Refusal::SingleOperator => {
            "mode is \"single_operator\": operator is the only account; write mode = \"accounts\" for more"
        }
        Refusal::RotationUnderWay => {
            "a new key has been made already, and signs within two minutes; if a key has leaked, use --now"
        }
        Refusal::SetupComplete => "setup is complete: an administrator exists",
        Refusal::LastAdmin => "no enabled administrator would be left; make another one first",
        Refusal::ClockBehind => "the clock of this machine is behind the last time recorded; set it right",
        Refusal::StoreUnavailable => {
            "the database, or the file of password.breached_filter, cannot be read; see whether the disk is full"
        }
        Refusal::Overloaded { .. } => "too much is going on; try again",
        _ => "refused",
    }
}
