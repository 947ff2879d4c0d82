//! Sessions: their rows, opening one within the limit, reading them.

use doorward_core::{
    client::UserAgent,
    guard::FailedAttempt,
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

use futures_util::future::try_join3;

use super::{
    attempts,
    failure::{Failure, Trouble},
    page::{LAST, page_of},
    revocation::{Ended, end_one, read_ended},
    second_factor::{proof, totp},
    sql::{Columns, Lock, Sql, integer, params},
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
pub(crate) async fn session(sql: &impl Sql, id: SessionId) -> Result<Option<SessionOfUser>, Failure> {
    sql.one(SESSION, params![id.as_bytes()], read_session_of_user).await
}

/// Reads [`SESSION`].
pub(crate) fn read_session_of_user(columns: &mut Columns<'_>) -> Result<SessionOfUser, Failure> {
    Ok(SessionOfUser { session: read_session(columns)?, user: read_user(columns)? })
}

pub(crate) const SESSION: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", ",
    user_columns!(),
    " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = ?1"
);

/// A session, alive or not, whether or not its user still exists.
pub(crate) async fn session_alone(sql: &impl Sql, id: SessionId) -> Result<Option<Session>, Failure> {
    sql.one(SESSION_ALONE, params![id.as_bytes()], read_session).await
}

pub(crate) const SESSION_ALONE: &str = concat!("SELECT ", session_columns!(), " FROM sessions WHERE id = ?1");

/// Live sessions, newest first.
pub(crate) async fn sessions(
    sql: &impl Sql,
    filter: SessionFilter,
    now: Timestamp,
    page: PageRequest,
) -> Result<Page<Session>, Failure> {
    let after = page.after.unwrap_or(LAST);
    let limit = i64::from(page.limit) + 1;
    let now = now.as_millis();
    let found = match filter.user_id {
        Some(user) => {
            sql.many(
                SESSIONS_OF_USER,
                params![now, after.position, after.id, limit, user.as_bytes()],
                read_session,
            )
            .await?
        }
        None => {
            sql.many(SESSIONS_OF_ALL, params![now, after.position, after.id, limit], read_session).await?
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
/// What it refuses because of a lock is committed where it recorded the attempt, and is therefore no failure of the operation.
pub(crate) async fn open_session(
    sql: &impl Sql,
    write: &Write,
    proof: &SessionProof,
    open: &OpenSession,
) -> Result<Result<Opened, StoreError>, Failure> {
    let (found, mut room) = find_room(sql, write.now, open, proof.attempt.as_deref()).await?;
    if let (Some(attempt), Some(until)) = (&proof.attempt, room.locked_until) {
        attempts::record_failure(sql, attempt).await?;
        return Ok(Err(StoreError::Locked { until }));
    }
    let UserCredentials { user: mut owner, password } = found.ok_or(StoreError::Stale)?;
    if owner.disabled || (proof.password.is_some() && proof.password != password) {
        return Err(StoreError::Stale.into());
    }
    let before = end_stepped_up(sql, write, &open.session, proof).await?;
    room.live.retain(|session| Some(session.id) != proof.steps_up);
    let recovery_code_used = proof::use_up(sql, write, &mut owner, &open.session, proof).await?;
    let mut revocations =
        before.iter().map(|session| session.announce(sql, write)).collect::<Result<Vec<_>, _>>()?;
    let (announced, ended) = make_room_and_insert(sql, write, &owner, open, &proof.second, room).await?;
    revocations.extend(announced);
    for event in [Some(&write.audit), recovery_code_used.as_ref()].into_iter().flatten() {
        sql.append(event)?;
    }
    before.iter().try_for_each(|session| session.record(sql, write, "step_up"))?;
    record_all(sql, write, &ended)?;
    Ok(Ok(opened(&open.session, owner, revocations)))
}

/// Ends the session that is stepped up, if one is: it must be alive. What was being set up in it goes on in the new one.
async fn end_stepped_up(
    sql: &impl Sql,
    write: &Write,
    new: &Session,
    proof: &SessionProof,
) -> Result<Option<Ended>, Failure> {
    let Some(id) = proof.steps_up else { return Ok(None) };
    let ended = end_one(sql, write, id, Some(new.user_id)).await?.ok_or(StoreError::NotFound)?;
    totp::move_enrolment(sql, new.user_id, id, new.id).await?;
    Ok(Some(ended))
}

/// What the opening of `session` gives.
pub(crate) fn opened(session: &Session, user: User, revocations: Vec<Revocation>) -> Opened {
    Opened { opened: SessionOfUser { session: session.clone(), user }, revocations }
}

/// Writes the events of the sessions that gave way.
pub(crate) fn record_all(
    sql: &impl Sql,
    write: &Write,
    ended: &[(Ended, &'static str)],
) -> Result<(), Failure> {
    ended.iter().try_for_each(|(session, reason)| session.record(sql, write, reason))
}

/// The announcements of the sessions that gave way, and these sessions, each with the reason.
type GaveWay = (Vec<Revocation>, Vec<(Ended, &'static str)>);

/// What stands in the way of a session that is to be opened.
pub(crate) struct Room {
    /// The live sessions that the limit counts, oldest first.
    live: Vec<Ended>,
    /// The end of the lock on who tries, or on whom the session forgives.
    locked_until: Option<Timestamp>,
}

/// Sees to whom a session is to be opened, and what stands in its way: all that is read of the user, in one round trip.
/// Nobody else changes any of it until the operation is over.
pub(crate) async fn find_room(
    sql: &impl Sql,
    now: Timestamp,
    open: &OpenSession,
    attempt: Option<&FailedAttempt>,
) -> Result<(Option<UserCredentials>, Room), Failure> {
    let session = &open.session;
    sql.lock(Lock::User(session.user_id)).await?;
    let heeded = attempt
        .map(|attempt| (attempt.now, attempt.subject))
        .or_else(|| open.forgives.map(|subject| (now, subject)));
    let locked = async {
        match heeded {
            Some((now, subject)) => attempts::locked_until(sql, now, subject).await,
            None => Ok(None),
        }
    };
    let live = async {
        if open.limit.max_per_user == 0 {
            return Ok(Vec::new());
        }
        let of_transport = params![session.user_id.as_bytes(), session.transport.as_str(), now.as_millis()];
        sql.many(LIVE_OF_TRANSPORT, of_transport, read_ended).await
    };
    let (found, locked_until, live) =
        try_join3(user::credentials(sql, session.user_id), locked, live).await?;
    Ok((found, Room { live, locked_until }))
}

/// Ends what the session replaces and what is past the limit, then writes the session: the only place where one is
/// written.
pub(crate) async fn make_room_and_insert(
    sql: &impl Sql,
    write: &Write,
    owner: &User,
    open: &OpenSession,
    second: &SecondProof,
    room: Room,
) -> Result<GaveWay, Failure> {
    // Only a defect of ours could ask for this, and it would sign somebody in as somebody else.
    if open.session.user_id != owner.id {
        return Err(Trouble::ForeignSession.into());
    }
    proof::check_strength(sql, write, owner, &open.session, second).await?;
    if let Some(until) = room.locked_until {
        return Err(StoreError::Locked { until }.into());
    }
    if let Some(subject) = open.forgives {
        attempts::forgive(sql, subject).await?;
    }
    let mut ended = Vec::new();
    for id in &open.replaces {
        ended.extend(end_one(sql, write, *id, None).await?.map(|session| (session, "replaced")));
    }
    for session in past_the_limit(room, &ended, open)? {
        ended.push((session.end(sql, write).await?, "session_limit"));
    }
    let revocations =
        ended.iter().map(|(session, _)| session.announce(sql, write)).collect::<Result<_, _>>()?;
    insert_session(sql, &open.session).await?;
    Ok((revocations, ended))
}

/// The oldest live sessions, as many as have to go before one more may be opened.
fn past_the_limit(
    room: Room,
    ended: &[(Ended, &'static str)],
    open: &OpenSession,
) -> Result<Vec<Ended>, Failure> {
    let Some(room_for_others) = open.limit.max_per_user.checked_sub(1) else {
        return Ok(Vec::new());
    };
    let mut live = room.live;
    live.retain(|session| ended.iter().all(|(ended, _)| ended.id != session.id));
    let room_for_others = usize::try_from(room_for_others).unwrap_or(usize::MAX);
    let excess = live.len().saturating_sub(room_for_others);
    if excess > 0 && open.limit.on_limit == OnLimit::Refuse {
        return Err(Conflict::SessionLimit.into());
    }
    live.truncate(excess);
    Ok(live)
}

pub(crate) const LIVE_OF_TRANSPORT: &str = "SELECT id, user_id, epoch FROM sessions
     WHERE user_id = ?1 AND transport = ?2
        AND revoked_at IS NULL AND expires_at > ?3 AND idle_expires_at > ?3
     ORDER BY created_at, id";

async fn insert_session(sql: &impl Sql, session: &Session) -> Result<(), Failure> {
    let Session { authentication, refresh, .. } = session;
    let amr: Vec<_> = authentication.amr.iter().map(|method| method.as_str()).collect();
    sql.queue(
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
    )
    .await?;
    Ok(())
}
