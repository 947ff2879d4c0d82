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
