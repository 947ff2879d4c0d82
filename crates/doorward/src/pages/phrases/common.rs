//! What several pages say.

use super::phrases;

/// Where no page can be made, and so no language is known.
pub(in crate::pages) const NO_PAGE: &str =
    "This page cannot be shown. – Diese Seite kann nicht angezeigt werden.";

phrases! {
    /// To the page that signs in, and its button.
    sign_in: "Sign in", "Anmelden";
    /// To the page that signs out, and its button.
    sign_out: "Sign out", "Abmelden";
    /// The name of the header's links.
    account_links: "Account", "Konto";
    /// To the console.
    administration: "Administration", "Verwaltung";
    /// Before the name that leads to the account page; for screen readers.
    your_account_of: "Your account: ", "Ihr Konto: ";
    /// Before the title of a page that reports a failure, and before what is wrong with a field.
    error_mark: "Error: ", "Fehler: ";
    /// Goes on.
    go_on: "Continue", "Weiter";
    /// Back to the account page.
    back_to_account: "Back to your account", "Zurück zu Ihrem Konto";
    /// Nothing of a kind: no mail address, no roles, no passkeys.
    none: "none", "keine";
    /// A user's name, as a field or a fact.
    username: "Username", "Benutzername";
    /// A password, as a field or a fact.
    password: "Password", "Passwort";
    /// To the page that changes the password, and its button.
    change_password: "Change password", "Passwort ändern";
    /// An authenticator app.
    authenticator_app: "Authenticator app", "Authenticator-App";
    /// Passkeys.
    passkeys: "Passkeys", "Passkeys";
    /// Recovery codes.
    recovery_codes: "Recovery codes", "Wiederherstellungs&shy;codes";
    /// To the page that sets up a second factor, and its heading.
    set_up_second_factor: "Set up a second factor", "Zweiten Faktor einrichten";
}
