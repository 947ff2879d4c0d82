//! What the pages about signing out say.

use super::phrases;

phrases! {
    /// The heading.
    logout_question: "Sign out?", "Abmelden?";
    /// Who would be signed out.
    logout_who(name): "You are signed in as <strong><bdi>{name}</bdi></strong>. Your other devices stay signed in.",
        "Sie sind als <strong><bdi>{name}</bdi></strong> angemeldet. Ihre anderen Geräte bleiben angemeldet.";
    /// Somebody without a session came.
    logout_nobody: "You are not signed in here. Signing out also forgets whatever this browser still holds.",
        "Sie sind hier nicht angemeldet. Beim Abmelden wird auch vergessen, was dieser Browser noch aufbewahrt.";
    /// Back to the account.
    logout_stay: "Stay signed in", "Angemeldet bleiben";
}

phrases! {
    /// The title of the page that confirms.
    signed_out: "Signed out", "Abgemeldet";
    /// Its heading.
    signed_out_heading: "You are signed out", "Sie sind abgemeldet";
    /// What that means.
    signed_out_lead: "This browser can no longer act for you. On a shared computer, close its windows as well.",
        "Dieser Browser kann nicht mehr in Ihrem Namen handeln. Schließen Sie an einem gemeinsam genutzten Computer auch seine Fenster.";
    /// Back in.
    signed_out_again: "Sign in again", "Erneut anmelden";
}
