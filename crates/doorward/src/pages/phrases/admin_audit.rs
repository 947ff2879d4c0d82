//! What the page of the audit log says.

use super::phrases;

phrases! {
    /// The section, and its heading.
    section_audit: "Audit log", "Protokoll";
    /// The heading of the fields that choose events.
    audit_filter: "Which events", "Welche Ereignisse";
    /// The field for whom they concern.
    audit_user: "User", "Benutzer";
    /// Below it.
    audit_user_hint: "Whom it concerns: name or id", "Wen es betrifft: Name oder Kennung";
    /// What is wrong with it.
    audit_user_unknown: "There is no such user. The events of one who was deleted are found by the id.",
        "Diesen Benutzer gibt es nicht. Ereignisse zu gelöschten finden Sie über die Kennung.";
    /// The field for what happened.
    audit_event: "Event", "Ereignis";
    /// Its first choice.
    audit_every_event: "All events", "Alle Ereignisse";
    /// The field for where it came from.
    audit_address: "Address", "Adresse";
    /// What is wrong with it.
    audit_address_wrong: "This is no IP address.", "Das ist keine IP-Adresse.";
    /// The field for the beginning.
    audit_from: "From", "Von";
    /// The field for the end.
    audit_until: "Until", "Bis";
    /// Below both of these; the pages' script puts the reader's zone there.
    audit_zone: "Time zone: <span data-zone-name>UTC</span>", "Zeitzone: <span data-zone-name>UTC</span>";
    /// What is wrong with one of these.
    audit_time_wrong: "This is no date and time.", "Das ist kein Datum mit Uhrzeit.";
    /// The button.
    audit_apply: "Show", "Anzeigen";
    /// To the page without a filter.
    audit_clear: "Show all", "Alle anzeigen";
}

phrases! {
    /// The heading of the list.
    audit_events: "Events, newest first", "Ereignisse, neueste zuerst";
    /// An empty list.
    audit_none: "No event is in the log that matches.", "Kein passendes Ereignis ist im Protokoll.";
    /// Something changed.
    audit_done: "Done", "Erfolgt";
    /// Somebody was refused.
    audit_refused: "Refused", "Abgelehnt";
    /// Who did it.
    audit_who: "By", "Durch";
    /// Whom it concerns.
    audit_whom: "About", "Betrifft";
    /// From where.
    audit_where: "From", "Von";
    /// Why.
    audit_why: "Reason", "Grund";
    /// What else is known.
    audit_details: "Details", "Einzelheiten";
    /// Somebody who has not proved who they are.
    audit_anonymous: "somebody not signed in", "nicht angemeldete Person";
    /// Whoever may run commands on the server.
    audit_command_line: "command line", "Befehlszeile";
    /// Doorward itself.
    audit_system: "Doorward itself", "Doorward selbst";
    /// A user who was deleted, by their id.
    audit_deleted_user(id): "deleted user {id}", "gelöschter Benutzer {id}";
    /// To the next part of the list.
    audit_older: "Older events", "Ältere Ereignisse";
    /// Back to the beginning of the list.
    audit_newest: "Newest events", "Neueste Ereignisse";
    /// The name of these two links.
    audit_pages: "Pages of the list", "Seiten der Liste";
    /// Downloads everything that the filter lets through.
    audit_csv: "Export as CSV", "Als CSV exportieren";
    /// The same in another format.
    audit_json: "Export as JSON", "Als JSON exportieren";
}

phrases! {
    /// To the page that shows new events as they come.
    audit_follow: "Follow live", "Live verfolgen";
    /// Back to the page that does not.
    audit_stop: "Stop following", "Nicht mehr verfolgen";
    /// Holds new events back.
    audit_pause: "Pause", "Anhalten";
    /// Shows what was held back, and goes on.
    audit_resume: "Go on", "Weiter";
    /// It is so without a script, and until there is a connection.
    audit_reloads: "This page is loaded again every five seconds.", "Diese Seite wird alle fünf Sekunden neu geladen.";
    /// There is a connection.
    audit_live: "New events appear here as they happen.", "Neue Ereignisse erscheinen hier, sobald sie geschehen.";
    /// There is none for now.
    audit_lost: "The connection is lost. It is tried again.", "Die Verbindung ist unterbrochen. Sie wird wieder aufgebaut.";
    /// New events are held back; the script puts their number in the place of #.
    audit_waiting: "Paused. New events: #", "Angehalten. Neue Ereignisse: #";
    /// The session is over, or its user's role.
    audit_over: "You are signed out, or no administrator any more. No new events are shown.",
        "Sie sind abgemeldet oder verwalten Doorward nicht mehr. Neue Ereignisse werden nicht gezeigt.";
    /// To this page, which asks to sign in.
    audit_again: "Sign in again", "Erneut anmelden";
}
