//! A real installation beside the naive one; each step happens to both.

use std::{fmt::Debug, net::IpAddr, sync::Arc, time::Duration};

use doorward_core::{
    access_token::Principal,
    authority::Caller,
    client::Client,
    device::KnownDevice,
    guard::GuardPolicy,
    ids::UserId,
    login::PresentedProofs,
    refusal::Refusal,
    session::Transport,
    settings::Settings,
    sign_in::{Origin, SignedIn},
    store::{CleanUp, Store},
    time::{MAX_CLOCK_LAG, Timestamp},
    users::ChangesForm,
};
use doorward_testkit::builders::{ACCESS_TTL, START};
use futures_executor::block_on;

use super::{
    naive::{Key, Login, Naive},
    schedule::Step,
};
use crate::home::{Home, PASSWORD, origin, settings};

/// The store, opened for the first time or again.
pub(super) type Reopen = Box<dyn Fn() -> Arc<dyn Store>>;

/// The last is nobody's name, and the one before is disabled.
const NAMES: [&str; 4] = ["ann", "bob", "dis", "nobody"];
/// The first two are one, and so are the next two.
const ADDRESSES: [&str; 5] =
    ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::f:2", "2001:db8:0:1::1"];
const PASSWORDS: [&str; 2] = [PASSWORD, "staple battery correct"];

struct Person {
    name: &'static str,
    id: UserId,
    disabled: bool,
    /// Which of [`PASSWORDS`] it is.
    password: usize,
    /// The session they were in last.
    principal: Option<Arc<Principal>>,
}

pub(super) struct World {
    pub(super) naive: Naive,
    // None only while the server restarts.
    home: Option<Home>,
    reopen: Reopen,
    settings: Settings,
    people: Vec<Person>,
    devices: Vec<(&'static str, KnownDevice)>,
    wall: Timestamp,
    /// Up to here the server has forgotten revocations since it was started: before, it is no time any more.
    forgotten: Timestamp,
    told: Duration,
}

/// How the two differed.
pub(super) type Difference = String;

fn same<T: PartialEq + Debug>(what: &str, real: T, naive: T) -> Result<(), Difference> {
    if real == naive { Ok(()) } else { Err(format!("{what}: {real:?} where the naive one says {naive:?}")) }
}

impl World {
    pub(super) fn new(reopen: Reopen, policy: GuardPolicy) -> Self {
        let settings = Settings { guard: policy.clone(), ..settings() };
        let home = Home::on(reopen()).restart_with(settings.clone());
        let people = NAMES[..3].iter().map(|name| {
            let disabled = *name == "dis";
            let id = home.add_user(name).id;
            if disabled {
                let form = ChangesForm { disabled: Some(true), ..ChangesForm::default() };
                block_on(home.authority.change_user(&Caller::command_line(), id, form)).unwrap();
            }
            Person { name, id, disabled, password: 0, principal: None }
        });
        let people = people.collect();
        Self {
            naive: Naive::new(policy),
            home: Some(home),
            reopen,
            settings,
            people,
            devices: Vec::new(),
            wall: START,
            forgotten: Timestamp::default(),
            told: Duration::ZERO,
        }
    }

    fn home(&self) -> &Home {
        self.home.as_ref().unwrap()
    }

    fn recorded(&self) -> Timestamp {
        block_on(self.home().store.feed(0, 0)).unwrap().highest_time
    }

    fn highest(&self) -> Timestamp {
        self.recorded().max(self.forgotten)
    }

    /// The server reads the feed, and forgets what concerns no token any more.
    fn forget_revocations(&mut self) {
        if let Ok(now) = self.now() {
            self.forgotten = self.forgotten.max(now.minus(ACCESS_TTL));
        }
    }

    /// What both decide with.
    fn now(&self) -> Result<Timestamp, Refusal> {
        let highest = self.highest();
        if highest.since(self.wall) > MAX_CLOCK_LAG {
            Err(Refusal::ClockBehind)
        } else {
            Ok(self.wall.max(highest))
        }
    }

    fn set_wall(&mut self, wall: Timestamp) {
        self.wall = wall;
        self.home().clock.set_wall(wall);
    }

    /// Lets a step happen to both.
    pub(super) fn take(&mut self, step: &Step) -> Result<(), Difference> {
        match *step {
            Step::LogIn { who, right, device, address } => {
                let device = device.and_then(|number| self.devices.get(number % self.devices.len().max(1)));
                self.log_in(NAMES[who % 4], right, device.copied(), address)?;
            }
            Step::ChangePassword { who, right, address } => self.change_password(who % 3, right, address)?,
            Step::SetPassword { who } => self.set_password(who % 3)?,
            Step::Unlock { who } => self.unlock(who % 3)?,
            Step::ForgetDevices { who } => self.forget_devices(who % 3)?,
            Step::CleanUp { limit } => self.clean_up(limit)?,
            Step::Restart => self.restart(),
            Step::Wait { millis } => {
                // From where time stands, or a clock that was set back would only catch up.
                let stands = self.wall.max(self.highest());
                self.set_wall(stands.plus(Duration::from_millis(millis)));
            }
            Step::WaitAsTold { shift } => {
                let told = i64::try_from(self.told.as_millis()).unwrap().saturating_add(shift).max(0);
                let stands = self.wall.max(self.highest());
                self.set_wall(Timestamp::from_millis(stands.as_millis() + told));
            }
            Step::SetBack { millis } => self.set_wall(self.highest().minus(Duration::from_millis(millis))),
            Step::FarBehind { millis } => self.far_behind(millis)?,
        }
        same("the time", self.home().authority.now(), self.now())?;
        self.compare_standings()
    }

    /// What each owner is shown changes nothing and has to agree at any time.
    fn compare_standings(&self) -> Result<(), Difference> {
        for person in &self.people {
            let real = block_on(self.home().authority.account_standing(person.id));
            let naive = self.now().map(|now| self.naive.standing(Key::Name(person.name), now));
            same(&format!("the standing of {}", person.name), real.map(|of| of.strangers), naive)?;
        }
        Ok(())
    }

    fn person(&self, name: &str) -> Option<usize> {
        self.people.iter().position(|person| person.name == name)
    }

    fn origin(&self, address: usize, device: Option<KnownDevice>) -> (IpAddr, Origin) {
        let address: IpAddr = ADDRESSES[address % 5].parse().unwrap();
        let client = Client { address: Some(address), ..origin().client };
        (address, Origin { device, client, ..origin() })
    }

    fn log_in(
        &mut self,
        name: &'static str,
        right: bool,
        device: Option<(&'static str, KnownDevice)>,
        address: usize,
    ) -> Result<(), Difference> {
        let (address, origin) = self.origin(address, device.map(|(_, device)| device));
        let person = self.person(name);
        let password =
            if right { PASSWORDS[person.map_or(0, |who| self.people[who].password)] } else { "wrong" };
        let login = Login {
            name,
            right: right && person.is_some(),
            disabled: person.is_some_and(|who| self.people[who].disabled),
            device,
            address,
        };
        let now = self.now();
        let naive = now.and_then(|now| self.naive.log_in(login, now));
        let proofs = PresentedProofs::password(password);
        let real = block_on(self.home().authority.login(name, proofs, &origin));
        let real = match real {
            Ok(doorward_core::login::LoginOutcome::Authenticated(signed_in)) => {
                self.signed_in(name, device, &signed_in)?;
                Ok(())
            }
            Ok(other) => return Err(format!("{other:?}")),
            Err(refusal) => Err(refusal),
        };
        self.answered(&format!("the login of {name}"), real, naive)
    }

    fn signed_in(
        &mut self,
        name: &'static str,
        presented: Option<(&'static str, KnownDevice)>,
        signed_in: &SignedIn,
    ) -> Result<(), Difference> {
        let token = signed_in.device_token.as_ref().unwrap().reveal();
        let authority = &self.home().authority;
        let device = (name, authority.keys().verify_device_token(token).unwrap());
        let principal = authority.verifier().verify(signed_in.access_token.reveal(), Transport::Cookie);
        let known = self.naive.knows(name, device);
        same("whether the browser is known from now on", known, true)?;
        if presented.is_some_and(|presented| self.naive.knows(name, presented)) {
            same("a device that is known", presented, Some(device))?;
        }
        if !self.devices.contains(&device) {
            self.devices.push(device);
        }
        let who = self.person(name).unwrap();
        self.people[who].principal = Some(principal.map_err(|refusal| format!("{refusal:?}"))?);
        Ok(())
    }

    fn answered(
        &mut self,
        what: &str,
        real: Result<(), Refusal>,
        naive: Result<(), Refusal>,
    ) -> Result<(), Difference> {
        if let Err(refusal) = &real {
            self.told = refusal.retry_after().unwrap_or(self.told);
        }
        same(what, real, naive)
    }

    fn change_password(&mut self, who: usize, right: bool, address: usize) -> Result<(), Difference> {
        let Some(principal) = self.people[who].principal.clone() else { return Ok(()) };
        let (address, origin) = self.origin(address, None);
        let Person { name, password, .. } = self.people[who];
        let current = if right { PASSWORDS[password] } else { "wrong" };
        let new = PASSWORDS[1 - password];
        let session = (name, principal.session_id);
        let now = self.now();
        let naive = now.and_then(|now| self.naive.change_password(session, right, address, now));
        let real = block_on(self.home().authority.change_password(&principal, current, new, &origin));
        let real = match real {
            Ok(signed_in) => {
                self.people[who].password = 1 - password;
                self.signed_in(name, None, &signed_in)?;
                Ok(())
            }
            Err(refusal) => Err(refusal),
        };
        self.answered(&format!("the password change of {name}"), real, naive)
    }

    fn set_password(&mut self, who: usize) -> Result<(), Difference> {
        let Person { name, id, password, .. } = self.people[who];
        let new = PASSWORDS[1 - password];
        let naive = self.now().map(|_| self.naive.forget_devices(name));
        let real = block_on(self.home().authority.set_password(&Caller::command_line(), id, new, false));
        if real.is_ok() {
            self.people[who].password = 1 - password;
            self.people[who].principal = None;
        }
        same("the password set", real, naive)
    }

    fn unlock(&mut self, who: usize) -> Result<(), Difference> {
        let Person { name, id, .. } = self.people[who];
        let naive = self.now().map(|_| self.naive.unlock(name));
        same("the unlocking", block_on(self.home().authority.unlock(&Caller::command_line(), id)), naive)
    }

    fn forget_devices(&mut self, who: usize) -> Result<(), Difference> {
        let Person { name, id, .. } = self.people[who];
        let naive = self.now().map(|_| self.naive.forget_devices(name));
        let real = block_on(self.home().authority.forget_devices(&Caller::command_line(), id));
        same("the forgetting of devices", real, naive)
    }

    fn clean_up(&mut self, limit: Option<u32>) -> Result<(), Difference> {
        match (limit, self.now()) {
            (None, now) => {
                let real = block_on(self.home().authority.clean_up()).map(drop);
                same("the clean-up", real, now.map(drop))
            }
            (Some(limit), Ok(now)) => {
                let long_ago = START.minus(Duration::from_hours(24));
                let what = CleanUp {
                    now: long_ago,
                    sessions_ended_before: long_ago,
                    keys_retired_before: long_ago,
                    attempts_expired_before: now,
                    statistics_before: long_ago,
                    audit: None,
                    limit,
                };
                block_on(self.home().store.clean_up(what)).unwrap();
                block_on(self.home().authority.follow_feed()).unwrap();
                self.forget_revocations();
                Ok(())
            }
            (Some(_), Err(_)) => Ok(()),
        }
    }

    /// Whoever starts while the clock is too far behind does not start.
    fn restart(&mut self) {
        if self.now().is_ok() {
            let home = self.home.take().unwrap();
            self.home = Some(home.reopened(&self.reopen, self.settings.clone()));
            self.forgotten = Timestamp::default();
            self.forget_revocations();
        }
    }

    /// Everything is refused, and nothing of it leaves a trace.
    fn far_behind(&mut self, millis: u64) -> Result<(), Difference> {
        let (wall, highest) = (self.wall, self.highest());
        self.set_wall(highest.minus(MAX_CLOCK_LAG + Duration::from_millis(millis + 1)));
        same("the time of a clock far behind", self.now(), Err(Refusal::ClockBehind))?;
        for (name, right) in [("ann", true), ("ann", false), ("nobody", false)] {
            let device = self.devices.first().copied();
            self.log_in(name, right, device, 0)?;
        }
        self.change_password(0, true, 0)?;
        self.change_password(0, false, 0)?;
        self.set_password(1)?;
        self.unlock(0)?;
        self.forget_devices(0)?;
        self.clean_up(None)?;
        same("the highest time", self.highest(), highest)?;
        self.set_wall(wall);
        Ok(())
    }
}
