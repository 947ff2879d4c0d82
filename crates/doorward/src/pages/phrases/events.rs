//! What the events of the audit log are called.
//!
//! The same words tell administrators what happened to anybody, and people what happened to their own account.

use doorward_core::audit::EventName;

use super::{Phrase, fixed};
use crate::pages::Language;

/// Gives every [`EventName`] its words; one without does not compile.
macro_rules! event_phrases {
    ($($name:ident: $english:literal, $german:literal;)*) => {
        impl Language {
            /// What happened, in words.
            #[must_use]
            pub fn event(self, name: EventName) -> Phrase {
                match name {
                    $(EventName::$name => fixed(match self {
                        Self::English => $english,
                        Self::German => $german,
                    }),)*
                }
            }
        }
    };
}

event_phrases! {
    SetupCompleted: "First administrator set up", "Erstes Administratorkonto eingerichtet";
    SetupRefused: "Setup refused", "Einrichtung abgelehnt";
    SetupTokenIssued: "Setup link issued", "Einrichtungslink ausgestellt";
    LoginSucceeded: "Signed in", "Angemeldet";
    LoginRefused: "Sign-in refused", "Anmeldung abgelehnt";
    AccountLocked: "Locked after too many failed attempts", "Nach zu vielen Fehlversuchen gesperrt";
    AccountUnlocked: "Account unlocked", "Konto entsperrt";
    DevicesForgotten: "Known browsers forgotten", "Bekannte Browser vergessen";
    SessionRevoked: "Session ended", "Sitzung beendet";
    SessionsRevoked: "Several sessions ended at once", "Mehrere Sitzungen auf einmal beendet";
    LoggedOut: "Signed out", "Abgemeldet";
    SessionRefreshed: "Session renewed", "Sitzung erneuert";
    RefreshRefused: "Renewing a session refused", "Erneuerung einer Sitzung abgelehnt";
    RefreshReused: "Session ended, as it may have been copied", "Sitzung beendet, da sie womöglich kopiert wurde";
    PasswordChanged: "Password changed", "Passwort geändert";
    PasswordChangeRefused: "Password change refused", "Passwortänderung abgelehnt";
    PasswordSet: "Password set by the administration", "Passwort von der Administration gesetzt";
    LoginPending: "Right password entered, second factor asked for", "Richtiges Passwort eingegeben, zweiter Faktor verlangt";
    FactorRefused: "Second factor refused", "Zweiter Faktor abgelehnt";
    FactorLocked: "Authenticator app locked after too many wrong codes", "Authenticator-App nach zu vielen falschen Codes gesperrt";
    TotpEnrolmentBegan: "Setting up an authenticator app begun", "Einrichtung einer Authenticator-App begonnen";
    TotpEnrolmentRefused: "Setting up an authenticator app refused", "Einrichtung einer Authenticator-App abgelehnt";
    TotpEnabled: "Authenticator app set up", "Authenticator-App eingerichtet";
    TotpRemoved: "Authenticator app removed", "Authenticator-App entfernt";
    RecoveryCodesMade: "New recovery codes made", "Neue Wiederherstellungscodes erzeugt";
    RecoveryCodeUsed: "Recovery code used", "Wiederherstellungscode verwendet";
    FactorsReset: "All second factors removed", "Alle zweiten Faktoren entfernt";
    PasskeyAdded: "Passkey added", "Passkey hinzugefügt";
    PasskeyRemoved: "Passkey removed", "Passkey entfernt";
    PasskeyRefused: "Adding a passkey refused", "Hinzufügen eines Passkeys abgelehnt";
    PasskeyCloneSuspected: "Passkey refused, as there may be a copy of it", "Passkey abgelehnt, da es womöglich eine Kopie davon gibt";
    SteppedUp: "Identity confirmed again", "Identität erneut bestätigt";
    StepUpRefused: "Confirming the identity again refused", "Erneute Bestätigung der Identität abgelehnt";
    UserCreated: "Account created", "Konto angelegt";
    UserChanged: "Account changed", "Konto geändert";
    UserDeleted: "Account deleted", "Konto gelöscht";
    InvitationIssued: "Invitation issued", "Einladung ausgestellt";
    ResetIssued: "Link for a new password issued", "Link für ein neues Passwort ausgestellt";
    LinkUsed: "One-time link used", "Einmallink verwendet";
    LinkRefused: "One-time link refused", "Einmallink abgelehnt";
    CsrfRefused: "Request that may come from another site refused", "Anfrage abgelehnt, die von einer anderen Website stammen kann";
    AdminRefused: "Access to the administration refused", "Zugriff auf die Verwaltung abgelehnt";
    SigningKeyCreated: "Signing key made", "Signaturschlüssel erzeugt";
    SigningKeyRetired: "Signing key taken out of use", "Signaturschlüssel außer Gebrauch genommen";
    AuditTrimmed: "Oldest events removed after their time", "Älteste Ereignisse nach Ablauf ihrer Frist entfernt";
    AuditExported: "Audit log exported", "Protokoll exportiert";
    AuditChainRestarted: "Audit log begun anew, as its end cannot be trusted", "Protokoll neu begonnen, da seinem Ende nicht zu trauen ist";
    AuditChainBegan: "Audit log protected against changes from here on", "Protokoll ab hier gegen Änderungen gesichert";
    AllSessionsEnded: "All sessions of all users ended", "Alle Sitzungen aller Benutzer beendet";
}

impl Language {
    /// Everything that can happen: its name in the log, and its words.
    pub fn events(self) -> impl Iterator<Item = (&'static str, Phrase)> {
        EventName::ALL.iter().map(move |name| (name.as_str(), self.event(*name)))
    }

    /// What happened, by the name that the log has for it; none for one that only a newer version knows.
    #[must_use]
    pub fn event_named(self, written: &str) -> Option<Phrase> {
        let name = EventName::ALL.iter().find(|name| name.as_str() == written)?;
        Some(self.event(*name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{EventName, Language};

    #[test]
    fn events_are_told_apart_by_their_words_in_either_language() {
        for language in Language::ALL {
            let words: HashSet<String> =
                EventName::ALL.iter().map(|name| language.event(*name).to_string()).collect();
            assert_eq!(words.len(), EventName::ALL.len());
        }
    }

    #[test]
    fn an_event_is_found_by_its_written_name() {
        let found = Language::German.event_named("login.succeeded").map(|words| words.to_string());
        assert_eq!(found.as_deref(), Some("Angemeldet"));
        assert_eq!(Language::German.event_named("login.of_tomorrow"), None);
    }
}
