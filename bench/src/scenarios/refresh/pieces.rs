//! What of a refresh is arithmetic, done in this process by the code the server runs.

use std::hint::black_box;

use doorward_core::access_token::{SigningKey, TokenRules};
use doorward_core::csrf::CsrfSubject;
use doorward_core::device::KnownDevice;
use doorward_core::ids::DeviceId;
use doorward_core::master::{MasterSecret, ServerKeys};
use doorward_core::refresh::UnverifiedRefreshToken;
use doorward_core::session::{Session, SessionOfUser};
use doorward_core::signing_key::SigningKeyId;
use doorward_testkit::builders::{ACCESS_TTL, START, Scene};

use crate::cpu::Watched;
use crate::failure::Failure;
use crate::statistics::median;

/// So many of each in a round: long against a tick of whatever counts CPU time.
const TIMES: u32 = 2000;

/// µs of CPU for each, in each round.
#[derive(Default)]
pub(super) struct Rounds {
    signing: Vec<f64>,
    macs: Vec<f64>,
}

impl Rounds {
    pub(super) fn measure(&mut self) -> Result<(), Failure> {
        let scene = Scene::new(1);
        let user = scene.user().user;
        let session = Session { device: Some(DeviceId::from_bytes(scene.bytes())), ..scene.session(&user) };
        let of = SessionOfUser { session, user };
        let failed = |error: &dyn std::fmt::Display| Failure::io("a key", error);
        let id = SigningKeyId::parse("bench").map_err(|error| failed(&error))?;
        let key = SigningKey::new(id, &scene.bytes::<32>()).map_err(|error| failed(&error))?;
        let rules = TokenRules {
            issuer: "http://localhost:8080/auth".to_owned(),
            audience: "http://localhost:8080".to_owned(),
            access_ttl: ACCESS_TTL,
        };
        self.signing.push(micros(|| drop(black_box(key.issue(black_box(&of), [7; 16], START, &rules))))?);

        let secret = MasterSecret::parse(&"A".repeat(43)).map_err(|error| failed(&error))?;
        let keys = ServerKeys::derive(&secret, &[]).map_err(|error| failed(&error))?;
        self.macs.push(micros(|| macs(&keys, &of, &scene))?);
        Ok(())
    }

    pub(super) fn signing(&self) -> f64 {
        median(&self.signing)
    }

    pub(super) fn macs(&self) -> f64 {
        median(&self.macs)
    }
}

/// What a refresh makes it checks as well: the token, the CSRF token, and that of the device.
fn macs(keys: &ServerKeys, of: &SessionOfUser, scene: &Scene) {
    let refresh = keys.refresh_token(&of.session);
    black_box(
        UnverifiedRefreshToken::parse(refresh.reveal()).and_then(|token| token.verify(keys, &of.session)),
    );
    let subject = CsrfSubject::Session(of.session.id);
    if let Ok(csrf) = keys.issue_csrf_token(scene.entropy(), subject) {
        black_box(keys.verify_csrf_token(csrf.reveal(), subject));
    }
    let device =
        of.session.device.map(|id| KnownDevice { id, user_id: of.user.id, epoch: of.user.device_epoch });
    if let Some(device) = device {
        black_box(keys.verify_device_token(keys.device_token(device).reveal()));
    }
}

/// CPU time of this process for each of [`TIMES`], while nothing else runs in it.
fn micros(mut act: impl FnMut()) -> Result<f64, Failure> {
    let watched = Watched::this_process();
    let before = watched.cpu_time()?;
    (0..TIMES).for_each(|_| act());
    let used = watched.cpu_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / f64::from(TIMES))
}
