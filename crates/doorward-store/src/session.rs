//! Sessions: their rows, opening one within the limit, reading them.

use doorward_core::{
    client::UserAgent,
    ids::{DeviceId, SessionId, UserId},
    page::{Cursor, Page, PageRequest},
    revocation::Revocation,
    second_factor::SecondProof,
    session::{
        AuthMethod, Authentication, Generation, OnLimit, RefreshState, Session, SessionOfUser, Transport,
    },
    store::{Conflict, OpenSession, Opened, SessionFilter, SessionProof, StoreError, UserCredentials, Write},
    time::Timestamp,
    user::{Epoch, User},
};
use rusqlite::{Connection, params};

use super::{
    attempts, audit,
    failure::{Failure, Trouble},
    page::{LAST, page_of},
    revocation::{Ended, end_one},
    second_factor::{proof, totp},
    sql::{Columns, change, integer, many, one},
    user::{self, read_user, user_columns},
};

/// The columns that [`read_session`] reads.
macro_rules! session_columns {
    () => {
        "sessions.id, sessions.user_id, sessions.transport, sessions.created_at, sessions.last_seen_at,
         sessions.expires_at, sessions.idle_expires_at, sessions.aal, sessions.amr, sessions.auth_time,
         sessions.user_agent, sessions.address, sessions.device, sessions.generation, sessions.nonce,
         sessions.spent_at, sessions.repeats, sessions.repeated_elsewhere, sessions.elsewhere_streak,
         sessions.epoch, sessions.revoked_at"
    };
}

/// Reads [`session_columns`].
fn read_session(columns: &mut Columns<'_>) -> Result<Session, Failure> {
    Ok(Session {
        id: SessionId::from_bytes(columns.take()?),
        user_id: UserId::from_bytes(columns.take()?),
        transport: Transport::parse(&columns.take::<String>()?).ok_or(Trouble::Unreadable("transport"))?,
        created_at: columns.time()?,
        last_seen_at: columns.time()?,
        expires_at: columns.time()?,
        idle_expires_at: columns.time()?,
        authentication: Authentication {
            aal: columns.number()?,
            amr: columns
                .take::<String>()?
                .split_ascii_whitespace()
                .map(|method| AuthMethod::parse(method).ok_or(Trouble::Unreadable("login method")))
                .collect::<Result<_, _>>()?,
            auth_time: columns.time()?,
        },
        user_agent: UserAgent::new(&columns.take::<String>()?),
        address: columns.address()?,
        device: columns.take::<Option<_>>()?.map(DeviceId::from_bytes),
        refresh: RefreshState {
            generation: Generation(columns.number()?),
            nonce: columns.take()?,
            spent_at: columns.optional_time()?,
            repeats: columns.number()?,
            repeated_elsewhere: columns.take()?,
            elsewhere_streak: columns.number()?,
        },
        epoch: Epoch(columns.number()?),
        revoked_at: columns.optional_time()?,
    })
}

/// A session, alive or not, with its user.
pub(crate) fn session(connection: &Connection, id: SessionId) -> Result<Option<SessionOfUser>, Failure> {
    one(connection, SESSION, [id.as_bytes()], |columns| {
        Ok(SessionOfUser { session: read_session(columns)?, user: read_user(columns)? })
    })
}

pub(crate) const SESSION: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", ",
    user_columns!(),
    " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = ?1"
);

/// A session, alive or not, whether or not its user still exists.
pub(crate) fn session_alone(connection: &Connection, id: SessionId) -> Result<Option<Session>, Failure> {
    one(connection, SESSION_ALONE, [id.as_bytes()], read_session)
}

pub(crate) const SESSION_ALONE: &str = concat!("SELECT ", session_columns!(), " FROM sessions WHERE id = ?1");

/// Live sessions, newest first.
pub(crate) fn sessions(
    connection: &Connection,
    filter: SessionFilter,
    now: Timestamp,
    page: PageRequest,
) -> Result<Page<Session>, Failure> {
    let after = page.after.unwrap_or(LAST);
    let limit = i64::from(page.limit) + 1;
    let now = now.as_millis();
    let found = match filter.user_id {
        Some(user) => many(
            connection,
            SESSIONS_OF_USER,
            params![now, after.position, after.id, limit, user.as_bytes()],
            read_session,
        )?,
        None => {
            many(connection, SESSIONS_OF_ALL, params![now, after.position, after.id, limit], read_session)?
        }
    };
    page_of(found, page.limit, |session| {
        Ok(Cursor::at(session.created_at.as_millis(), *session.id.as_bytes()))
    })
}

macro_rules! live_sessions_where {
    ($narrowed:literal) => {
        concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions
             WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1
                AND (created_at, id) < (?2, ?3)",
            $narrowed,
            " ORDER BY created_at DESC, id DESC LIMIT ?4"
        )
    };
}
pub(crate) const SESSIONS_OF_USER: &str = live_sessions_where!(" AND user_id = ?5");
pub(crate) const SESSIONS_OF_ALL: &str = live_sessions_where!("");

/// Opens a session for whoever has earned it by what still holds.
pub(crate) fn open_session(
    connection: &Connection,
    write: &Write,
    proof: &SessionProof,
    open: &OpenSession,
) -> Result<Opened, Failure> {
    let UserCredentials { user: mut owner, password } =
        user::credentials(connection, open.session.user_id)?.ok_or(StoreError::Stale)?;
    if owner.disabled || (proof.password.is_some() && proof.password != password) {
        return Err(StoreError::Stale.into());
    }
    let before = end_stepped_up(connection, write, &open.session, proof)?;
    let recovery_code_used = proof::use_up(connection, write, &mut owner, &open.session, proof)?;
    let mut revocations =
        before.iter().map(|session| session.announce(connection, write)).collect::<Result<Vec<_>, _>>()?;
    let (announced, ended) = make_room_and_insert(connection, write, &owner, open, &proof.second)?;
    revocations.extend(announced);
    for event in [Some(&write.audit), recovery_code_used.as_ref()].into_iter().flatten() {
        audit::append(connection, event)?;
    }
    before.iter().try_for_each(|session| session.record(connection, write, "step_up"))?;
    record_all(connection, write, &ended)?;
    Ok(opened(&open.session, owner, revocations))
}

/// Ends the session that is stepped up, if one is: it must be alive. What was being set up in it goes on in the new one.
fn end_stepped_up(
    connection: &Connection,
    write: &Write,
    new: &Session,
    proof: &SessionProof,
) -> Result<Option<Ended>, Failure> {
    let Some(id) = proof.steps_up else { return Ok(None) };
    let ended = end_one(connection, write, id, Some(new.user_id))?.ok_or(StoreError::NotFound)?;
    totp::move_enrolment(connection, new.user_id, id, new.id)?;
    Ok(Some(ended))
}

/// What the opening of `session` gives.
pub(crate) fn opened(session: &Session, user: User, revocations: Vec<Revocation>) -> Opened {
    Opened { opened: SessionOfUser { session: session.clone(), user }, revocations }
}

/// Writes the events of the sessions that gave way.
pub(crate) fn record_all(
    connection: &Connection,
    write: &Write,
    ended: &[(Ended, &'static str)],
) -> Result<(), Failure> {
    ended.iter().try_for_each(|(session, reason)| session.record(connection, write, reason))
}

/// The announcements of the sessions that gave way, and these sessions, each with the reason.
type GaveWay = (Vec<Revocation>, Vec<(Ended, &'static str)>);

/// Ends what the session replaces and what is past the limit, then writes the session: the only place where one is
/// written.
pub(crate) fn make_room_and_insert(
    connection: &Connection,
    write: &Write,
    owner: &User,
    open: &OpenSession,
    second: &SecondProof,
) -> Result<GaveWay, Failure> {
    // Only a defect of ours could ask for this, and it would sign somebody in as somebody else.
    if open.session.user_id != owner.id {
        return Err(Trouble::ForeignSession.into());
    }
    proof::check_strength(connection, write, owner, &open.session, second)?;
    if let Some(subject) = open.forgives {
        attempts::forgive(connection, write.now, subject)?;
    }
    let mut ended = Vec::new();
    for id in &open.replaces {
        ended.extend(end_one(connection, write, *id, None)?.map(|session| (session, "replaced")));
    }
    for id in past_the_limit(connection, write.now, open)? {
        ended.extend(end_one(connection, write, id, None)?.map(|session| (session, "session_limit")));
    }
    let revocations =
        ended.iter().map(|(session, _)| session.announce(connection, write)).collect::<Result<_, _>>()?;
    insert_session(connection, &open.session)?;
    Ok((revocations, ended))
}

/// The oldest live sessions, as many as have to go before one more may be opened.
fn past_the_limit(
    connection: &Connection,
    now: Timestamp,
    open: &OpenSession,
) -> Result<Vec<SessionId>, Failure> {
    let Some(room_for_others) = open.limit.max_per_user.checked_sub(1) else {
        return Ok(Vec::new());
    };
    let session = &open.session;
    let mut live = many(
        connection,
        LIVE_OF_TRANSPORT,
        params![session.user_id.as_bytes(), session.transport.as_str(), now.as_millis()],
        |columns| Ok(SessionId::from_bytes(columns.take()?)),
    )?;
    let room_for_others = usize::try_from(room_for_others).unwrap_or(usize::MAX);
    let excess = live.len().saturating_sub(room_for_others);
    if excess > 0 && open.limit.on_limit == OnLimit::Refuse {
        return Err(Conflict::SessionLimit.into());
    }
    live.truncate(excess);
    Ok(live)
}

pub(crate) const LIVE_OF_TRANSPORT: &str = "SELECT id FROM sessions
     WHERE user_id = ?1 AND transport = ?2
        AND revoked_at IS NULL AND expires_at > ?3 AND idle_expires_at > ?3
     ORDER BY created_at, id";

fn insert_session(connection: &Connection, session: &Session) -> Result<(), Failure> {
    let Session { authentication, refresh, .. } = session;
    let amr: Vec<_> = authentication.amr.iter().map(|method| method.as_str()).collect();
    change(
        connection,
        "INSERT INTO sessions (id, user_id, transport, created_at, last_seen_at, expires_at, idle_expires_at,
            aal, amr, auth_time, user_agent, address, device, generation, nonce, spent_at, repeats,
            repeated_elsewhere, elsewhere_streak, epoch, revoked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
            ?21)",
        params![
            session.id.as_bytes(),
            session.user_id.as_bytes(),
            session.transport.as_str(),
            session.created_at.as_millis(),
            session.last_seen_at.as_millis(),
            session.expires_at.as_millis(),
            session.idle_expires_at.as_millis(),
            authentication.aal,
            amr.join(" "),
            authentication.auth_time.as_millis(),
            session.user_agent.as_str(),
            session.address.map(|address| address.to_string()),
            session.device.as_ref().map(DeviceId::as_bytes),
            integer(refresh.generation.0)?,
            refresh.nonce,
            refresh.spent_at.map(Timestamp::as_millis),
            refresh.repeats,
            refresh.repeated_elsewhere,
            refresh.elsewhere_streak,
            integer(session.epoch.0)?,
            session.revoked_at.map(Timestamp::as_millis),
        ],
    )?;
    Ok(())
}
