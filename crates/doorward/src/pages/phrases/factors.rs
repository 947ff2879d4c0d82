//! What the page of second factors says.

use super::phrases;

phrases! {
    /// Title and heading, unless one is due.
    factors_title: "Second factors", "Zweite Faktoren";
    /// The app was removed.
    factors_app_removed: "The authenticator app is removed.", "Die Authenticator-App ist entfernt.";
    /// A passkey was added.
    factors_passkey_added: "Your passkey is added.", "Ihr Passkey ist hinzugefügt.";
    /// A passkey was removed.
    factors_passkey_removed: "That passkey is removed here; you may delete it on your device too.",
        "Dieser Passkey ist hier entfernt; Sie können ihn auch auf Ihrem Gerät löschen.";
    /// After either: it was the last.
    factors_none_left:
        "Your recovery codes went with it: your password alone opens your account now.",
        "Ihre Wiederherstellungs&shy;codes sind damit ungültig: Ihr Konto lässt sich jetzt allein mit Ihrem Passwort öffnen.";
    /// One is due before anything else.
    factors_due:
        "<strong>Your account needs a second factor.</strong> Set one of these up to go on. Until then, all else you can do is sign out.",
        "<strong>Ihr Konto braucht einen zweiten Faktor.</strong> Richten Sie einen davon ein, damit es weitergeht. Bis dahin können Sie sich nur abmelden.";
    /// The host they go to wants one.
    factors_wanted_by(host):
        "<strong><bdi>{host}</bdi> asks for a second factor,</strong> and you have none yet. Set one of these up to go on.",
        "<strong><bdi>{host}</bdi> verlangt einen zweiten Faktor,</strong> und Sie haben noch keinen. Richten Sie einen davon ein, damit es weitergeht.";
    /// Where they go wants one.
    factors_wanted:
        "<strong>What you opened asks for a second factor,</strong> and you have none yet. Set one of these up to go on.",
        "<strong>Was Sie geöffnet haben, verlangt einen zweiten Faktor,</strong> und Sie haben noch keinen. Richten Sie einen davon ein, damit es weitergeht.";
    /// Why a fresh proof comes first.
    factors_confirm_lead: "Before you can change anything here, you show once more who you are.",
        "Bevor Sie hier etwas ändern können, zeigen Sie noch einmal, dass Sie es sind.";
    /// The button to that proof.
    factors_confirm: "Confirm that it is you", "Jetzt bestätigen";
    /// They have one and can go on.
    factors_go_on(url): "You have a second factor. <a href=\"{url}\">Continue</a>",
        "Sie haben einen zweiten Faktor. <a href=\"{url}\">Weiter</a>";
    /// The same, with where it leads.
    factors_go_on_to(url, host):
        "You have a second factor. <a href=\"{url}\">Continue to <bdi>{host}</bdi></a>",
        "Sie haben einen zweiten Faktor. <a href=\"{url}\">Weiter zu <bdi>{host}</bdi></a>";
    /// The last one stays.
    factors_last_stays:
        "Your account needs a second factor and this is your only one, so it cannot be removed. Set up another one first.",
        "Ihr Konto braucht einen zweiten Faktor, und das ist Ihr einziger. Deshalb lässt er sich nicht entfernen. Richten Sie zuerst einen anderen ein.";
    /// What follows if the last one is removed.
    factors_last:
        "It is your only second factor. If you remove it, your recovery codes go with it, and your password alone opens your account.",
        "Das ist Ihr einziger zweiter Faktor. Wenn Sie ihn entfernen, werden auch Ihre Wiederherstellungs&shy;codes ungültig, und Ihr Konto lässt sich allein mit Ihrem Passwort öffnen.";
}

// The app.
phrases! {
    /// Marks that there is one.
    factors_set_up: "Set up", "Eingerichtet";
    /// What it is for, who has one.
    factors_app_lead: "When you sign in, you type the code that the app shows.",
        "Beim Anmelden geben Sie den Code ein, den die App anzeigt.";
    /// What it is, who has none.
    factors_no_app_lead:
        "An app on your phone that shows a new code every 30 seconds, which you type when you sign in.",
        "Eine App auf Ihrem Telefon, die alle 30 Sekunden einen neuen Code anzeigt. Den geben Sie beim Anmelden ein.";
    /// The button to replace it.
    factors_app_replace: "Set up another app instead", "Stattdessen eine andere App einrichten";
    /// The button to set one up, and the page that does.
    factors_app_set_up: "Set up an authenticator app", "Authenticator-App einrichten";
    /// The button to remove it.
    factors_app_remove: "Remove the app", "App entfernen";
    /// What follows.
    factors_app_hint: "If you remove it, its codes are worth nothing any more.",
        "Wenn Sie sie entfernen, gelten ihre Codes nicht mehr.";
}

// Passkeys.
phrases! {
    /// What they are.
    factors_passkeys_lead:
        "Your phone, computer or security key signs you in, unlocked by your finger, face or PIN. A passkey works on this site only, so nobody can lure it out of you elsewhere.",
        "Ihr Telefon, Ihr Computer oder ein Sicherheitsschlüssel meldet Sie an, entsperrt durch Fingerabdruck, Gesicht oder PIN. Ein Passkey funktioniert nur auf dieser Website, deshalb kann ihn Ihnen anderswo niemand entlocken.";
    /// Before where it is kept.
    factors_kept: "Kept", "Gespeichert";
    /// Kept on several devices.
    factors_synced: "on all devices that share your passkeys", "auf allen Geräten, die Ihre Passkeys teilen";
    /// Kept on one.
    factors_not_synced: "on one device only", "nur auf einem Gerät";
    /// Before when it was last used.
    factors_last_used: "Last used", "Zuletzt verwendet";
    /// It was not.
    factors_never: "never", "nie";
    /// Before when it was added.
    factors_added: "Added", "Hinzugefügt";
    /// The button to remove one; those who hear the page are told which.
    factors_passkey_remove(name, added): "Remove<span class=\"unseen\"> {name}, added {added}</span>",
        "Entfernen<span class=\"unseen\">: {name}, hinzugefügt {added}</span>";
    /// What follows.
    factors_passkey_hint: "A passkey that you remove here opens your account no more.",
        "Ein Passkey, den Sie hier entfernen, öffnet Ihr Konto nicht mehr.";
    /// The name of the next.
    factors_passkey_name: "What to call the new one", "Wie der neue heißen soll";
    /// What the name is for.
    factors_passkey_name_hint: "So that you can tell it from others: the device it is on, for example.",
        "Damit Sie ihn von anderen unterscheiden können: zum Beispiel das Gerät, auf dem er liegt.";
    /// Where no script runs.
    factors_passkeys_need_script: "To add a passkey you need JavaScript, in a browser that knows passkeys.",
        "Um einen Passkey hinzuzufügen, brauchen Sie JavaScript und einen Browser, der Passkeys kennt.";
}

// Recovery codes.
phrases! {
    /// So many are left.
    factors_codes_left[count]:
        "Each lets you in once when your second factor is lost. You have <strong>1 left</strong>." | "Each lets you in once when your second factor is lost. You have <strong>{count} left</strong>.",
        "Jeder lässt Sie einmal hinein, wenn Ihr zweiter Faktor verloren ist. Sie haben <strong>noch einen</strong>." | "Jeder lässt Sie einmal hinein, wenn Ihr zweiter Faktor verloren ist. Sie haben <strong>noch {count}</strong>.";
    /// None are.
    factors_no_codes_left:
        "Each lets you in once when your second factor is lost. You have <strong>none left</strong>.",
        "Jeder lässt Sie einmal hinein, wenn Ihr zweiter Faktor verloren ist. Sie haben <strong>keinen mehr</strong>.";
    /// The button to make new ones.
    factors_codes_make: "Make new recovery codes", "Neue Wiederherstellungs&shy;codes erstellen";
    /// What follows.
    factors_codes_hint: "The ones you have are worth nothing any more then.",
        "Die bisherigen gelten dann nicht mehr.";
}
