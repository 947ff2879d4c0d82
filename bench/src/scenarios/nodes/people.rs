//! Those who use the nodes.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use doorward_core::authority::{Authority, Caller};
use doorward_core::client::{Client, UserAgent};
use doorward_core::login::{LoginOutcome, PresentedProofs};
use doorward_core::refusal::Refusal;
use doorward_core::session::Transport;
use doorward_core::sign_in::{Origin, SignedIn};
use doorward_core::users::UserForm;

use crate::failure::Failure;
use crate::server::PASSWORD;

fn refused(what: &'static str) -> impl Fn(Refusal) -> Failure {
    move |refusal| Failure::new(format!("{what} was refused: {}", refusal.code()))
}

/// Each from an address of their own.
fn client(number: usize) -> Client {
    let number = u32::try_from(number).unwrap_or_default();
    let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() | (number & 0x00ff_ffff));
    let browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0";
    Client { address: Some(IpAddr::V4(address)), user_agent: UserAgent::new(browser), request_id: None }
}

fn name(number: usize) -> String {
    format!("user-{number}")
}

pub(super) async fn register(node: Arc<Authority>, number: usize) -> Result<(), Failure> {
    let (name, caller) = (name(number), Caller::command_line());
    let form = UserForm { username: &name, password: Some(PASSWORD), ..UserForm::default() };
    node.create_user(&caller, form).await.map(drop).map_err(refused("a user"))
}

pub(super) async fn log_in(node: Arc<Authority>, number: usize) -> Result<SignedIn, Failure> {
    let origin = Origin {
        transport: Transport::Cookie,
        replaces: Vec::new(),
        pending: None,
        device: None,
        client: client(number),
    };
    let outcome = node.login(&name(number), PresentedProofs::password(PASSWORD), &origin).await;
    match outcome.map_err(refused("a login"))? {
        LoginOutcome::Authenticated(signed_in) => Ok(*signed_in),
        LoginOutcome::SecondFactorDue(_) => Err(Failure::new("a login asked for a second factor")),
    }
}

pub(super) async fn refresh(node: Arc<Authority>, number: usize, by: SignedIn) -> Result<SignedIn, Failure> {
    let device = by.device_token.as_ref();
    let device = device.and_then(|token| node.keys().verify_device_token(token.reveal()));
    let refreshed = node.refresh(by.refresh_token.reveal(), Transport::Cookie, device, &client(number)).await;
    refreshed.map_err(refused("a refresh"))
}

pub(super) async fn log_out(node: Arc<Authority>, number: usize, who: SignedIn) -> Result<(), Failure> {
    let caller = Caller::user(who.of.user.id, client(number));
    node.log_out(&caller, &[who.of.session.id]).await.map_err(refused("a logout"))
}
