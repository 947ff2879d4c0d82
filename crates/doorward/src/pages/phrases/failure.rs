//! Why a form was refused as a whole.

use super::phrases;

// Sign-in and second factors.
phrases! {
    /// Name and password do not match.
    failure_credentials:
        "<strong>That did not work.</strong> The username and the password do not match. Please check both.",
        "<strong>Das hat nicht geklappt.</strong> Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beide.";
    /// The password is wrong, where no name is asked for.
    failure_password: "<strong>That did not work.</strong> The password is not right. Please check it.",
        "<strong>Das hat nicht geklappt.</strong> Das Passwort stimmt nicht. Bitte prüfen Sie es.";
    /// A passkey that is not the account's.
    failure_passkey_refused:
        "<strong>That passkey does not open this account.</strong> It may have been removed here, or the question was too old. Please try again, or use another way.",
        "<strong>Dieser Passkey öffnet dieses Konto nicht.</strong> Vielleicht wurde er hier entfernt, oder die Anfrage war zu alt. Bitte versuchen Sie es noch einmal, oder melden Sie sich anders an.";
    /// A passkey that could not be verified.
    failure_passkey_not_added:
        "<strong>That passkey could not be added.</strong> Perhaps the question was too old. Please try again.",
        "<strong>Dieser Passkey konnte nicht hinzugefügt werden.</strong> Vielleicht war die Anfrage zu alt. Bitte versuchen Sie es noch einmal.";
    /// The setup of an app took too long.
    failure_enrolment_over:
        "<strong>That took too long,</strong> so the app was not set up. Please begin again.",
        "<strong>Das hat zu lange gedauert,</strong> deshalb wurde die App nicht eingerichtet. Bitte beginnen Sie noch einmal.";
    /// There was nothing to remove.
    failure_gone: "<strong>That is gone already.</strong> Nothing was left to do.",
        "<strong>Das gibt es nicht mehr.</strong> Es war nichts mehr zu tun.";
    /// Codes of the app are not heeded any more.
    failure_factor_locked:
        "<strong>Too many wrong codes</strong> were entered. Codes of the authenticator app are not accepted any more, not even right ones. Use a recovery code or a passkey; or ask an administrator to unlock your account.",
        "<strong>Es wurden zu viele falsche Codes eingegeben.</strong> Codes der Authenticator-App werden nicht mehr angenommen, auch richtige nicht. Verwenden Sie einen Wiederherstellungs&shy;code oder einen Passkey, oder bitten Sie die Administration, Ihr Konto zu entsperren.";
    /// The same, to the single operator.
    failure_factor_locked_operator:
        "<strong>Too many wrong codes</strong> were entered. Codes of the authenticator app are not accepted any more, not even right ones. Use a recovery code or a passkey; or run <code>doorward user unlock operator</code> on the server.",
        "<strong>Es wurden zu viele falsche Codes eingegeben.</strong> Codes der Authenticator-App werden nicht mehr angenommen, auch richtige nicht. Verwenden Sie einen Wiederherstellungs&shy;code oder einen Passkey, oder rufen Sie auf dem Server <code>doorward user unlock operator</code> auf.";
    /// The account is disabled.
    failure_disabled: "<strong>This account is disabled.</strong> Ask your administrator to enable it.",
        "<strong>Dieses Konto ist deaktiviert.</strong> Bitten Sie die Administration, es zu aktivieren.";
    /// Too many sessions.
    failure_sessions:
        "<strong>You are signed in on too many devices.</strong> Sign out on one of them, then try again here.",
        "<strong>Sie sind auf zu vielen Geräten angemeldet.</strong> Melden Sie sich auf einem davon ab, und versuchen Sie es hier noch einmal.";
}

// Waiting.
phrases! {
    /// The account is locked; the same words for every name.
    failure_locked:
        "<strong>Too many wrong passwords</strong> were entered for this username. Signing in with it is locked for now, even with the right password.",
        "<strong>Für diesen Benutzernamen wurden zu viele falsche Passwörter eingegeben.</strong> Die Anmeldung damit ist vorerst gesperrt, auch mit dem richtigen Passwort.";
    /// The same, where no name is asked for.
    failure_locked_operator:
        "<strong>Too many wrong passwords</strong> were entered. Signing in is locked for now, even with the right password.",
        "<strong>Es wurden zu viele falsche Passwörter eingegeben.</strong> Die Anmeldung ist vorerst gesperrt, auch mit dem richtigen Passwort.";
    /// What to do meanwhile; the same words for every name.
    failure_locked_meanwhile:
        "If this is your account: another browser in which you have signed in before is not affected. An administrator can unlock it.",
        "Wenn das Ihr Konto ist: Ein anderer Browser, in dem Sie sich schon einmal angemeldet haben, ist nicht betroffen. Die Administration kann es entsperren.";
    /// The same, to the single operator.
    failure_locked_meanwhile_operator:
        "If this is your account: another browser in which you have signed in before is not affected. On the server, <code>doorward user unlock operator</code> ends the lock.",
        "Wenn das Ihr Konto ist: Ein anderer Browser, in dem Sie sich schon einmal angemeldet haben, ist nicht betroffen. Auf dem Server hebt <code>doorward user unlock operator</code> die Sperre auf.";
    /// The attempt came too soon.
    failure_too_soon:
        "<strong>That was too soon.</strong> After failed attempts the next one has to wait, each time a little longer. What you typed was not checked.",
        "<strong>Das war zu früh.</strong> Nach Fehlversuchen muss der nächste warten, jedes Mal etwas länger. Ihre Eingabe wurde nicht geprüft.";
    /// Too many attempts from one place.
    failure_rate_limited:
        "<strong>Too many attempts in a short time</strong> came from your network or this browser. What you typed was not checked.",
        "<strong>Zu viele Versuche in kurzer Zeit</strong> kamen aus Ihrem Netzwerk oder von diesem Browser. Ihre Eingabe wurde nicht geprüft.";
    /// Too much is going on.
    failure_busy:
        "<strong>The server is busy.</strong> More people sign in right now than it can check at once. Nothing is wrong with what you typed.",
        "<strong>Der Server ist ausgelastet.</strong> Gerade melden sich mehr Menschen an, als er auf einmal prüfen kann. Mit Ihrer Eingabe ist alles in Ordnung.";
    /// The store does not answer.
    failure_unavailable:
        "<strong>The server cannot do this right now.</strong> Nothing is wrong with what you typed.",
        "<strong>Der Server kann das gerade nicht.</strong> Mit Ihrer Eingabe ist alles in Ordnung.";
    /// Still to wait; the countdown goes inside.
    wait_pending(wait):
        "You can try again in <span class=\"whole\"><span role=\"timer\">{wait}</span>.</span>",
        "Bitte warten Sie noch <span class=\"whole\"><span role=\"timer\">{wait}</span>.</span>";
    /// Waited long enough.
    wait_over: "You can try again now.", "Sie können es jetzt noch einmal versuchen.";
}

// Everything else.
phrases! {
    /// The CSRF token is not good.
    failure_csrf: "<strong>This form was out of date</strong>, so nothing was done. Please send it again.",
        "<strong>Dieses Formular war veraltet</strong>, deshalb wurde nichts ausgeführt. Bitte senden Sie es noch einmal.";
    /// Another site sent it.
    failure_cross_site:
        "<strong>This form was sent from another site</strong>, so nothing was done. If you meant it, please send it again from here.",
        "<strong>Dieses Formular wurde von einer anderen Website gesendet</strong>, deshalb wurde nichts ausgeführt. Wenn Sie das wollten, senden Sie es bitte von hier aus noch einmal.";
    /// Values break rules, which is said beside them.
    failure_values:
        "<strong>Something needs another look.</strong> Please check what is marked below.",
        "<strong>Etwas stimmt noch nicht.</strong> Bitte sehen Sie sich an, was unten markiert ist.";
    /// The name is taken.
    failure_name_taken:
        "<strong>That did not work.</strong> The user name is, or once was, somebody else's.",
        "<strong>Das hat nicht geklappt.</strong> Der Benutzername gehört jemand anderem oder hat es früher getan.";
    /// The last factor stays.
    failure_factor_required:
        "<strong>That did not work.</strong> A second factor is required here, and this is the last one. Set up another one first.",
        "<strong>Das hat nicht geklappt.</strong> Hier ist ein zweiter Faktor vorgeschrieben, und das ist der letzte. Richten Sie zuerst einen anderen ein.";
    /// Too many passkeys.
    failure_too_many_passkeys:
        "<strong>That did not work.</strong> There are as many passkeys as allowed. Remove one first.",
        "<strong>Das hat nicht geklappt.</strong> Mehr Passkeys sind nicht erlaubt. Entfernen Sie zuerst einen.";
    /// The passkey is there already.
    failure_passkey_taken: "<strong>That did not work.</strong> This passkey is registered already.",
        "<strong>Das hat nicht geklappt.</strong> Dieser Passkey ist bereits eingerichtet.";
    /// There is one account only.
    failure_single_operator:
        "<strong>That did not work.</strong> This server has a single operator (<code>mode = &#34;single_operator&#34;</code>), and no account beside theirs.",
        "<strong>Das hat nicht geklappt.</strong> Dieser Server hat nur ein einziges Konto (<code>mode = &#34;single_operator&#34;</code>).";
    /// A new key waits.
    failure_rotation_under_way:
        "<strong>Nothing was changed.</strong> A new key has been made already, and signs within two minutes.",
        "<strong>Es wurde nichts geändert.</strong> Ein neuer Schlüssel ist schon da und signiert innerhalb von zwei Minuten.";
    /// The last administrator stays.
    failure_last_admin:
        "<strong>That did not work.</strong> The last enabled administrator must stay: make somebody else one first.",
        "<strong>Das hat nicht geklappt.</strong> Das letzte aktive Administratorkonto muss bleiben: Geben Sie zuerst jemand anderem die Rolle <code>admin</code>.";
    /// No more is known.
    failure_other: "<strong>That did not work.</strong> The server refused it.",
        "<strong>Das hat nicht geklappt.</strong> Der Server hat es abgelehnt.";
}
