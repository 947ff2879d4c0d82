//! `key …`

use doorward_core::authority::Caller;
use serde_json::json;

use super::Opened;
use crate::Failure;
use crate::cli::args;
use crate::cli::output::Answer;
use crate::cli::refused::refused;
use crate::cli::views;

pub(super) async fn run(opened: &Opened, command: args::Key) -> Result<Answer, Failure> {
    match command {
        args::Key::Rotate => {
            let rotated = opened.authority().rotate_signing_key(&Caller::command_line()).await;
            let kid = rotated.map_err(|refusal| refused("cannot rotate the signing key", &refusal))?.id;
            Ok(Answer::line(format!("{kid} signs from now on"), json!({ "kid": kid.as_str() })))
        }
        args::Key::List => {
            let keys = opened.authority().signing_keys().await;
            let keys = keys.map_err(|refusal| refused("cannot list the signing keys", &refusal))?;
            let items = keys.iter().map(|key| (views::key_json(key), views::key_row(key)));
            Ok(views::list(views::KEY_COLUMNS, "There are no keys.", items))
        }
    }
}
