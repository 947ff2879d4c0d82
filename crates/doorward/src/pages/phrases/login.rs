//! What the page says that signs in, and those on the way out of it.

use super::phrases;

phrases! {
    /// Where it leads.
    login_continue_to(host): "to continue to <strong><bdi>{host}</bdi></strong>",
        "und weiter zu <strong><bdi>{host}</bdi></strong>";
    /// The session ended by age.
    login_expired: "You have been away for a while. Please sign in again.",
        "Sie waren eine Weile nicht hier. Bitte melden Sie sich erneut an.";
    /// Somebody ended the session.
    login_revoked: "Your session here was ended. Please sign in again.",
        "Ihre Sitzung hier wurde beendet. Bitte melden Sie sich erneut an.";
    /// A recent sign-in is wanted.
    login_confirm: "Please confirm that it is you: enter your password again to go on.",
        "Bitte bestätigen Sie, dass Sie es sind: Geben Sie Ihr Passwort noch einmal ein.";
    /// A new password was set by a link.
    login_password_set: "Your new password is set. Please sign in with it.",
        "Ihr neues Passwort ist festgelegt. Bitte melden Sie sich damit an.";
    /// The second step failed.
    login_start_again:
        "The second step took too long, or too many codes were wrong. Please start again with your password.",
        "Der zweite Schritt hat zu lange gedauert, oder zu viele Codes waren falsch. Bitte beginnen Sie noch einmal mit Ihrem Passwort.";
    /// The choice to trust the device.
    login_trust(time): "Do not ask for a second factor on this device for {time}",
        "Auf diesem Gerät {time} lang nicht nach dem zweiten Faktor fragen";
    /// Who helps.
    login_forgotten: "Forgotten your password? Your administrator can send you a link to set a new one.",
        "Passwort vergessen? Die Administration kann Ihnen einen Link schicken, mit dem Sie ein neues festlegen.";
    /// What helps the single operator.
    login_forgotten_operator:
        "Forgotten the password? On the server, <code>doorward user reset operator</code> prints a link to set a new one.",
        "Passwort vergessen? Auf dem Server gibt <code>doorward user reset operator</code> einen Link aus, mit dem Sie ein neues festlegen.";
}

// The page that moves on by itself.
phrases! {
    /// Nothing happened.
    moment: "One moment", "Einen Moment";
    /// They signed in.
    moving_signed_in: "You are signed in", "Sie sind angemeldet";
    /// The first administrator was made.
    moving_set_up: "Doorward is set up", "Doorward ist eingerichtet";
    /// The password was changed.
    moving_password_changed: "Your password is changed", "Ihr Passwort ist geändert";
    /// They confirmed who they are.
    moving_confirmed: "Thank you", "Vielen Dank";
    /// For whoever still sees it.
    moving_lead: "You are being taken on. If nothing happens, use the button.",
        "Es geht gleich weiter. Wenn nichts geschieht, verwenden Sie die Schaltfläche.";
}
