//! What the account page says.

use super::phrases;

phrases! {
    /// Title and heading.
    account_title: "Your account", "Ihr Konto";
    /// One session was ended.
    account_session_ended: "That device is signed out.", "Dieses Gerät ist abgemeldet.";
    /// All other sessions were to be ended, and there were none.
    account_no_others: "There was nothing else to sign out.", "Es gab nichts weiter abzumelden.";
    /// So many other sessions were ended.
    account_others_ended[count]: "One other device is signed out." | "{count} other devices are signed out.",
        "Ein anderes Gerät ist abgemeldet." | "{count} andere Geräte sind abgemeldet.";
    /// All other known browsers were forgotten.
    account_devices_forgotten: "All other browsers are forgotten. This one stays known.",
        "Alle anderen Browser sind vergessen. Dieser bleibt bekannt.";
    /// The password was changed.
    account_password_changed: "Your password is changed. All your other devices are signed out.",
        "Ihr Passwort ist geändert. Alle Ihre anderen Geräte sind abgemeldet.";
}

// Strangers are kept out.
phrases! {
    /// The heading.
    kept_out_title: "Somebody entered wrong passwords for your account",
        "Jemand hat falsche Passwörter für Ihr Konto eingegeben";
    /// The account is locked for new browsers.
    kept_out_locked(wait, datetime, until):
        "They did so too often. New browsers cannot sign in to it for another {wait} (until <time datetime=\"{datetime}\">{until}</time>), even with the right password.",
        "Das geschah zu oft. Neue Browser können sich noch {wait} lang nicht anmelden (bis <time datetime=\"{datetime}\">{until}</time>), auch nicht mit dem richtigen Passwort.";
    /// The next attempt of a new browser is delayed.
    kept_out_delayed(wait): "New browsers have to wait another {wait} before the next attempt.",
        "Neue Browser müssen bis zum nächsten Versuch noch {wait} warten.";
    /// This browser is not affected.
    kept_out_not_this: "This browser is not affected, and neither are others that your account knows.",
        "Dieser Browser ist nicht betroffen, und auch kein anderer, den Ihr Konto kennt.";
    /// This browser is.
    kept_out_this_too:
        "Browsers that your account knows are not affected. This one is none of them: stay signed in here until then.",
        "Browser, die Ihr Konto kennt, sind nicht betroffen. Dieser gehört nicht dazu: Bleiben Sie hier so lange angemeldet.";
    /// What its owner can do.
    kept_out_advice(password_url):
        "If that was not you and you doubt your password, <a href=\"{password_url}\">choose another one</a>. An administrator can let new browsers in at once.",
        "Wenn Sie das nicht waren und an Ihrem Passwort zweifeln, <a href=\"{password_url}\">wählen Sie ein anderes</a>. Die Administration kann neue Browser sofort wieder zulassen.";
}

// Who they are, and how they sign in.
phrases! {
    /// The heading of name, address and roles.
    account_who: "Who you are", "Wer Sie sind";
    /// Their mail address.
    account_email: "Email", "E-Mail";
    /// Their roles.
    account_roles: "Roles", "Rollen";
    /// The heading of passwords and factors.
    account_how: "How you sign in", "Wie Sie sich anmelden";
    /// All recovery codes are used, and an administrator helps.
    account_no_codes:
        "<strong>You have no recovery codes left.</strong> If you lose your second factor, only an administrator can let you in.",
        "<strong>Sie haben keine Wiederherstellungs&shy;codes mehr.</strong> Wenn Sie Ihren zweiten Faktor verlieren, kann nur die Administration Ihnen wieder Zugang geben.";
    /// All recovery codes are used, and there is nobody else.
    account_no_codes_operator:
        "<strong>You have no recovery codes left.</strong> If you lose your second factor, only <code>doorward user reset-factors operator</code> on the server lets you in.",
        "<strong>Sie haben keine Wiederherstellungs&shy;codes mehr.</strong> Wenn Sie Ihren zweiten Faktor verlieren, hilft nur noch <code>doorward user reset-factors operator</code> auf dem Server.";
    /// Few recovery codes are left.
    account_few_codes[count]:
        "<strong>Only 1 of your recovery codes is left.</strong>" | "<strong>Only {count} of your recovery codes are left.</strong>",
        "<strong>Sie haben nur noch einen Wiederherstellungs&shy;code.</strong>" | "<strong>Sie haben nur noch {count} Wiederherstellungs&shy;codes.</strong>";
    /// To where new ones are made.
    account_make_codes(factors_url): "<a href=\"{factors_url}\">Make new ones</a>.",
        "<a href=\"{factors_url}\">Neue erstellen</a>.";
    /// They have an authenticator app.
    account_app_set_up: "set up", "eingerichtet";
    /// So many recovery codes are left.
    account_codes_left[count]: "1 left" | "{count} left", "noch 1" | "noch {count}";
    /// So many of them were used; after the former and a colon.
    account_codes_used[count]:
        "one was used. If that was not you, change your password and make new ones." | "{count} were used. If that was not you, change your password and make new ones.",
        "Einer wurde verwendet. Wenn Sie das nicht waren, ändern Sie Ihr Passwort und erstellen Sie neue." | "{count} wurden verwendet. Wenn Sie das nicht waren, ändern Sie Ihr Passwort und erstellen Sie neue.";
    /// Why a second factor is worth while.
    account_without_factor: "Whoever learns your password can sign in as you. A second factor stops that.",
        "Wer Ihr Passwort erfährt, kann sich als Sie anmelden. Ein zweiter Faktor verhindert das.";
    /// To the page of second factors.
    account_manage_factors: "Manage second factors", "Zweite Faktoren verwalten";
}

// Sessions and known browsers.
phrases! {
    /// The heading of sessions.
    account_where: "Where you are signed in", "Wo Sie angemeldet sind";
    /// What to do about one that is not theirs.
    account_where_lead: "If you do not recognise one of these, sign it out and change your password.",
        "Wenn Sie eines dieser Geräte nicht erkennen, melden Sie es ab und ändern Sie Ihr Passwort.";
    /// Marks the session that shows the page.
    account_this_device: "This device", "Dieses Gerät";
    /// The address a session was last seen from.
    account_address: "Address", "Adresse";
    /// When a session was last seen.
    account_last_seen: "Last seen", "Zuletzt aktiv";
    /// When a session began.
    account_signed_in: "Signed in", "Angemeldet";
    /// Ends a session; those who hear the page are told which.
    account_end_session(device, address, seen):
        "Sign out<span class=\"unseen\"> {device} at {address}, last seen {seen}</span>",
        "Abmelden<span class=\"unseen\">: {device}, Adresse {address}, zuletzt aktiv {seen}</span>";
    /// To the next part of the list.
    account_more: "Show more", "Mehr anzeigen";
    /// Ends all sessions but this one.
    account_end_others: "Sign out all other devices", "Alle anderen Geräte abmelden";
    /// The heading of known browsers.
    account_known: "Browsers that your account knows", "Browser, die Ihr Konto kennt";
    /// What they are for.
    account_known_lead:
        "You can sign in from browsers that you have used before even while somebody’s wrong passwords keep new ones out. If one of yours was lost, forget them: all but this one then count as new. It signs nobody out.",
        "Mit Browsern, die Sie schon benutzt haben, können Sie sich auch dann anmelden, wenn jemand durch falsche Passwörter neue Browser aussperrt. Ist Ihnen ein Gerät abhandengekommen, lassen Sie die anderen Browser vergessen: Alle außer diesem gelten dann als neu. Abgemeldet wird dadurch niemand.";
    /// Forgets them.
    account_forget: "Forget all other browsers", "Alle anderen Browser vergessen";
}
