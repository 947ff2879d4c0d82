//! What the pages about users say: the list, adding one, and their links.

use super::phrases;

// The list.
phrases! {
    /// The section, and its heading.
    section_users: "Users", "Benutzer";
    /// To the page that adds one.
    users_add: "Add a user", "Benutzer anlegen";
    /// The field to search by.
    users_search: "Name or email begins with", "Name oder E-Mail beginnt mit";
    /// Its button.
    users_find: "Search", "Suchen";
    /// The heading of the list.
    users_list: "Everybody, oldest account first", "Alle, ältestes Konto zuerst";
    /// The heading of what was found.
    users_found(text): "Whose name or email begins with <bdi>“{text}”</bdi>",
        "Name oder E-Mail beginnt mit <bdi>„{text}“</bdi>";
    /// Nobody was found.
    users_none_found:
        "Nobody was found. Only beginnings are searched: try fewer letters, or the beginning of the email address. A user’s id works as well.",
        "Niemand wurde gefunden. Gesucht wird nur nach Anfängen: Versuchen Sie es mit weniger Buchstaben oder mit dem Anfang der E-Mail-Adresse. Auch die Kennung eines Benutzers geht.";
    /// There is nobody on this part of the list.
    users_none: "There is nobody further on.", "Hier ist niemand mehr.";
    /// To the list without search.
    users_all: "Show everybody", "Alle anzeigen";
    /// The name of the links between parts of a list.
    list_parts: "Parts of the list", "Teile der Liste";
    /// To the first part.
    list_beginning: "Back to the beginning", "Zurück zum Anfang";
    /// To the next part.
    list_next: "Next", "Weiter";
    /// Somebody was deleted.
    users_deleted(name): "<bdi>{name}</bdi> is deleted.", "<bdi>{name}</bdi> ist gelöscht.";
}

// What is told of each.
phrases! {
    /// A user's state: they can sign in.
    state_enabled: "Enabled", "Aktiv";
    /// They cannot.
    state_disabled: "Disabled", "Deaktiviert";
    /// They have not chosen a password yet.
    state_invited: "Invited", "Eingeladen";
    /// They have to choose another password.
    state_password_due: "Password change due", "Neues Passwort fällig";
    /// The name of a user's state.
    user_state: "State", "Zustand";
    /// The name of their second factors.
    user_factors: "Second factors", "Zweite Faktoren";
    /// So many passkeys.
    user_passkeys[count]: "1 passkey" | "{count} passkeys", "1 Passkey" | "{count} Passkeys";
    /// So many recovery codes are left.
    user_recovery_codes[count]: "1 recovery code left" | "{count} recovery codes left",
        "noch 1 Wiederherstellungscode" | "noch {count} Wiederherstellungscodes";
    /// When the account was made.
    user_created: "Created", "Angelegt";
}

// Adding one.
phrases! {
    /// The hint of the name.
    user_name_hint: "It cannot be changed later, and nobody else ever gets it.",
        "Er lässt sich später nicht ändern, und niemand sonst bekommt ihn je.";
    /// The name is not free.
    user_name_taken: "This name is taken, or somebody had it before. Please choose another one.",
        "Dieser Name ist vergeben, oder jemand hatte ihn früher. Bitte wählen Sie einen anderen.";
    /// The hint of the roles.
    user_roles_hint:
        "Separated by spaces, of a–z, 0–9, dot, underscore and hyphen. Whoever has the role <code>admin</code> administers Doorward.",
        "Getrennt durch Leerzeichen, aus a–z, 0–9, Punkt, Unterstrich und Bindestrich. Wer die Rolle <code>admin</code> hat, verwaltet Doorward.";
    /// The field for roles, which may stay empty.
    user_roles_optional: "Roles <span class=\"optional\">(optional)</span>", "Rollen <span class=\"optional\">(freiwillig)</span>";
    /// The heading of the choice how they get a password.
    user_how: "How they get their password", "Wie das Passwort gewählt wird";
    /// By a link.
    user_by_invitation: "By an invitation: a link by which they choose it themselves",
        "Durch eine Einladung: über einen Link, mit dem die Person es selbst wählt";
    /// By whoever adds them.
    user_by_password: "I choose the first one and tell them", "Ich wähle das erste und teile es der Person mit";
    /// The field for it.
    user_first_password: "First password", "Erstes Passwort";
    /// Its hint.
    user_first_password_hint(least):
        "At least {least} characters, and nothing that is easy to guess.",
        "Mindestens {least} Zeichen und nichts, was leicht zu erraten ist.";
}

// One-time links.
phrases! {
    /// A user was added, and is invited.
    issued_added: "The user is added", "Der Benutzer ist angelegt";
    /// Another invitation was issued.
    issued_invitation: "A new invitation", "Eine neue Einladung";
    /// A link for a new password was issued.
    issued_reset: "A link for a new password", "Ein Link für ein neues Passwort";
    /// What to do with it.
    issued_give(name): "Give this link to <bdi>{name}</bdi>, in a way that nobody else can read. Whoever opens it chooses the password.",
        "Geben Sie diesen Link <bdi>{name}</bdi>, und zwar so, dass niemand sonst ihn lesen kann. Wer ihn öffnet, wählt das Passwort.";
    /// The name of the field that holds it.
    issued_label: "One-time link", "Einmallink";
    /// Copies it.
    issued_copy: "Copy", "Kopieren";
    /// It was copied.
    issued_copied: "Copied", "Kopiert";
    /// For how long it is good.
    issued_ends(relative, datetime, absolute):
        "It works once and ends {relative} (<time datetime=\"{datetime}\">{absolute}</time>). Every earlier link of theirs is dead.",
        "Er gilt einmal und endet {relative} (<time datetime=\"{datetime}\">{absolute}</time>). Alle früheren Links dieser Person sind ungültig.";
    /// That it is not shown again.
    issued_once: "It is shown only now.", "Er wird nur jetzt angezeigt.";
    /// To the page of the user.
    issued_to_user(name): "Go on to <bdi>{name}</bdi>", "Weiter zu <bdi>{name}</bdi>";
    /// To the list.
    users_back: "Back to the users", "Zurück zu den Benutzern";
}
