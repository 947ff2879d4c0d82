//! The members of `policies.NAME`.

use std::time::Duration;

use doorward_core::user::Role;
use serde_json::Value as Json;

use super::Change::Reload;
use super::{MemberSpec, Spec, duration, word};

use crate::config::value::Expected;

const LONGEST_AGE: Duration = Duration::from_secs(400 * 86_400);

pub(super) const MEMBERS: &[MemberSpec] = &[
    Spec::new(
        "roles_any",
        Reload,
        "Roles of which a visitor needs at least one; none lets every signed-in user in.",
        |policy, value| value.list_of(role).map(|roles| policy.roles_any = roles),
        |policy| policy.roles_any.iter().map(Role::as_str).collect(),
    ),
    Spec::new(
        "aal",
        Reload,
        "The least assurance level: 1 is a password, 2 is a second factor as well.",
        |policy, value| {
            let level = value.count(1, 2)?;
            policy.aal = if level == 1 { 1 } else { 2 };
            Ok(())
        },
        |policy| policy.aal.into(),
    ),
    Spec::new(
        "max_age",
        Reload,
        "How long ago the last authentication may be; \"none\" is no limit.",
        |policy, value| {
            let given = value.unless("none").ok().is_none_or(|text| text.is_some());
            policy.max_age =
                given.then(|| value.whole_seconds(Duration::from_secs(1), LONGEST_AGE)).transpose()?;
            Ok(())
        },
        |policy| policy.max_age.map_or("none".into(), duration),
    ),
    Spec::new(
        "redirect",
        Reload,
        "Whether a browser that has to log in is led to the login page (true) or told 401 (false).",
        |policy, value| value.boolean().map(|redirect| policy.redirect = redirect),
        |policy| Json::from(policy.redirect),
    ),
    Spec::new(
        "csrf",
        Reload,
        "How requests forged by other sites are told apart: \"origin\" by where they come from, \"token\" by the CSRF \
         header as well, \"off\" leaves both to the app.",
        |policy, value| value.choice().map(|choice| policy.csrf = choice),
        |policy| word(policy.csrf),
    ),
    Spec::new(
        "proxy",
        Reload,
        "Whose quirks to heed: \"nginx\" for auth_request, \"generic\" for the others.",
        |policy, value| value.choice().map(|choice| policy.proxy = choice),
        |policy| word(policy.proxy),
    ),
];

fn role(text: &str) -> Result<Role, Expected> {
    text.parse().map_err(|_| "write roles of 1 to 64 characters out of a-z 0-9 . _ -".to_owned())
}
