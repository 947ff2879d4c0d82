//! What the page of one user says.

use super::phrases;

// Who they are.
phrases! {
    /// What the tab is called.
    user_title(name): "Account of {name}", "Konto von {name}";
    /// Marks the reader's own account.
    user_yourself: "This is you", "Das sind Sie";
    /// The heading of the facts.
    user_facts: "Account", "Konto";
    /// What names a user for ever.
    user_id: "Id", "Kennung";
    /// Whether attempts to sign in are held back.
    user_lock: "Lock", "Sperre";
    /// They are not.
    user_not_locked: "not locked", "nicht gesperrt";
    /// New browsers cannot sign in.
    user_locked(wait, datetime, until):
        "New browsers cannot sign in for another {wait} (until <time datetime=\"{datetime}\">{until}</time>), because of wrong passwords.",
        "Neue Browser können sich noch {wait} lang nicht anmelden (bis <time datetime=\"{datetime}\">{until}</time>), wegen falscher Passwörter.";
    /// New browsers have to wait.
    user_delayed(wait): "New browsers have to wait another {wait}, because of wrong passwords.",
        "Neue Browser müssen noch {wait} warten, wegen falscher Passwörter.";
    /// The codes of the app are not heeded any more.
    user_app_locked: "The authenticator app is locked, because of wrong codes, until you unlock it.",
        "Die Authenticator-App ist wegen falscher Codes gesperrt, bis Sie sie entsperren.";
    /// The heading of e-mail and roles.
    user_edit: "Email and roles", "E-Mail und Rollen";
    /// The button.
    user_save: "Save", "Speichern";
    /// Before one takes the role of an administrator from oneself.
    user_give_up:
        "Take the role <code>admin</code> from myself. I cannot open these pages any more then; another administrator has to give it back to me.",
        "Mir selbst die Rolle <code>admin</code> nehmen. Diese Seiten kann ich dann nicht mehr öffnen; jemand anders aus der Administration muss sie mir zurückgeben.";
    /// One was about to, and did not say so.
    user_give_up_first:
        "This would take your own role admin away. If you mean it, tick the box below.",
        "Damit verlören Sie selbst die Rolle admin. Wenn Sie das wollen, setzen Sie unten das Häkchen.";
    /// The heading of what can be done.
    user_actions: "What you can do", "Was Sie tun können";
    /// The heading of the sessions.
    user_sessions: "Where they are signed in", "Wo dieses Konto angemeldet ist";
    /// There are none.
    user_no_sessions: "Nowhere.", "Nirgends.";
    /// To the whole list.
    user_all_sessions: "All their sessions", "Alle Sitzungen dieses Kontos";
    /// To the audit log.
    user_all_events: "All their events in the audit log", "Alle Ereignisse dieses Kontos im Protokoll";
}

// What can be done, as the buttons have it.
phrases! {
    /// Lets them sign in again.
    user_enable: "Enable the account", "Konto aktivieren";
    /// Keeps them from signing in.
    user_disable: "Disable the account…", "Konto deaktivieren …";
    /// They have to choose another password.
    user_require_password: "Require a password change", "Neues Passwort verlangen";
    /// They need not.
    user_waive_password: "Require no password change any more", "Kein neues Passwort mehr verlangen";
    /// A link for a new password.
    user_reset_link: "Make a link for a new password", "Link für ein neues Passwort erstellen";
    /// Another invitation.
    user_invite_again: "Make a new invitation", "Neue Einladung erstellen";
    /// Forgets failed attempts.
    user_unlock: "Unlock, and forget failed attempts", "Entsperren und Fehlversuche vergessen";
    /// Removes their factors.
    user_reset_factors: "Remove all second factors…", "Alle zweiten Faktoren entfernen …";
    /// Forgets their browsers.
    user_forget_devices: "Forget known browsers…", "Bekannte Browser vergessen …";
    /// Ends their sessions.
    user_sign_out: "Sign out everywhere…", "Überall abmelden …";
    /// Removes them.
    user_delete: "Delete the account…", "Konto löschen …";
}

// What was done.
phrases! {
    /// Somebody was added, with a password.
    user_added: "The user is added and can sign in.", "Der Benutzer ist angelegt und kann sich anmelden.";
    /// E-mail or roles were changed.
    user_saved: "Saved. It is in force at once.", "Gespeichert. Es gilt ab sofort.";
    /// Nothing was changed.
    user_unchanged: "Nothing was changed.", "Es wurde nichts geändert.";
    /// They can sign in again.
    user_enabled: "The account is enabled.", "Das Konto ist aktiviert.";
    /// They cannot.
    user_disabled: "The account is disabled, and signed out everywhere.", "Das Konto ist deaktiviert und überall abgemeldet.";
    /// They have to choose another password.
    user_password_required: "They can do nothing else until they have chosen another password.",
        "Dieses Konto kann nichts anderes tun, bis ein anderes Passwort gewählt ist.";
    /// They need not.
    user_password_waived: "They may keep their password.", "Das Passwort darf bleiben.";
    /// Failed attempts are forgotten.
    user_unlocked: "Unlocked. Failed attempts are forgotten.", "Entsperrt. Fehlversuche sind vergessen.";
    /// Their factors are removed.
    user_factors_reset: "All second factors are removed.", "Alle zweiten Faktoren sind entfernt.";
    /// Their browsers are forgotten.
    user_devices_forgotten: "Known browsers are forgotten.", "Bekannte Browser sind vergessen.";
    /// So many sessions were ended; one at least.
    user_signed_out[count]: "One session is ended." | "{count} sessions are ended.",
        "Eine Sitzung ist beendet." | "{count} Sitzungen sind beendet.";
    /// There was none to end.
    user_was_signed_out: "There was no session to end.", "Es gab keine Sitzung zu beenden.";
}
