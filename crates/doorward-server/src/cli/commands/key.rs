//! `key …`

use doorward_core::{authority::Caller, signing_key::Rotation};

use super::Opened;
use crate::Failure;
use crate::cli::args;
use crate::cli::output::Answer;
use crate::cli::refused::refused;
use crate::cli::views;

pub(super) async fn run(opened: &Opened, command: args::Key) -> Result<Answer, Failure> {
    match command {
        args::Key::Rotate { now } => {
            let rotation = if now { Rotation::AtOnce } else { Rotation::Announced };
            let rotated = opened.authority().rotate_signing_key(&Caller::command_line(), rotation).await;
            let key = rotated.map_err(|refusal| refused("cannot rotate the signing key", &refusal))?;
            let from = if now {
                "now on; what other keys signed is believed no more, and sessions refresh it".to_owned()
            } else {
                format!("{} on; until then, the one before it does", views::time(key.term.signs_from))
            };
            Ok(Answer::line(format!("{} signs from {from}", key.id), views::key_json(&key)))
        }
        args::Key::List => {
            let keys = opened.authority().signing_keys().await;
            let keys = keys.map_err(|refusal| refused("cannot list the signing keys", &refusal))?;
            let items = keys.iter().map(|key| (views::key_json(key), views::key_row(key)));
            Ok(views::list(views::KEY_COLUMNS, "There are no keys.", items))
        }
    }
}
