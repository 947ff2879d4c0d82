//! What the pages say that set a password: in the account, and by a one-time link.

use super::phrases;

phrases! {
    /// The heading where it is due.
    password_due: "Choose a new password", "Wählen Sie ein neues Passwort";
    /// What is due.
    password_due_lead: "You must change your password before you go on.",
        "Bevor es weitergeht, müssen Sie Ihr Passwort ändern.";
    /// What follows.
    password_lead: "All your other devices will be signed out.",
        "Alle Ihre anderen Geräte werden abgemeldet.";
    /// Too many wrong ones.
    password_locked:
        "<strong>Too many wrong passwords</strong> were entered here as the current one. In this session the password cannot be changed for now; you stay signed in.",
        "<strong>Zu viele falsche Passwörter</strong> wurden hier als aktuelles eingegeben. In dieser Sitzung kann das Passwort vorerst nicht geändert werden; Sie bleiben angemeldet.";
    /// What to do meanwhile.
    password_locked_meanwhile(logout_url):
        "Forgotten your password? An administrator can send you a link to set a new one. If it was somebody else, <a href=\"{logout_url}\">sign out here</a>.",
        "Passwort vergessen? Die Administration kann Ihnen einen Link schicken, mit dem Sie ein neues festlegen. Wenn es jemand anders war, <a href=\"{logout_url}\">melden Sie sich hier ab</a>.";
    /// The current one is wrong.
    password_not_current: "That is not your current password.", "Das ist nicht Ihr aktuelles Passwort.";
}

// One-time links.
phrases! {
    /// The title of an invitation.
    link_welcome: "Welcome", "Willkommen";
    /// The heading of an invitation.
    link_welcome_to(name): "Welcome, <bdi>{name}</bdi>", "Willkommen, <bdi>{name}</bdi>";
    /// What an invitation is.
    link_invited: "You have been invited. Choose a password to begin.",
        "Sie wurden eingeladen. Wählen Sie zum Einstieg ein Passwort.";
    /// Title and heading of a reset.
    link_reset: "Set a new password", "Neues Passwort festlegen";
    /// Whose it is, and what follows.
    link_reset_lead(name):
        "For <strong><bdi>{name}</bdi></strong>. All devices that are signed in now will be signed out.",
        "Für <strong><bdi>{name}</bdi></strong>. Alle Geräte, die jetzt angemeldet sind, werden abgemeldet.";
    /// The button.
    link_set: "Set password", "Passwort festlegen";
    /// How long it is good.
    link_once: "This link works once. If you did not expect it, leave it unused.",
        "Dieser Link funktioniert einmal. Wenn Sie ihn nicht erwartet haben, verwenden Sie ihn nicht.";
    /// The same, where it has an end.
    link_once_until(when, datetime, date):
        "This link works once and ends {when} (<time datetime=\"{datetime}\">{date}</time>). If you did not expect it, leave it unused.",
        "Dieser Link funktioniert einmal und läuft {when} ab (<time datetime=\"{datetime}\">{date}</time>). Wenn Sie ihn nicht erwartet haben, verwenden Sie ihn nicht.";
    /// The title of one that is not good any more.
    link_dead_title: "Link no longer valid", "Link nicht mehr gültig";
    /// Its heading.
    link_dead: "This link no longer works", "Dieser Link funktioniert nicht mehr";
    /// What to do without an invitation.
    link_dead_invitation:
        "Invitations work once, and for a limited time. If you have set your password with it already, just sign in. Otherwise ask your administrator for a new invitation.",
        "Einladungen funktionieren einmal und nur eine begrenzte Zeit. Wenn Sie Ihr Passwort damit schon festgelegt haben, melden Sie sich einfach an. Sonst bitten Sie die Administration um eine neue Einladung.";
    /// What to do without a reset.
    link_dead_reset:
        "Links to set a password work once, and for a limited time. If you have used it already, sign in with your new password. Otherwise ask your administrator for a new link.",
        "Links zum Festlegen eines Passworts funktionieren einmal und nur eine begrenzte Zeit. Wenn Sie ihn schon verwendet haben, melden Sie sich mit Ihrem neuen Passwort an. Sonst bitten Sie die Administration um einen neuen Link.";
}
