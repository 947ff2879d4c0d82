//! What people do: tabs that share cookies, somebody who tries what is over, and whoever ends sessions.

use std::{cell::RefCell, collections::VecDeque, rc::Rc, sync::Arc, time::Duration};

use doorward_core::{
    authority::{Authority, Caller},
    device::KnownDevice,
    ids::{SessionId, UserId},
    refusal::Refusal,
    session::Transport,
    sign_in::SignedIn,
};
use doorward_testkit::history::{Asked, Ongoing, Recorder, TokenName};

use super::{executor::Simulator, node::Node};
use crate::home::{PASSWORD, browser, log_in_by};

/// So many tokens of earlier days are kept, to be tried again.
const KEPT: usize = 6;

/// Tokens, as a browser keeps them.
#[derive(Clone)]
struct Jar {
    access: String,
    refresh: String,
    session: SessionId,
    device: Option<KnownDevice>,
}

/// One person's browser.
pub(super) struct Browser {
    simulator: Arc<Simulator>,
    recorder: Rc<Recorder>,
    nodes: Vec<Rc<Node>>,
    name: String,
    user: UserId,
    jar: RefCell<Option<Jar>>,
    past: RefCell<VecDeque<Jar>>,
}

impl Browser {
    pub(super) fn new(
        simulator: &Arc<Simulator>,
        recorder: &Rc<Recorder>,
        nodes: &[Rc<Node>],
        (name, user): (String, UserId),
    ) -> Rc<Self> {
        Rc::new(Self {
            simulator: Arc::clone(simulator),
            recorder: Rc::clone(recorder),
            nodes: nodes.to_vec(),
            name,
            user,
            jar: RefCell::default(),
            past: RefCell::default(),
        })
    }

    /// One tab of it.
    pub(super) async fn is_used_until(self: Rc<Self>, end: Duration) {
        while self.simulator.now() < end {
            self.simulator.sleep(self.simulator.millis(160)).await;
            let jar = self.jar.borrow().clone();
            let Some(jar) = jar else {
                self.logs_in().await;
                continue;
            };
            match self.simulator.below(100) {
                0..40 => self.enters(&jar).await,
                40..66 => self.enters(&self.old_or(&jar)).await,
                66..90 => self.refreshes(&jar).await,
                90..94 => self.refreshes(&self.old_or(&jar)).await,
                94..98 => self.logs_out(&jar).await,
                _ => self.ends_all().await,
            }
        }
    }

    fn old_or(&self, jar: &Jar) -> Jar {
        let past = self.past.borrow();
        let at = self.simulator.below(past.len().try_into().unwrap());
        past.get(usize::try_from(at).unwrap()).unwrap_or(jar).clone()
    }

    /// Asks some node. Without an answer nothing is known.
    async fn asks<T>(
        &self,
        asked: Asked,
        work: impl AsyncFnOnce(&Authority) -> Result<T, Refusal>,
    ) -> Option<(Ongoing<'_>, Result<T, Refusal>)> {
        let node = self.simulator.pick(&self.nodes)?;
        let ongoing = self.recorder.asks(self.name.as_str(), node.name.as_str(), asked);
        self.simulator.sleep(self.simulator.millis(20)).await;
        let authority = node.authority()?;
        let answer = node.does(work(&authority)).await?;
        self.simulator.sleep(self.simulator.millis(20)).await;
        Some((ongoing, answer))
    }

    async fn logs_in(&self) {
        let asked = Asked::LogIn { user: self.name.clone(), replaces: None };
        let answer =
            self.asks(asked, async |authority| log_in_by(authority, &self.name, PASSWORD).await).await;
        if let Some((ongoing, Ok(signed_in))) = answer {
            self.keeps(ongoing, &signed_in, None);
        }
    }

    fn keeps(&self, ongoing: Ongoing<'_>, signed_in: &SignedIn, before: Option<&Jar>) {
        let (access, refresh) = (signed_in.access_token.reveal(), signed_in.refresh_token.reveal());
        ongoing.given(access, refresh);
        let jar = Jar {
            access: access.to_owned(),
            refresh: refresh.to_owned(),
            session: signed_in.of.session.id,
            device: before.and_then(|before| before.device).or(signed_in
                .of
                .session
                .device
                .map(|id| KnownDevice { id, user_id: self.user, epoch: signed_in.of.user.device_epoch })),
        };
        let mut past = self.past.borrow_mut();
        past.push_back(jar.clone());
        if past.len() > KEPT {
            past.pop_front();
        }
        // Not over a later login of another tab.
        let mut current = self.jar.borrow_mut();
        if current
            .as_ref()
            .is_none_or(|current| before.is_some_and(|before| before.session == current.session))
        {
            *current = Some(jar);
        }
    }

    async fn enters(&self, jar: &Jar) {
        let asked = Asked::Enter(TokenName::of(&jar.access));
        let verify =
            async |authority: &Authority| authority.verifier().verify(&jar.access, Transport::Cookie);
        match self.asks(asked, verify).await {
            Some((ongoing, Ok(_))) => ongoing.done(),
            Some((ongoing, Err(refusal))) => self.is_refused(ongoing, &refusal, jar),
            None => {}
        }
    }

    async fn refreshes(&self, jar: &Jar) {
        let asked = Asked::Refresh(TokenName::of(&jar.refresh));
        let refresh = async |authority: &Authority| {
            authority.refresh(&jar.refresh, Transport::Cookie, jar.device, &browser()).await
        };
        match self.asks(asked, refresh).await {
            Some((ongoing, Ok(signed_in))) => self.keeps(ongoing, &signed_in, Some(jar)),
            Some((ongoing, Err(refusal))) => self.is_refused(ongoing, &refusal, jar),
            None => {}
        }
    }

    fn is_refused(&self, ongoing: Ongoing<'_>, refusal: &Refusal, jar: &Jar) {
        ongoing.refused(refusal.code());
        if matches!(refusal, Refusal::SessionRevoked | Refusal::RefreshTokenReused) {
            self.jar.borrow_mut().take_if(|current| current.session == jar.session);
        }
    }

    async fn logs_out(&self, jar: &Jar) {
        let asked = Asked::End(TokenName::of(&jar.refresh));
        let caller = Caller::user(self.user, browser());
        let log_out = async |authority: &Authority| authority.log_out(&caller, &[jar.session]).await;
        self.ended(self.asks(asked, log_out).await);
    }

    async fn ends_all(&self) {
        let asked = Asked::EndAll { user: self.name.clone(), except: None };
        let caller = Caller::user(self.user, browser());
        let end = async |authority: &Authority| {
            authority.revoke_sessions_of(&caller, self.user, None).await.map(drop)
        };
        self.ended(self.asks(asked, end).await);
    }

    fn ended(&self, answer: Option<(Ongoing<'_>, Result<(), Refusal>)>) {
        if let Some((ongoing, Ok(()))) = answer {
            ongoing.done();
        }
    }
}
