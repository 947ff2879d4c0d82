//! What the page of locks says.

use super::phrases;

phrases! {
    /// The section, and its heading.
    section_lockouts: "Locks", "Sperren";
    /// The heading of the list.
    lockouts_heading: "Locked right now", "Zurzeit gesperrt";
    /// What it means.
    lockouts_lead: "Too many failed attempts lock for a while. Unlocking a user ends every lock of theirs at once.",
        "Zu viele Fehlversuche sperren eine Zeit lang. Das Entsperren beendet alle Sperren eines Benutzers sofort.";
    /// An empty list.
    lockouts_none: "Nothing is locked.", "Nichts ist gesperrt.";
    /// A lock of an account.
    lock_of_account: "The account, for browsers that never signed in to it", "Das Konto, für Browser, die dort noch nie angemeldet waren";
    /// A lock of a device.
    lock_of_device: "One browser that is known to the account", "Ein Browser, den das Konto kennt";
    /// A lock of a session.
    lock_of_session: "One session, where the password is asked for again", "Eine Sitzung, wo das Passwort erneut verlangt wird";
    /// A lock of an authenticator app.
    lock_of_app: "The authenticator app’s codes", "Die Codes der Authenticator-App";
    /// A lock of a name.
    lock_of_name: "A name that is nobody’s", "Ein Name, den niemand hat";
    /// Why it is not told which name.
    lock_of_name_hint: "Names that do not exist are not kept: what was typed may have been a password.",
        "Namen, die es nicht gibt, werden nicht aufbewahrt: Das Eingetippte könnte ein Passwort gewesen sein.";
    /// Before the end of a lock.
    lock_until: "Ends", "Endet";
    /// A lock that waiting does not end.
    lock_endless: "Ends only when the user is unlocked", "Endet erst, wenn der Benutzer entsperrt wird";
    /// The button.
    unlock: "Unlock", "Entsperren";
    /// It was done.
    unlocked(name): "<bdi>{name}</bdi> is unlocked and may try again at once.", "<bdi>{name}</bdi> ist entsperrt und kann es sofort wieder versuchen.";
    /// To the next part of the list.
    lockouts_more: "More locks", "Weitere Sperren";
}
