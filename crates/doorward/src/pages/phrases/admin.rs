//! What the pages of the console have in common, and its smallest section, say.

use super::phrases;

phrases! {
    /// Back to where nothing is done.
    cancel: "Cancel", "Abbrechen";
    /// The section about keys.
    section_keys: "Signing keys", "Signaturschlüssel";
    /// Above the list.
    keys_heading: "The keys that sign access tokens", "Die Schlüssel, mit denen Zugriffstoken signiert werden";
    /// Below it.
    keys_lead: "One key signs. Those before it verify what they signed until the last of it has expired. The key is replaced by itself after 90 days.",
        "Ein Schlüssel signiert. Frühere prüfen, was sie signiert haben, bis das Letzte davon abgelaufen ist. Nach 90 Tagen wird der Schlüssel von selbst ersetzt.";
    /// The state of a key.
    key_signs: "Signs", "Signiert";
    /// The state of a key, before the time when it was replaced.
    key_verifies: "Verifies only; replaced", "Prüft nur noch; ersetzt";
    /// The state of a key, before the time when it was replaced.
    key_retired: "Out of use; replaced", "Außer Gebrauch; ersetzt";
    /// Before the time when a key was made.
    key_made: "Made", "Erzeugt";
    /// To the page that asks, and its button.
    keys_rotate: "Replace the signing key", "Signaturschlüssel ersetzen";
    /// The heading of the page that asks.
    keys_rotate_question: "Replace the signing key?", "Signaturschlüssel ersetzen?";
    /// What follows.
    keys_rotate_consequence: "A new key signs from now on. Nobody is signed out, and no request is refused.",
        "Ab sofort signiert ein neuer Schlüssel. Niemand wird abgemeldet, und keine Anfrage wird abgelehnt.";
    /// It was replaced.
    keys_rotated: "A new key signs from now on.", "Ab sofort signiert ein neuer Schlüssel.";
}
