//! What is said of what happened to an account.

use super::phrases;

phrases! {
    /// The heading of what happened to an account lately, and the title of the page that goes on with it.
    activity_title: "Recent activity", "Letzte Aktivitäten";
    /// Why somebody should look at it.
    activity_lead:
        "What happened to your account, attempts that were refused included. If something here was not you, change your password.",
        "Was mit Ihrem Konto geschehen ist, auch abgelehnte Versuche. Wenn Sie etwas davon nicht waren, ändern Sie Ihr Passwort.";
    /// Nothing happened.
    activity_none: "Nothing is recorded.", "Es ist nichts verzeichnet.";
    /// To what happened before.
    activity_more: "See more", "Mehr ansehen";
    /// Marks what was refused.
    activity_refused: "Refused", "Abgelehnt";
    /// An event of a newer version, by the name that the log has for it.
    activity_unknown(name): "<code>{name}</code>", "<code>{name}</code>";
    /// So many attempts that are recorded as one.
    activity_times[count]: "once" | "{count} times", "einmal" | "{count}-mal";
    /// An administrator did it.
    activity_by_administration: "By the administration", "Durch die Administration";
    /// Another user did it, by signing in or out where somebody's session was still open.
    activity_by_same_browser: "By somebody else in the same browser", "Durch jemand anderen im selben Browser";
    /// Somebody did it to somebody else.
    activity_by(name, url): "By <a href=\"{url}\"><bdi>{name}</bdi></a>", "Durch <a href=\"{url}\"><bdi>{name}</bdi></a>";
    /// It was done by a command on the server.
    activity_by_command_line: "By a command on the server", "Durch einen Befehl auf dem Server";
    /// It happened by itself.
    activity_by_system: "By itself", "Von selbst";
    /// The roles that a user was given.
    activity_roles(roles): "roles: {roles}", "Rollen: {roles}";
    /// A user was given no roles.
    activity_no_roles: "no roles any more", "keine Rollen mehr";
    /// A user was disabled.
    activity_disabled: "disabled", "deaktiviert";
    /// A user was enabled.
    activity_enabled: "enabled", "aktiviert";
    /// A user has to choose another password.
    activity_password_due: "another password has to be chosen", "ein anderes Passwort muss gewählt werden";
    /// A user need not choose another password any more.
    activity_password_not_due: "the password may stay", "das Passwort darf bleiben";
    /// The mail address of a user was changed.
    activity_email: "email changed", "E-Mail geändert";
}
