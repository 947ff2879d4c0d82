//! What is said while a second factor is set up: the page of an authenticator app, and the one of recovery codes.

use super::phrases;

// The authenticator app.
phrases! {
    /// It replaces another.
    totp_replaces:
        "It takes the place of the app that you have now. That one keeps working until you are done here.",
        "Sie tritt an die Stelle Ihrer jetzigen App. Diese funktioniert weiter, bis Sie hier fertig sind.";
    /// The first step.
    totp_show: "1. Show the app this code", "1. Zeigen Sie der App diesen Code";
    /// The first step where there is no QR code.
    totp_give: "1. Give the app its secret", "1. Geben Sie der App ihr Geheimnis";
    /// Other ways to do the first step.
    totp_otherwise(uri):
        "On the phone that has the app? <a href=\"{uri}\">Open it there</a>. Or type this secret into it, as time-based:",
        "Sind Sie auf dem Telefon mit der App? <a href=\"{uri}\">Öffnen Sie sie dort</a>. Oder geben Sie dieses Geheimnis in die App ein, als „zeitbasiert“:";
    /// The second step.
    totp_type: "2. Type the code that it shows", "2. Geben Sie den Code ein, den sie anzeigt";
    /// The button.
    totp_turn_on: "Turn it on", "Einschalten";
    /// Away from here.
    totp_cancel: "Cancel", "Abbrechen";
    /// The code is wrong.
    totp_refused:
        "That code is not right. Wait for the next one that your app shows, and check that the clock of its device is right.",
        "Dieser Code stimmt nicht. Warten Sie auf den nächsten, den Ihre App anzeigt, und prüfen Sie, ob die Uhr des Geräts richtig geht.";
    /// What the QR code is, for those who do not see it.
    qr_code: "QR code for your authenticator app", "QR-Code für Ihre Authenticator-App";
}

// Recovery codes.
phrases! {
    /// The title.
    codes_title: "Your recovery codes", "Ihre Wiederherstellungs&shy;codes";
    /// The heading after an app was set up.
    codes_app_set_up: "Your app is set up", "Ihre App ist eingerichtet";
    /// The heading after a passkey was added.
    codes_passkey_added: "Your passkey is added", "Ihr Passkey ist hinzugefügt";
    /// The heading after they were asked for.
    codes_new: "Your new recovery codes", "Ihre neuen Wiederherstellungs&shy;codes";
    /// What they are.
    codes_lead:
        "Each of these lets you in once when your second factor is lost. <strong>They are shown only now</strong>: save them where you will find them without it.",
        "Jeder davon lässt Sie einmal hinein, wenn Ihr zweiter Faktor verloren ist. <strong>Sie werden nur jetzt angezeigt</strong>: Bewahren Sie sie so auf, dass Sie sie auch ohne ihn finden.";
    /// The same, where they replace others.
    codes_lead_anew:
        "The old ones are worth nothing any more. Each of these lets you in once when your second factor is lost. <strong>They are shown only now</strong>: save them where you will find them without it.",
        "Die alten gelten nicht mehr. Jeder von diesen lässt Sie einmal hinein, wenn Ihr zweiter Faktor verloren ist. <strong>Sie werden nur jetzt angezeigt</strong>: Bewahren Sie sie so auf, dass Sie sie auch ohne ihn finden.";
    /// Whose they are.
    codes_of(name, issuer): "Of <bdi>{name}</bdi> at <bdi>{issuer}</bdi>:", "Von <bdi>{name}</bdi> bei <bdi>{issuer}</bdi>:";
    /// Saves them as a file.
    codes_download: "Download", "Herunterladen";
    /// The name of that file.
    codes_file_name: "recovery-codes.txt", "wiederherstellungscodes.txt";
    /// What stands in it above the codes.
    codes_file(name, issuer): "Recovery codes of {name} at {issuer}", "Wiederherstellungscodes von {name} bei {issuer}";
    /// What stands in it, too.
    codes_file_hint: "Each works once, in place of your second factor.",
        "Jeder funktioniert einmal, anstelle Ihres zweiten Faktors.";
    /// Prints them.
    codes_print: "Print", "Drucken";
    /// Goes on.
    codes_saved: "I have saved them", "Ich habe sie gespeichert";
}
