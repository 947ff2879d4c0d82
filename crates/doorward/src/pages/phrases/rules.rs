//! What is wrong with a field.

use super::phrases;

// Names and addresses.
phrases! {
    /// A name of nothing.
    username_empty: "A user name cannot be empty.", "Ein Benutzername darf nicht leer sein.";
    /// A name that is too long.
    username_too_long: "A user name has at most 254 bytes.", "Ein Benutzername hat höchstens 254 Bytes.";
    /// A name with a space where nobody sees it.
    username_spaced: "A user name neither begins nor ends with a space.",
        "Ein Benutzername darf weder mit einem Leerzeichen beginnen noch damit enden.";
    /// A name with a character that nobody sees.
    username_invisible: "A user name has no control or invisible characters.",
        "Ein Benutzername darf keine Steuerzeichen und keine unsichtbaren Zeichen enthalten.";
    /// No mail address.
    no_email: "Not a mail address.", "Das ist keine E-Mail-Adresse.";
    /// No role.
    no_role: "A role has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'.",
        "Eine Rolle hat 1 bis 64 Zeichen aus a–z, 0–9, „.“, „_“ und „-“.";
    /// Too many roles.
    too_many_roles: "A user has at most 32 roles.", "Mehr als 32 Rollen sind nicht möglich.";
    /// Too much of everything.
    too_long_together: "The name, the mail address and the roles are too long together.",
        "Name, E-Mail-Adresse und Rollen sind zusammen zu lang.";
    /// A passkey's name of nothing.
    passkey_name_empty: "A passkey's name cannot be empty.", "Der Name eines Passkeys darf nicht leer sein.";
    /// A passkey's name that is too long.
    passkey_name_too_long: "A passkey's name has at most 64 characters.",
        "Der Name eines Passkeys hat höchstens 64 Zeichen.";
    /// A passkey's name with a control character.
    passkey_name_control: "A passkey's name has no control characters.",
        "Der Name eines Passkeys darf keine Steuerzeichen enthalten.";
    /// Something that no browser sends.
    value_refused: "This cannot be used here.", "Das lässt sich hier nicht verwenden.";
}

// New passwords.
phrases! {
    /// Too long.
    password_too_long(most): "A password has at most {most} bytes.", "Ein Passwort hat höchstens {most} Bytes.";
    /// Too short.
    password_too_short(least): "A password has at least {least} characters.",
        "Ein Passwort hat mindestens {least} Zeichen.";
    /// With NUL.
    password_nul: "A password cannot contain the character NUL.",
        "Ein Passwort darf das Zeichen NUL nicht enthalten.";
    /// Like its owner.
    password_similar:
        "This password is too close to the user name or the mail address: choose one that has nothing to do with them.",
        "Dieses Passwort ähnelt dem Benutzernamen oder der E-Mail-Adresse zu sehr. Wählen Sie eines, das nichts damit zu tun hat.";
    /// Common.
    password_common:
        "This is among the most used passwords and words, which are the first to be tried: choose a few words that have nothing to do with each other.",
        "Das gehört zu den meistbenutzten Passwörtern und Wörtern, die als Erstes ausprobiert werden. Wählen Sie ein paar Wörter, die nichts miteinander zu tun haben.";
    /// Known from a breach.
    password_breached:
        "This password is among those stolen from other sites, which attackers try: choose another one, and change it wherever else it is used.",
        "Dieses Passwort wurde schon einmal anderswo gestohlen, und Angreifer probieren solche aus. Wählen Sie ein anderes, und ändern Sie es überall, wo Sie es sonst noch verwenden.";
    /// The one that is to be replaced.
    password_unchanged: "Choose another password than the current one.",
        "Wählen Sie ein anderes Passwort als das jetzige.";
    /// Quickly guessed.
    password_weak: "This password is easy to guess; add a word or two that have nothing to do with it.",
        "Dieses Passwort ist leicht zu erraten. Ergänzen Sie ein oder zwei Wörter, die nichts damit zu tun haben.";
    /// Quickly guessed, and why.
    password_weak_because(cause):
        "This password is easy to guess: {cause}; add a word or two that have nothing to do with it.",
        "Dieses Passwort ist leicht zu erraten: {cause}. Ergänzen Sie ein oder zwei Wörter, die nichts damit zu tun haben.";
    /// Quickly guessed, and what does not help.
    password_weak_in_vain(vain):
        "This password is easy to guess; add a word or two that have nothing to do with it, {vain}.",
        "Dieses Passwort ist leicht zu erraten. Ergänzen Sie ein oder zwei Wörter, die nichts damit zu tun haben. {vain}.";
    /// Quickly guessed, why, and what does not help.
    password_weak_because_in_vain(cause, vain):
        "This password is easy to guess: {cause}; add a word or two that have nothing to do with it, {vain}.",
        "Dieses Passwort ist leicht zu erraten: {cause}. Ergänzen Sie ein oder zwei Wörter, die nichts damit zu tun haben. {vain}.";
}

// Why, after a colon; and what does not help, as the end of a sentence or as one of its own.
phrases! {
    /// `qwertz`
    weak_keys_in_a_row: "keys in a row are among the first things tried",
        "Tasten, die nebeneinanderliegen, werden mit als Erstes ausprobiert";
    /// `qaywsx`
    weak_keyboard_pattern: "patterns on the keyboard are among the first things tried",
        "Muster auf der Tastatur werden mit als Erstes ausprobiert";
    /// `aaaa`
    weak_one_character: "one character many times is as good as once",
        "Ein Zeichen viele Male hilft so viel wie einmal";
    /// `abcabc`
    weak_repetition: "the same again adds little", "Dasselbe noch einmal bringt wenig";
    /// `monkey`
    weak_common: "many people use it", "Viele Menschen verwenden es";
    /// `m0nkey1`
    weak_nearly_common: "it is close to one that many people use",
        "Es ähnelt einem, das viele Menschen verwenden";
    /// `abcdef`
    weak_sequence: "sequences such as abc or 6543 are among the first things tried",
        "Folgen wie abc oder 6543 werden mit als Erstes ausprobiert";
    /// `1987`
    weak_year: "years are among the first things tried",
        "Jahreszahlen werden mit als Erstes ausprobiert";
    /// `harbour`
    weak_one_word: "a single word is quickly found", "Ein einzelnes Wort ist schnell gefunden";
    /// `1.4.87`
    weak_date: "dates are quickly found", "Ein Datum ist schnell gefunden";
    /// `miller`
    weak_name: "names are quickly found", "Namen sind schnell gefunden";
    /// `Monkey`
    vain_capitals: "capital letters help little", "Großbuchstaben helfen wenig";
    /// `yeknom`
    vain_backwards: "writing it backwards helps little", "Rückwärts geschrieben ist es kaum besser";
    /// `monk3y`
    vain_substitution: "writing @ for a helps little", "Ein @ statt eines a hilft wenig";
    /// One's birthday.
    vain_own_dates: "and leave out dates of your own",
        "Lassen Sie Daten weg, die mit Ihnen zu tun haben";
}
