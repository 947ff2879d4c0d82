//! What fields say that stand on several pages.

use super::phrases;

phrases! {
    /// A new password.
    new_password: "New password", "Neues Passwort";
    /// What is asked of a new password.
    new_password_hint(least):
        "At least {least} characters, and nothing that is easy to guess: not your name, nor a password that many people use. A few unrelated words make a good one.",
        "Mindestens {least} Zeichen und nichts, was leicht zu erraten ist: nicht Ihr Name und kein Passwort, das viele verwenden. Gut sind ein paar Wörter ohne Zusammenhang.";
    /// The password until now.
    current_password: "Current password", "Aktuelles Passwort";
    /// The button that shows what is typed.
    show: "Show", "Anzeigen";
    /// The button that hides it again.
    hide: "Hide", "Verbergen";
    /// The button to show a password, by itself.
    show_password: "Show password", "Passwort anzeigen";
    /// The button to hide it.
    hide_password: "Hide password", "Passwort verbergen";
    /// The button to show the new password, by itself.
    show_new_password: "Show new password", "Neues Passwort anzeigen";
    /// The button to hide it.
    hide_new_password: "Hide new password", "Neues Passwort verbergen";
    /// The button to show the current password, by itself.
    show_current_password: "Show current password", "Aktuelles Passwort anzeigen";
    /// The button to hide it.
    hide_current_password: "Hide current password", "Aktuelles Passwort verbergen";
}
