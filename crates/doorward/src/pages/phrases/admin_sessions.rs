//! What the page about everybody's sessions says.

use super::phrases;

phrases! {
    /// The section, and its heading.
    section_sessions: "Sessions", "Sitzungen";
    /// The heading of the list.
    sessions_list: "Live sessions, newest first", "Laufende Sitzungen, neueste zuerst";
    /// The heading of one user's.
    sessions_of(name): "Live sessions of <bdi>{name}</bdi>, newest first", "Laufende Sitzungen von <bdi>{name}</bdi>, neueste zuerst";
    /// The field to choose a user by.
    sessions_user: "Username or id", "Benutzername oder Kennung";
    /// Its button.
    sessions_choose: "Show", "Anzeigen";
    /// There is no such user.
    sessions_nobody: "There is no such user. The whole name is needed here; the list of users finds beginnings.",
        "Diesen Benutzer gibt es nicht. Hier braucht es den ganzen Namen; die Liste der Benutzer findet Anfänge.";
    /// To the sessions of everybody.
    sessions_all: "Show everybody’s sessions", "Sitzungen aller anzeigen";
    /// There are none.
    sessions_none: "There are no live sessions.", "Es gibt keine laufenden Sitzungen.";
    /// Whose a session is.
    session_user: "User", "Benutzer";
    /// The user has been removed meanwhile.
    sessions_removed: "a removed user", "ein gelöschter Benutzer";
    /// One was ended.
    sessions_ended: "That session is ended.", "Diese Sitzung ist beendet.";
    /// Ends a session; those who hear the page are told which.
    sessions_end(name, device, address, seen):
        "Sign out<span class=\"unseen\"> <bdi>{name}</bdi>: {device} at {address}, last seen {seen}</span>",
        "Abmelden<span class=\"unseen\">: <bdi>{name}</bdi>, {device}, Adresse {address}, zuletzt aktiv {seen}</span>";
}
