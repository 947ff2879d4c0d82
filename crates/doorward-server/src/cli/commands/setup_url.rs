//! `setup-url`

use doorward_core::authority::Caller;
use doorward_core::refusal::Refusal;
use serde_json::json;

use super::Opened;
use crate::Failure;
use crate::cli::output::Answer;
use crate::cli::refused::refused;

pub(super) async fn print(opened: &Opened) -> Result<Answer, Failure> {
    let issued = opened.authority().issue_setup_token(&Caller::command_line()).await;
    let token = issued.map_err(|refusal| match refusal {
        Refusal::SetupComplete => Failure::Failed(
            "setup is complete: an administrator exists; for another one run `doorward user add NAME --role admin`"
                .to_owned(),
        ),
        other => refused("cannot issue a setup token", &other),
    })?;
    let url = opened.doorward().setup_url(token.as_ref());
    if token.is_none() {
        eprintln!("the page will ask for the token that setup.token sets");
    }
    Ok(Answer::line(url.clone(), json!({ "setup_url": url })))
}
