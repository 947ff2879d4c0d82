//! What the page says that stands in for a problem document.

use super::phrases;

// Who has to do something first.
phrases! {
    /// There is no administrator yet.
    error_setup_required: "Not set up yet", "Noch nicht eingerichtet";
    /// The same, in a sentence.
    error_setup_required_lead: "This server still waits for its first administrator.",
        "Dieser Server wartet noch auf sein erstes Administratorkonto.";
    /// How whoever operates it mends that.
    error_setup_required_how:
        "Do you operate it? Open the setup URL that <code>doorward serve</code> printed when it started, or run <code>doorward setup-url</code> on the server to get a new one.",
        "Betreiben Sie ihn? Öffnen Sie die Einrichtungs-URL, die <code>doorward serve</code> beim Start ausgegeben hat, oder rufen Sie auf dem Server <code>doorward setup-url</code> auf, um eine neue zu bekommen.";
    /// There is one.
    error_setup_complete: "Already set up", "Bereits eingerichtet";
    /// The same, in a sentence.
    error_setup_complete_lead: "This server has its administrator. The setup page works only once.",
        "Dieser Server hat sein Administratorkonto. Die Seite zur Einrichtung funktioniert nur einmal.";
    /// Nobody is signed in.
    error_sign_in: "Please sign in", "Bitte melden Sie sich an";
    /// The same, in a sentence.
    error_sign_in_lead: "You need to be signed in to see this.",
        "Um das zu sehen, müssen Sie angemeldet sein.";
    /// The session is over.
    error_sign_in_again: "Please sign in again", "Bitte melden Sie sich erneut an";
    /// It ended by age.
    error_session_expired: "You have been away for a while, so your session has ended.",
        "Sie waren eine Weile nicht hier, deshalb ist Ihre Sitzung beendet.";
    /// Somebody ended it.
    error_session_revoked: "This session was ended, by you on another device or by an administrator.",
        "Diese Sitzung wurde beendet: von Ihnen auf einem anderen Gerät oder von der Administration.";
    /// It was used twice.
    error_reused: "This session was used from two places at once. To keep you safe, it was ended.",
        "Diese Sitzung wurde an zwei Orten zugleich verwendet. Zu Ihrer Sicherheit wurde sie beendet.";
    /// What to do about that.
    error_reused_advice: "If this keeps happening, change your password and tell your administrator.",
        "Wenn das öfter vorkommt, ändern Sie Ihr Passwort und sagen Sie der Administration Bescheid.";
    /// A new password is due.
    error_password_due: "Change your password first", "Ändern Sie zuerst Ihr Passwort";
    /// The same, in a sentence.
    error_password_due_lead: "You must choose a new password before you go on.",
        "Bevor es weitergeht, müssen Sie ein neues Passwort wählen.";
    /// A fresh proof is due.
    error_step_up: "This needs a fresh or stronger sign-in: step up first, with a second factor if the account has one.",
        "Dafür müssen Sie zuerst noch einmal bestätigen, dass Sie es sind: mit einem zweiten Faktor, wenn das Konto einen hat.";
}

// Who may not, or sent what cannot be taken.
phrases! {
    /// The CSRF token is not good.
    error_csrf: "That form was out of date", "Das Formular war veraltet";
    /// The same, in a sentence.
    error_csrf_lead: "Nothing was done. Go back, reload the page, and send it again.",
        "Es wurde nichts ausgeführt. Gehen Sie zurück, laden Sie die Seite neu und senden Sie das Formular noch einmal.";
    /// Another site sent it.
    error_cross_site: "Sent from another site", "Von einer anderen Website gesendet";
    /// The same, in a sentence.
    error_cross_site_lead: "This request did not come from a site that is trusted here, so nothing was done.",
        "Diese Anfrage kam nicht von einer Website, der hier vertraut wird. Deshalb wurde nichts ausgeführt.";
    /// The account is disabled.
    error_disabled: "Account disabled", "Konto deaktiviert";
    /// What to do about that.
    error_disabled_lead: "Ask your administrator to enable it.",
        "Bitten Sie die Administration, es zu aktivieren.";
    /// Not for this account.
    error_forbidden: "Not allowed", "Nicht erlaubt";
    /// The same, in a sentence.
    error_forbidden_lead:
        "Your account may not open this. If you think it should, ask your administrator.",
        "Ihr Konto darf das nicht öffnen. Wenn Sie meinen, dass es das dürfen sollte, fragen Sie die Administration.";
    /// No such page.
    error_not_found: "Nothing here", "Hier ist nichts";
    /// The same, in a sentence.
    error_not_found_lead: "There is no page at this address. It may have been mistyped.",
        "Unter dieser Adresse gibt es keine Seite. Vielleicht hat sich ein Tippfehler eingeschlichen.";
    /// Not by this method.
    error_method: "Not like this", "So nicht";
    /// The same, in a sentence.
    error_method_lead: "This address exists, but not for what was asked of it.",
        "Diese Adresse gibt es, aber nicht für das, was von ihr verlangt wurde.";
    /// Two cookies of one name.
    error_cookies: "Conflicting cookies", "Widersprüchliche Cookies";
    /// The same, in a sentence.
    error_cookies_lead:
        "Your browser sent two different cookies of one name. They were just removed: please try again.",
        "Ihr Browser hat zwei verschiedene Cookies mit demselben Namen gesendet. Sie wurden eben entfernt: Bitte versuchen Sie es noch einmal.";
    /// Not by this host name.
    error_misdirected: "Wrong address", "Falsche Adresse";
    /// The same, in a sentence.
    error_misdirected_lead:
        "This server does not answer to the name in your address bar. Use the address that your administrator gave you.",
        "Dieser Server antwortet nicht unter dem Namen in Ihrer Adresszeile. Verwenden Sie die Adresse, die Sie von der Administration bekommen haben.";
    /// It has another shape than it should.
    error_unreadable: "That could not be read", "Das war nicht zu lesen";
    /// The same, in a sentence.
    error_unreadable_lead: "What was sent does not fit. Go back and try again.",
        "Was gesendet wurde, passt nicht. Gehen Sie zurück und versuchen Sie es noch einmal.";
}

// Who has to wait.
phrases! {
    /// Too many attempts from one place.
    error_rate_limited: "Too many attempts", "Zu viele Versuche";
    /// The same, in a sentence.
    error_rate_limited_lead: "Too many attempts in a short time came from your network or this browser.",
        "Aus Ihrem Netzwerk oder von diesem Browser kamen in kurzer Zeit zu viele Versuche.";
    /// The next attempt came too soon.
    error_too_soon: "Too soon", "Zu früh";
    /// The same, in a sentence.
    error_too_soon_lead: "After failed attempts the next one has to wait, each time a little longer.",
        "Nach Fehlversuchen muss der nächste warten, jedes Mal etwas länger.";
    /// The account is locked.
    error_locked: "Locked for now", "Vorerst gesperrt";
    /// The same, in a sentence.
    error_locked_lead:
        "Too many wrong passwords were entered. For a while not even the right one is accepted.",
        "Es wurden zu viele falsche Passwörter eingegeben. Eine Zeit lang wird auch das richtige nicht angenommen.";
    /// Who is not affected, and who helps.
    error_locked_advice:
        "A browser in which you have signed in before is not affected by what others enter. An administrator can unlock the account.",
        "Ein Browser, in dem Sie sich schon einmal angemeldet haben, ist von den Eingaben anderer nicht betroffen. Die Administration kann das Konto entsperren.";
    /// Too much is going on.
    error_busy: "The server is busy", "Der Server ist ausgelastet";
    /// The same, in a sentence.
    error_busy_lead:
        "More people sign in right now than it can check at once. Please try again in a moment.",
        "Gerade melden sich mehr Menschen an, als er auf einmal prüfen kann. Bitte versuchen Sie es gleich noch einmal.";
    /// It cannot answer.
    error_unavailable: "Not right now", "Im Moment nicht";
    /// The same, in a sentence.
    error_unavailable_lead:
        "The server cannot answer safely at the moment, so it does not. Please try again in a moment.",
        "Der Server kann im Moment nicht sicher antworten, also antwortet er nicht. Bitte versuchen Sie es gleich noch einmal.";
    /// For how long.
    error_wait(wait): "Try again in {wait}.", "Bitte warten Sie noch {wait}.";
}

// Everything else.
phrases! {
    /// Proxy and server do not agree.
    error_misconfigured: "The server is not set up right", "Der Server ist nicht richtig eingerichtet";
    /// The same, in a sentence.
    error_misconfigured_lead:
        "The reverse proxy and Doorward do not agree. Whoever operates the server finds the mend in Doorward’s log.",
        "Der Reverse-Proxy und Doorward passen nicht zusammen. Wer den Server betreibt, findet die Lösung im Protokoll von Doorward.";
    /// Anything that has no heading of its own.
    error_other: "That did not work", "Das hat nicht geklappt";
    /// Name or password are wrong.
    error_credentials: "The user name or the password is wrong.",
        "Der Benutzername oder das Passwort ist falsch.";
    /// The second factor is wrong.
    error_code:
        "The second factor is missing, wrong, or was used before. A code is good once: wait for the next one.",
        "Der zweite Faktor fehlt, ist falsch oder wurde schon verwendet. Ein Code gilt nur einmal: Warten Sie auf den nächsten.";
    /// It would contradict what is there.
    error_conflict: "It does not go together with what is there already.",
        "Es verträgt sich nicht mit dem, was schon da ist.";
    /// The last administrator stays.
    error_last_admin: "The last enabled administrator must stay.",
        "Das letzte aktive Administratorkonto muss bleiben.";
    /// Values break rules.
    error_values: "Some values break a rule.", "Einige Angaben verstoßen gegen eine Regel.";
    /// Too many sessions.
    error_sessions: "The account has as many sessions as allowed. Sign out elsewhere first.",
        "Das Konto ist auf so vielen Geräten angemeldet, wie erlaubt sind. Melden Sie sich zuerst woanders ab.";
    /// The program that embeds us left something out.
    error_internal: "The server is not set up correctly.", "Der Server ist nicht richtig eingerichtet.";
    /// No more is known.
    error_refused: "The server refused it.", "Der Server hat es abgelehnt.";
    /// The title.
    error_title(status): "Error {status}", "Fehler {status}";
    /// Before the status and the code, to quote.
    error_reference: "Error", "Fehler";
    /// Before the request's id, to quote.
    error_request: "Request", "Anfrage";
}
