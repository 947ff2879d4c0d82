//! Why something was refused or ended, as the audit log has it: a refusal's code, or the cause of an end.

use super::{Phrase, fixed};
use crate::pages::Language;

/// Gives reasons their words.
macro_rules! reason_phrases {
    ($($written:literal: $english:literal, $german:literal;)*) => {
        impl Language {
            /// A reason in words, to stand after a colon or in brackets; none for one that only a newer version knows,
            /// and for one that says no more than the event does.
            #[must_use]
            pub fn reason(self, written: &str) -> Option<Phrase> {
                match written {
                    $($written => Some(fixed(match self {
                        Self::English => $english,
                        Self::German => $german,
                    })),)*
                    _ => None,
                }
            }
        }
    };
}

reason_phrases! {
    "malformed_request": "request not understood", "Anfrage nicht verstanden";
    "cookie_ambiguous": "contradictory cookies", "widersprüchliche Cookies";
    "not_authenticated": "not signed in", "nicht angemeldet";
    "invalid_credentials": "wrong name or password", "Name oder Passwort falsch";
    "session_expired": "session expired", "Sitzung abgelaufen";
    "session_revoked": "session ended before", "Sitzung schon beendet";
    "token_invalid": "token not valid", "Token ungültig";
    "refresh_token_invalid": "refresh token not valid", "Erneuerungstoken ungültig";
    "refresh_token_reused": "refresh token used again", "Erneuerungstoken erneut verwendet";
    "mfa_code_invalid": "wrong second factor", "falscher zweiter Faktor";
    "csrf_failed": "form without a valid token", "Formular ohne gültiges Token";
    "cross_site_refused": "came from another site", "kam von einer anderen Website";
    "account_disabled": "account disabled", "Konto deaktiviert";
    "password_change_required": "another password has to be chosen first", "zuerst muss ein anderes Passwort gewählt werden";
    "step_up_required": "identity has to be confirmed first", "zuerst muss die Identität bestätigt werden";
    "forbidden": "not allowed", "nicht erlaubt";
    "proxy_not_trusted": "proxy not trusted", "Proxy nicht vertrauenswürdig";
    "policy_unknown": "unknown policy", "unbekannte Richtlinie";
    "not_found": "not found, used before or expired", "nicht gefunden, schon verwendet oder abgelaufen";
    "method_not_allowed": "method not allowed", "Methode nicht erlaubt";
    "conflict": "does not fit what is there", "passt nicht zu dem, was da ist";
    "setup_complete": "setup was done before", "Einrichtung schon abgeschlossen";
    "last_admin": "the last administrator stays", "das letzte Administratorkonto bleibt";
    "body_too_large": "request too large", "Anfrage zu groß";
    "unsupported_media_type": "format not supported", "Format nicht unterstützt";
    "misdirected_request": "sent to another host", "an einen anderen Host gerichtet";
    "validation_failed": "a value breaks the rules", "ein Wert verstößt gegen die Regeln";
    "too_many_attempts": "too soon after a failed attempt", "zu bald nach einem Fehlversuch";
    "account_locked": "locked after failed attempts", "nach Fehlversuchen gesperrt";
    "rate_limited": "too many requests", "zu viele Anfragen";
    "session_limit_reached": "too many sessions", "zu viele Sitzungen";
    "setup_required": "not set up yet", "noch nicht eingerichtet";
    "overloaded": "server overloaded", "Server überlastet";
    "store_unavailable": "database not available", "Datenbank nicht verfügbar";
    "revocation_state_stale": "ended sessions not known for certain", "beendete Sitzungen nicht sicher bekannt";
    "clock_behind": "clock of the server is behind", "Uhr des Servers geht nach";
    "revoked": "signed out from a list of sessions", "aus einer Liste von Sitzungen abgemeldet";
    "replaced": "another session took its place", "durch eine andere Sitzung ersetzt";
    "session_limit": "more sessions than allowed", "mehr Sitzungen als erlaubt";
    "password_changed": "password changed", "Passwort geändert";
    "user_disabled": "account disabled", "Konto deaktiviert";
    "user_deleted": "account deleted", "Konto gelöscht";
    "restored": "a backup was restored", "eine Sicherung wurde zurückgespielt";
    "distrusted": "one of the keys before it has leaked", "einer der Schlüssel davor ist in fremde Hände geraten";
    "retention": "kept long enough", "lange genug aufbewahrt";
    "head_missing": "the record of its end is missing", "die Angabe seines Endes fehlt";
    "head_changed": "the record of its end was changed", "die Angabe seines Endes wurde verändert";
    "head_under_another_master_secret": "written under another master secret", "unter einem anderen Hauptgeheimnis geschrieben";
    "head_set_back": "its end was set back", "sein Ende wurde zurückgesetzt";
}
