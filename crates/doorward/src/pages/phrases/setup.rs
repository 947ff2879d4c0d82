//! What the page says that makes the first administrator.

use super::phrases;

phrases! {
    /// The title.
    setup_title: "Set up Doorward", "Doorward einrichten";
    /// The heading.
    setup_heading: "Welcome", "Willkommen";
    /// What to do.
    setup_lead: "Make the first administrator. You will be signed in at once, and this page closes for good.",
        "Legen Sie das erste Administratorkonto an. Sie werden sofort angemeldet, und diese Seite ist danach für immer geschlossen.";
    /// The same, where there is one account only.
    setup_lead_operator:
        "Choose the one password that opens this server. You will be signed in at once, and this page closes for good.",
        "Wählen Sie das eine Passwort, das diesen Server öffnet. Sie werden sofort angemeldet, und diese Seite ist danach für immer geschlossen.";
    /// The token is not good.
    setup_refused:
        "<strong>That setup token is not valid.</strong> Open the setup URL that <code>doorward serve</code> printed, or run <code>doorward setup-url</code> for a new one.",
        "<strong>Dieses Einrichtungstoken ist nicht gültig.</strong> Öffnen Sie die Einrichtungs-URL, die <code>doorward serve</code> ausgegeben hat, oder rufen Sie <code>doorward setup-url</code> auf, um eine neue zu bekommen.";
    /// The token, where it was not in the address.
    setup_token: "Setup token", "Einrichtungstoken";
    /// Where it is found.
    setup_token_hint:
        "It is the end of the setup URL that <code>doorward serve</code> printed, and begins with <code>dws_</code>. To get a new one, run <code>doorward setup-url</code>.",
        "Es ist das Ende der Einrichtungs-URL, die <code>doorward serve</code> ausgegeben hat, und beginnt mit <code>dws_</code>. Ein neues bekommen Sie mit <code>doorward setup-url</code>.";
    /// The mail address.
    setup_email: "Email <span class=\"optional\">(optional)</span>",
        "E-Mail <span class=\"optional\">(freiwillig)</span>";
    /// The button.
    setup_create: "Create administrator", "Administratorkonto anlegen";
    /// The button, where there is one account only.
    setup_set_password: "Set the password", "Passwort festlegen";
}
