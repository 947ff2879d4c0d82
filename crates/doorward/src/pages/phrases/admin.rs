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
    keys_lead: "One key signs. A new one is made known first, and signs two minutes later. Those before it verify what they signed until the last of it has expired. The key is replaced by itself after 90 days.",
        "Ein Schlüssel signiert. Ein neuer wird zuerst bekannt gemacht und signiert zwei Minuten später. Frühere prüfen, was sie signiert haben, bis das Letzte davon abgelaufen ist. Nach 90 Tagen wird der Schlüssel von selbst ersetzt.";
    /// The state of a key, before the time from which it signs.
    key_next: "Known already; signs", "Schon bekannt; signiert";
    /// The state of a key.
    key_signs: "Signs", "Signiert";
    /// The state of a key, before the time when it was replaced.
    key_verifies: "Verifies only; replaced", "Prüft nur noch; ersetzt";
    /// Before the time when a key verifies no more.
    key_verifies_until: "The last of it expires", "Das Letzte davon läuft ab";
    /// The state of a key, before the time when it was replaced.
    key_retired: "Out of use; replaced", "Außer Gebrauch; ersetzt";
    /// Before the time when a key was made.
    key_made: "Made", "Erzeugt";
    /// To the page that asks, and its button.
    keys_rotate: "Replace the signing key", "Signaturschlüssel ersetzen";
    /// The heading of the page that asks.
    keys_rotate_question: "Replace the signing key?", "Signaturschlüssel ersetzen?";
    /// What follows.
    keys_rotate_consequence: "A new key signs in two minutes, once it is known everywhere. Nobody is signed out, and no request is refused. If the key has leaked, use the command <code>doorward key rotate --now</code> instead.",
        "In zwei Minuten, wenn er überall bekannt ist, signiert ein neuer Schlüssel. Niemand wird abgemeldet, und keine Anfrage wird abgelehnt. Ist der Schlüssel in fremde Hände geraten, verwenden Sie stattdessen den Befehl <code>doorward key rotate --now</code>.";
    /// It was replaced.
    keys_rotated: "A new key is made known, and signs in two minutes.",
        "Ein neuer Schlüssel ist bekannt gemacht; in zwei Minuten signiert er.";
}
