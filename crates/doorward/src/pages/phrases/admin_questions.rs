//! What is asked before something is done to a user that cannot be taken back.

use super::phrases;

// Headings, and what the tab is called.
phrases! {
    /// Keeps somebody from signing in: in the tab.
    ask_disable: "Disable an account?", "Konto deaktivieren?";
    /// The heading.
    ask_disable_of(name): "Disable the account of <bdi>{name}</bdi>?", "Das Konto von <bdi>{name}</bdi> deaktivieren?";
    /// What follows.
    ask_disable_follows(name):
        "<bdi>{name}</bdi> is signed out everywhere and cannot sign in until an administrator enables the account again.",
        "<bdi>{name}</bdi> wird überall abgemeldet und kann sich nicht mehr anmelden, bis die Administration das Konto wieder aktiviert.";
    /// The button.
    ask_disable_do: "Disable the account", "Konto deaktivieren";
    /// Removes somebody: in the tab.
    ask_delete: "Delete an account?", "Konto löschen?";
    /// The heading.
    ask_delete_of(name): "Delete the account of <bdi>{name}</bdi>?", "Das Konto von <bdi>{name}</bdi> löschen?";
    /// What follows.
    ask_delete_follows(name):
        "<bdi>{name}</bdi> is signed out everywhere, and the account is gone for good: password, second factors and roles. This cannot be undone.",
        "<bdi>{name}</bdi> wird überall abgemeldet, und das Konto ist endgültig fort: Passwort, zweite Faktoren und Rollen. Das lässt sich nicht rückgängig machen.";
    /// What stays.
    ask_delete_stays: "The name stays taken, so that nobody inherits it, and the audit log keeps what happened.",
        "Der Name bleibt vergeben, damit niemand ihn erbt, und das Protokoll behält, was geschehen ist.";
    /// The button.
    ask_delete_do: "Delete the account for good", "Konto endgültig löschen";
    /// Removes factors: in the tab.
    ask_factors: "Remove all second factors?", "Alle zweiten Faktoren entfernen?";
    /// The heading.
    ask_factors_of(name): "Remove all second factors of <bdi>{name}</bdi>?",
        "Alle zweiten Faktoren von <bdi>{name}</bdi> entfernen?";
    /// What follows.
    ask_factors_follows(name):
        "Authenticator app, passkeys and recovery codes of <bdi>{name}</bdi> are removed. The password alone opens the account then, until another factor is set up.",
        "Authenticator-App, Passkeys und Wiederherstellungscodes von <bdi>{name}</bdi> werden entfernt. Das Passwort allein öffnet dann das Konto, bis ein neuer Faktor eingerichtet ist.";
    /// What to beware of.
    ask_factors_beware: "Make sure that it is really them who ask for it: this is what somebody would ask for who has stolen the password.",
        "Vergewissern Sie sich, dass wirklich diese Person darum bittet: Genau darum würde auch bitten, wer das Passwort gestohlen hat.";
    /// The button.
    ask_factors_do: "Remove all second factors", "Alle zweiten Faktoren entfernen";
    /// Forgets browsers: in the tab.
    ask_devices: "Forget known browsers?", "Bekannte Browser vergessen?";
    /// The heading.
    ask_devices_of(name): "Forget the browsers that the account of <bdi>{name}</bdi> knows?",
        "Die Browser vergessen, die das Konto von <bdi>{name}</bdi> kennt?";
    /// What follows.
    ask_devices_follows(name):
        "All of them count as new until the next sign-in of <bdi>{name}</bdi>: wrong passwords that somebody else enters can keep them out, and a second factor is asked for again. Nobody is signed out.",
        "Sie alle gelten bis zur nächsten Anmeldung von <bdi>{name}</bdi> als neu: Falsche Passwörter, die jemand anders eingibt, können sie aussperren, und ein zweiter Faktor wird wieder verlangt. Niemand wird abgemeldet.";
    /// The button.
    ask_devices_do: "Forget known browsers", "Bekannte Browser vergessen";
    /// Ends sessions: in the tab.
    ask_sign_out: "Sign out everywhere?", "Überall abmelden?";
    /// The heading.
    ask_sign_out_of(name): "Sign <bdi>{name}</bdi> out everywhere?", "<bdi>{name}</bdi> überall abmelden?";
    /// What follows.
    ask_sign_out_follows(name): "<bdi>{name}</bdi> has to sign in again in every browser and program.",
        "<bdi>{name}</bdi> muss sich in jedem Browser und Programm neu anmelden.";
    /// The button.
    ask_sign_out_do: "Sign out everywhere", "Überall abmelden";
}

// About oneself.
phrases! {
    /// One disables oneself.
    ask_own_disable:
        "<strong>This is your own account.</strong> You are signed out at once, and only another administrator can let you in again.",
        "<strong>Das ist Ihr eigenes Konto.</strong> Sie werden sofort abgemeldet, und nur jemand anders aus der Administration kann Sie wieder hereinlassen.";
    /// One deletes oneself.
    ask_own_delete: "<strong>This is your own account.</strong> You are signed out at once, for good.",
        "<strong>Das ist Ihr eigenes Konto.</strong> Sie werden sofort und endgültig abgemeldet.";
    /// One signs oneself out.
    ask_own_sign_out: "<strong>This is your own account.</strong> You are signed out here as well.",
        "<strong>Das ist Ihr eigenes Konto.</strong> Sie werden auch hier abgemeldet.";
    /// One removes one's own factors, or forgets one's own browsers.
    ask_own: "<strong>This is your own account.</strong>", "<strong>Das ist Ihr eigenes Konto.</strong>";
}
