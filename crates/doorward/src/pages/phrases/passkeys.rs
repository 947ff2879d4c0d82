//! What is said where the browser is asked for a passkey; most of it by the script, when that did not work.

use super::phrases;

phrases! {
    /// The button to sign in.
    passkey_sign_in: "Sign in with a passkey", "Mit einem Passkey anmelden";
    /// The button to confirm.
    passkey_use: "Use your passkey", "Passkey verwenden";
    /// The button to add one.
    passkey_add: "Add a passkey", "Passkey hinzufügen";
    /// It was cancelled, or took too long.
    passkey_not_allowed: "No passkey was used: the question was closed, or took too long. You can try again.",
        "Es wurde kein Passkey verwendet: Die Abfrage wurde geschlossen oder hat zu lange gedauert. Sie können es noch einmal versuchen.";
    /// It was cancelled.
    passkey_aborted: "No passkey was used. You can try again.",
        "Es wurde kein Passkey verwendet. Sie können es noch einmal versuchen.";
    /// The device has one already.
    passkey_there_already: "This device has a passkey for your account already.",
        "Dieses Gerät hat schon einen Passkey für Ihr Konto.";
    /// The device cannot do it.
    passkey_not_supported: "This device cannot make such a passkey.",
        "Dieses Gerät kann einen solchen Passkey nicht erstellen.";
    /// The address is another than the one passkeys are for.
    passkey_wrong_address:
        "Passkeys do not work at this address. Use the one that your administrator gave you.",
        "Unter dieser Adresse funktionieren Passkeys nicht. Verwenden Sie die, die Sie von der Administration bekommen haben.";
    /// There was no answer.
    passkey_no_answer: "The server could not be reached. Please try again.",
        "Der Server war nicht zu erreichen. Bitte versuchen Sie es noch einmal.";
    /// The server asks to wait.
    passkey_wait: "The server cannot do this right now. Please try again in a moment.",
        "Der Server kann das gerade nicht. Bitte versuchen Sie es gleich noch einmal.";
    /// Too many attempts.
    passkey_too_many: "Too many attempts in a short time. Please try again later.",
        "Zu viele Versuche in kurzer Zeit. Bitte versuchen Sie es später noch einmal.";
    /// There are as many as allowed.
    passkey_limit: "There are as many passkeys as allowed. Remove one first.",
        "Mehr Passkeys sind nicht erlaubt. Entfernen Sie zuerst einen.";
    /// No more is known.
    passkey_failed: "That did not work. Please try again.",
        "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.";
}
