//! Those who use the nodes.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use doorward_core::authority::{Authority, Caller};
use doorward_core::client::{Client, UserAgent};
use doorward_core::login::{LoginOutcome, PresentedProofs};
use doorward_core::refusal::Refusal;
use doorward_core::session::Transport;
use doorward_core::sign_in::{Origin, SignedIn};
use doorward_core::users::UserForm;
use tokio::task::JoinSet;

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

/// Has each of `items` dealt with, by so many callers at once that each go on to the next when one is done; in the order
/// of the items.
pub(super) async fn crowd<I, T, F>(
    callers: usize,
    items: Vec<I>,
    act: impl Fn(usize, I) -> F + Clone + Send + 'static,
) -> Result<Vec<T>, Failure>
where
    I: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send,
{
    let mut hands: Vec<Vec<(usize, I)>> = (0..callers).map(|_| Vec::new()).collect();
    let turns = (0..callers).cycle();
    for (turn, numbered) in turns.zip(items.into_iter().enumerate()) {
        if let Some(hand) = hands.get_mut(turn) {
            hand.push(numbered);
        }
    }
    let mut running = JoinSet::new();
    for hand in hands {
        let act = act.clone();
        running.spawn(async move {
            let mut done = Vec::with_capacity(hand.len());
            for (number, item) in hand {
                done.push((number, act(number, item).await?));
            }
            Ok::<_, Failure>(done)
        });
    }
    let mut all = Vec::new();
    while let Some(done) = running.join_next().await {
        all.append(&mut done.map_err(|_| Failure::new("a caller ended abruptly"))??);
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, done)| done).collect())
}
