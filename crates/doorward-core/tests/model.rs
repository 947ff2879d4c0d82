//! The refresh and revoke protocol, explored state by state (M-N04).
//!
//! Goal: what is promised about racing tabs, lost answers, logout and theft holds in *every* order of events, not
//! only in those that a test happens to produce.
//! Method: the decision is the real [`refresh::decide`]; the store is modelled by its atomic operations, as the
//! contract says them; between reading the facts, deciding, applying and answering, everybody else may act, and any
//! request may be lost at any point. A model checker visits every reachable state up to a few generations.
//! Not in here: the number of repeats, which `decisions/refresh.rs` tests at its bound.

#![expect(clippy::indexing_slicing, reason = "a client is an index into the requests of its own world")]

use std::time::Duration;

use doorward_core::{
    client::UserAgent,
    ids::DeviceId,
    refresh::{self, Decision, Presenter},
    session::{Generation, Session, SessionOfUser},
    time::Timestamp,
};
use doorward_testkit::builders::{START, Scene};
use stateright::{Checker, Model, Property};

/// Ages 0 and 1 are within the grace, 2 is its end, 3 stands for everything later.
const GRACE_TICKS: u8 = 2;
const TICK: Duration = Duration::from_secs(1);

/// Who presents tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Owner,
    Thief,
}

/// What a thief could not copy along with the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacks {
    Device,
    UserAgent,
    /// Everything was copied; only the address differs.
    Address,
}

/// How the modelled store works. The unsound ones show that the checker would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Sound,
    /// Moves on, and repeats, without looking whether somebody else moved first.
    ComparesNoGeneration,
    /// Refreshes sessions that were revoked after the facts were read.
    ForgetsRevocation,
}

/// What is explored.
struct World {
    scene: SessionOfUser,
    store: Store,
    tabs: usize,
    thief: Option<Lacks>,
    logs_out: bool,
    /// A tab asks for a further generation while another's request with an older token, or its answer, is still on
    /// its way. Tabs refresh minutes apart and requests take seconds, so that honest ones do not.
    overtakes: bool,
    generations: u8,
}

/// A session's row, as far as refreshing looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Row {
    generation: u8,
    /// Ticks since the predecessor was spent.
    age: Option<u8>,
    spender: Who,
    repeated_elsewhere: bool,
    streak: u8,
    revoked: bool,
}

/// What was decided on facts that may be outdated when it is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Advance { expected: u8 },
    Repeat { current: u8, elsewhere: bool },
    Revoke,
}

/// Where a tab's, or the thief's, request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Request {
    None,
    Sent {
        presented: u8,
    },
    Decided {
        presented: u8,
        operation: Operation,
    },
    /// With the generation that was handed out, or a refusal.
    Answered {
        presented: u8,
        got: Option<u8>,
    },
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Logout {
    NotAsked,
    Applied,
    Acknowledged,
}

/// What has happened, by presented generation: bit n stands for generation n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct History {
    spent: u8,
    served: [u8; 2],
    /// Served or refused.
    answered: [u8; 2],
    owner_refused: bool,
    spent_twice: bool,
    wrong_successor: bool,
    served_after_logout: bool,
    decided_again: bool,
    repeated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    row: Row,
    /// The owner's tabs, then the thief.
    requests: Vec<Request>,
    /// The token in the browser's jar, which the tabs share.
    jar: Option<u8>,
    /// The token in the thief's hands, once stolen.
    loot: Option<u8>,
    stolen: bool,
    logout: Logout,
    history: History,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Send(usize),
    Decide(usize),
    Apply(usize),
    Deliver(usize),
    /// The request, or its answer, is lost; or the server is killed there.
    Lose(usize),
    Steal,
    LogOut,
    AcknowledgeLogout,
    Tick,
}

impl World {
    fn new(tabs: usize, generations: u8) -> Self {
        let scene = Scene::new(1);
        let user = scene.user().user;
        let device = Some(DeviceId::from_bytes([1; 16]));
        let session = Session { device, ..scene.session(&user) };
        let scene = SessionOfUser { session, user };
        let store = Store::Sound;
        Self { scene, store, tabs, thief: None, logs_out: false, overtakes: false, generations }
    }

    fn who(&self, client: usize) -> Who {
        if client < self.tabs { Who::Owner } else { Who::Thief }
    }

    /// User agent, device and address of somebody.
    fn marks(&self, who: Who) -> Session {
        let mut session = self.scene.session.clone();
        match (who, self.thief) {
            (Who::Owner, _) | (Who::Thief, None) => {}
            (Who::Thief, Some(Lacks::Device)) => session.device = None,
            (Who::Thief, Some(Lacks::UserAgent)) => session.user_agent = UserAgent::new("curl/8"),
            (Who::Thief, Some(Lacks::Address)) => {}
        }
        if who == Who::Thief {
            session.address = Some([203, 0, 113, 9].into());
        }
        session
    }

    /// The real decision on this row.
    fn decide(&self, row: &Row, who: Who, presented: u8) -> Decision {
        let now = START.plus(Duration::from_secs(100));
        let mut facts = SessionOfUser { session: self.marks(row.spender), user: self.scene.user.clone() };
        facts.session.refresh.generation = Generation(row.generation.into());
        facts.session.refresh.spent_at = row.age.map(|age| now.minus(TICK * u32::from(age)));
        facts.session.refresh.repeated_elsewhere = row.repeated_elsewhere;
        facts.session.refresh.elsewhere_streak = row.streak.into();
        facts.session.revoked_at = row.revoked.then_some(Timestamp::from_millis(1));
        let marks = self.marks(who);
        let presenter =
            Presenter { user_agent: &marks.user_agent, device: marks.device, address: marks.address };
        refresh::decide(&facts, Generation(presented.into()), presenter, now, TICK * u32::from(GRACE_TICKS))
    }

    fn holding(&self, state: &State, client: usize) -> Option<u8> {
        match self.who(client) {
            Who::Owner => state.jar,
            Who::Thief => state.loot,
        }
    }

    fn may_send(&self, state: &State, client: usize) -> bool {
        if !matches!(state.requests[client], Request::None | Request::Lost) {
            return false;
        }
        let Some(held) = self.holding(state, client) else { return false };
        self.who(client) == Who::Thief
            || self.overtakes
            || self.on_their_way(state).all(|presented| presented == held)
    }

    /// What the owner's tabs have presented without having the answer yet.
    fn on_their_way<'a>(&self, state: &'a State) -> impl Iterator<Item = u8> + use<'a> {
        state.requests[..self.tabs].iter().filter_map(|request| match request {
            Request::Sent { presented }
            | Request::Decided { presented, .. }
            | Request::Answered { presented, .. } => Some(*presented),
            Request::None | Request::Lost => None,
        })
    }

    /// Honest tabs ask again within the grace: until they have the successor, time does not pass beyond it.
    fn time_may_pass(&self, state: &State) -> bool {
        let Some(age) = state.row.age else { return false };
        let behind = |held: u8| held < state.row.generation;
        let retries_due = state.jar.is_some_and(behind) || self.on_their_way(state).any(behind);
        age <= GRACE_TICKS && (self.thief.is_some() || !retries_due || age + 1 < GRACE_TICKS)
    }

    fn apply(&self, state: &mut State, client: usize, presented: u8, operation: Operation) {
        let who = self.who(client);
        let row = &mut state.row;
        let (wanted, got) = match operation {
            Operation::Revoke => {
                row.revoked = true;
                state.answer(client, who, presented, None);
                return;
            }
            Operation::Advance { expected } => (expected, row.generation + 1),
            Operation::Repeat { current, .. } => (current, row.generation),
        };
        let alive = !row.revoked || self.store == Store::ForgetsRevocation;
        let unmoved = row.generation == wanted || self.store == Store::ComparesNoGeneration;
        if !(alive && unmoved) {
            // Stale, or not found: decided again on fresh facts.
            state.history.decided_again = true;
            state.requests[client] = Request::Sent { presented };
            return;
        }
        match operation {
            Operation::Advance { expected } => {
                let bit = 1 << expected;
                state.history.spent_twice |= state.history.spent & bit != 0;
                state.history.spent |= bit;
                row.generation += 1;
                row.age = Some(0);
                row.streak = if row.repeated_elsewhere { row.streak + 1 } else { 0 };
                row.repeated_elsewhere = false;
                row.spender = who;
            }
            Operation::Repeat { elsewhere, .. } => {
                row.repeated_elsewhere |= elsewhere;
                state.history.repeated = true;
            }
            Operation::Revoke => {}
        }
        state.history.wrong_successor |= got != presented + 1;
        state.history.served_after_logout |= state.logout == Logout::Acknowledged;
        state.history.served[who as usize] |= 1 << presented;
        state.answer(client, who, presented, Some(got));
    }
}

impl State {
    fn answer(&mut self, client: usize, who: Who, presented: u8, got: Option<u8>) {
        self.history.answered[who as usize] |= 1 << presented;
        self.history.owner_refused |= who == Who::Owner && got.is_none();
        self.requests[client] = Request::Answered { presented, got };
    }

    /// Generations of which `by_whom` speaks for both the owner and the thief.
    fn both(by_whom: [u8; 2]) -> u8 {
        by_whom[0] & by_whom[1]
    }
}

/// Whether three generations running are among these.
fn three_running(generations: u8) -> bool {
    generations & generations >> 1 & generations >> 2 != 0
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let row = Row {
            generation: 0,
            age: None,
            spender: Who::Owner,
            repeated_elsewhere: false,
            streak: 0,
            revoked: false,
        };
        vec![State {
            row,
            requests: vec![Request::None; self.tabs + usize::from(self.thief.is_some())],
            jar: Some(0),
            loot: None,
            stolen: false,
            logout: Logout::NotAsked,
            history: History::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (client, request) in state.requests.iter().enumerate() {
            if self.may_send(state, client) {
                actions.push(Action::Send(client));
            }
            match request {
                Request::None | Request::Lost => {}
                Request::Sent { .. } => actions.extend([Action::Decide(client), Action::Lose(client)]),
                Request::Decided { .. } => actions.extend([Action::Apply(client), Action::Lose(client)]),
                Request::Answered { .. } => actions.extend([Action::Deliver(client), Action::Lose(client)]),
            }
        }
        if self.thief.is_some() && !state.stolen && state.jar.is_some() {
            actions.push(Action::Steal);
        }
        if self.logs_out {
            match state.logout {
                Logout::NotAsked => actions.push(Action::LogOut),
                Logout::Applied => actions.push(Action::AcknowledgeLogout),
                Logout::Acknowledged => {}
            }
        }
        if self.time_may_pass(state) {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Send(client) => {
                state.requests[client] = Request::Sent { presented: self.holding(last, client)? };
            }
            Action::Decide(client) => {
                let Request::Sent { presented } = last.requests[client] else { return None };
                let who = self.who(client);
                let operation = match self.decide(&last.row, who, presented) {
                    Decision::Advance => Some(Operation::Advance { expected: presented }),
                    Decision::RepeatSuccessor { elsewhere } => {
                        Some(Operation::Repeat { current: last.row.generation, elsewhere })
                    }
                    Decision::RevokeFamily(_) => Some(Operation::Revoke),
                    Decision::Revoked
                    | Decision::Expired
                    | Decision::PasswordChangeDue
                    | Decision::NeverIssued => None,
                };
                match operation {
                    Some(operation) => {
                        state.requests[client] = Request::Decided { presented, operation };
                    }
                    None => state.answer(client, who, presented, None),
                }
            }
            Action::Apply(client) => {
                let Request::Decided { presented, operation } = last.requests[client] else { return None };
                self.apply(&mut state, client, presented, operation);
            }
            Action::Deliver(client) => {
                let Request::Answered { got, .. } = last.requests[client] else { return None };
                match self.who(client) {
                    Who::Owner => state.jar = got,
                    Who::Thief => state.loot = got,
                }
                state.requests[client] = Request::None;
            }
            Action::Lose(client) => state.requests[client] = Request::Lost,
            Action::Steal => {
                state.loot = last.jar;
                state.stolen = true;
            }
            Action::LogOut => {
                state.row.revoked = true;
                state.logout = Logout::Applied;
            }
            Action::AcknowledgeLogout => state.logout = Logout::Acknowledged,
            Action::Tick => state.row.age = last.row.age.map(|age| age + 1),
        }
        Some(state)
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.row.generation <= self.generations
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always(ONE_SUCCESSOR, |_, state| {
                !state.history.spent_twice && !state.history.wrong_successor
            }),
            Property::<Self>::always(DEAD_AFTER_LOGOUT, |_, state| !state.history.served_after_logout),
            // Without these the others would say little.
            Property::<Self>::sometimes("racers are told to decide again", |_, state| {
                state.history.decided_again
            }),
            Property::<Self>::sometimes("a successor is given twice", |world, state| {
                state.history.repeated || matches!(world.thief, Some(Lacks::Device | Lacks::UserAgent))
            }),
            Property::<Self>::sometimes("the grace passes", |_, state| {
                state.row.age.is_some_and(|age| age > GRACE_TICKS)
            }),
        ];
        match self.thief {
            None if !self.logs_out => {
                properties.push(Property::<Self>::always(NOT_LOGGED_OUT, |_, state| {
                    !state.row.revoked && !state.history.owner_refused
                }));
            }
            None => {}
            Some(Lacks::Device | Lacks::UserAgent) => properties.extend([
                Property::<Self>::always(NOTHING_SHARED, |_, state| State::both(state.history.served) == 0),
                Property::<Self>::always(SECOND_ENDS_IT, |_, state| {
                    State::both(state.history.answered) == 0 || state.row.revoked
                }),
                Property::<Self>::sometimes("a thief comes first", |_, state| {
                    state.history.served[Who::Thief as usize] != 0
                }),
            ]),
            Some(Lacks::Address) => properties.extend([
                Property::<Self>::always(NOT_THREE_RUNNING, |_, state| {
                    !three_running(State::both(state.history.served))
                }),
                Property::<Self>::always(THIRD_ENDS_IT, |_, state| {
                    !three_running(State::both(state.history.answered)) || state.row.revoked
                }),
                Property::<Self>::sometimes("a thief keeps up for two generations", |_, state| {
                    let shared = State::both(state.history.served);
                    shared & shared >> 1 != 0
                }),
            ]),
        }
        properties
    }
}

const ONE_SUCCESSOR: &str =
    "a generation is spent once, and everybody who presents it is given the same successor";
const DEAD_AFTER_LOGOUT: &str = "no refresh succeeds after an acknowledged logout";
const NOT_LOGGED_OUT: &str = "an honest browser stays logged in";
const NOTHING_SHARED: &str = "no generation serves both the owner and the thief";
const SECOND_ENDS_IT: &str = "once both have presented a generation, the session is over";
const NOT_THREE_RUNNING: &str = "a thief in lockstep is not served for a third generation running";
const THIRD_ENDS_IT: &str = "the third generation running that both present ends the session";

fn explore(world: World) -> impl Checker<World> {
    world.checker().threads(2).spawn_bfs().join()
}

/// Every property holds in every state, and every state that is to be reached is.
#[track_caller]
fn holds(world: World) {
    let explored = explore(world);
    explored.assert_properties();
    println!("{} states", explored.unique_state_count());
}

#[track_caller]
fn is_noticed(world: World, property: &'static str) {
    assert!(explore(world).discovery(property).is_some(), "nothing was found against: {property}");
}

#[test]
fn honest_tabs_that_race_lose_answers_and_retry_stay_logged_in() {
    holds(World::new(3, 2));
    holds(World::new(2, 4));
}

#[test]
fn no_refresh_succeeds_after_an_acknowledged_logout() {
    holds(World { logs_out: true, ..World::new(3, 2) });
}

#[test]
fn a_thief_on_another_device_and_the_owner_never_both_go_on() {
    for lacks in [Lacks::Device, Lacks::UserAgent] {
        holds(World { thief: Some(lacks), ..World::new(2, 2) });
    }
}

#[test]
fn a_thief_in_lockstep_is_stopped_at_the_third_generation() {
    holds(World { thief: Some(Lacks::Address), ..World::new(1, 5) });
}

#[test]
fn the_checker_notices_a_store_that_compares_no_generation() {
    is_noticed(World { store: Store::ComparesNoGeneration, ..World::new(2, 2) }, ONE_SUCCESSOR);
}

#[test]
fn the_checker_notices_a_store_that_forgets_revocation() {
    let world = World { store: Store::ForgetsRevocation, logs_out: true, ..World::new(2, 2) };
    is_noticed(world, DEAD_AFTER_LOGOUT);
}

/// The protocol's known limit: a request that two later generations overtake on the way looks like a replay.
#[test]
fn a_request_overtaken_by_two_generations_counts_as_a_replay() {
    is_noticed(World { overtakes: true, ..World::new(2, 3) }, NOT_LOGGED_OUT);
}
