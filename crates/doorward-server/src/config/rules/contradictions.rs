//! Settings that are fine alone and wrong together.

use super::{Contradiction, cookies, passkeys};
use crate::config::duration::show;
use crate::config::settings::Settings;

/// The first contradiction, if any.
pub(in crate::config) fn check(settings: &Settings) -> Result<(), Contradiction> {
    lifetimes(settings)?;
    cookies::check(settings)?;
    passkeys::check(settings)?;
    argon2(settings)?;
    listeners(settings)
}

fn lifetimes(settings: &Settings) -> Result<(), Contradiction> {
    let session = &settings.lifetimes;
    if session.absolute_ttl <= session.access_ttl {
        return Err(Contradiction::new(
            "session.absolute_ttl",
            format!(
                "session.access_ttl is {}: a session has to outlive its access tokens; write more than that",
                show(session.access_ttl)
            ),
        ));
    }
    if session.idle_ttl <= session.access_ttl {
        return Err(Contradiction::new(
            "session.idle_ttl",
            format!(
                "session.access_ttl is {}: the refresh token has to outlive the access token, or nobody could stay \
                 logged in; write more than that",
                show(session.access_ttl)
            ),
        ));
    }
    if session.absolute_ttl < session.idle_ttl {
        return Err(Contradiction::new(
            "session.absolute_ttl",
            format!("session.idle_ttl is {}: write no less than that", show(session.idle_ttl)),
        ));
    }
    Ok(())
}

fn argon2(settings: &Settings) -> Result<(), Contradiction> {
    let cost = &settings.hashing_cost;
    // RFC 9106, 3.1: at least eight blocks of 1 KiB a lane.
    let least = cost.parallelism.saturating_mul(8);
    if cost.memory_kib < least {
        return Err(Contradiction::new(
            "password.argon2.memory_kib",
            format!(
                "password.argon2.parallelism is {}, and each lane needs 8 KiB: write at least {least}",
                cost.parallelism
            ),
        ));
    }
    Ok(())
}

fn listeners(settings: &Settings) -> Result<(), Contradiction> {
    let http = &settings.http;
    // Port 0 asks the system for a free one, which differs each time.
    if http.admin_listen.is_some_and(|admin| admin == http.listen && admin.port() != 0) {
        return Err(Contradiction::new(
            "http.admin_listen",
            "http.listen is the same address: write another port, so that /metrics is not public",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::{complaint, settings};

    #[test]
    fn each_contradiction_names_the_key_and_its_rival() {
        for (file, key, rival) in [
            (
                "session.access_ttl = \"1h\"\nsession.idle_ttl = \"1h\"",
                "session.idle_ttl",
                "session.access_ttl",
            ),
            ("session.idle_ttl = \"31d\"", "session.absolute_ttl", "session.idle_ttl"),
            ("session.absolute_ttl = \"15m\"", "session.absolute_ttl", "session.access_ttl"),
            (
                "password.argon2.memory_kib = 8\npassword.argon2.parallelism = 2",
                "password.argon2.memory_kib",
                "password.argon2.parallelism",
            ),
            ("http.admin_listen = \"127.0.0.1:8080\"", "http.admin_listen", "http.listen"),
        ] {
            let complaint = complaint(file);
            assert!(complaint.starts_with(key) && complaint.contains(rival), "{file}: {complaint}");
        }
    }

    #[test]
    fn the_boundary_is_taken() {
        for file in [
            "session.access_ttl = \"1h\"\nsession.idle_ttl = \"3601s\"\nsession.absolute_ttl = \"3601s\"",
            "session.access_ttl = \"2s\"",
            "session.absolute_ttl = \"1d\"",
            "refresh.reuse_grace = \"0s\"",
            "revocation.max_staleness = \"100ms\"",
            "revocation.max_staleness = \"60s\"",
            "password.argon2.memory_kib = 16\npassword.argon2.parallelism = 2",
            "http.listen = \"127.0.0.1:0\"\nhttp.admin_listen = \"127.0.0.1:0\"",
            "session.max_per_user = 0",
        ] {
            let _ = settings(file);
        }
    }
}
