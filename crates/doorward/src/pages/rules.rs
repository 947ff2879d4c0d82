//! What is wrong with a field, as its form says it.

use doorward_core::password::{HelpsLittle, InvalidPassword, MAX_PASSWORD_BYTES, WeakBecause, Weakness};
use doorward_core::refusal::BrokenRule;
use doorward_core::user::InvalidValue;

use super::Language;
use super::phrases::Phrase;

impl Language {
    /// A rule that a value breaks, in a sentence for whoever typed the value.
    #[must_use]
    pub fn broken_rule(self, rule: &BrokenRule) -> Phrase {
        match rule {
            BrokenRule::Value(InvalidValue::UsernameEmpty) => self.username_empty(),
            BrokenRule::Value(InvalidValue::UsernameTooLong) => self.username_too_long(),
            BrokenRule::Value(InvalidValue::UsernameSpaced) => self.username_spaced(),
            BrokenRule::Value(InvalidValue::UsernameInvisible) => self.username_invisible(),
            BrokenRule::Value(InvalidValue::NoEmail) => self.no_email(),
            BrokenRule::Value(InvalidValue::NoRole) => self.no_role(),
            BrokenRule::Value(InvalidValue::TooManyRoles) => self.too_many_roles(),
            BrokenRule::Value(InvalidValue::TooLongTogether) => self.too_long_together(),
            BrokenRule::Value(InvalidValue::PasskeyNameEmpty) => self.passkey_name_empty(),
            BrokenRule::Value(InvalidValue::PasskeyNameTooLong) => self.passkey_name_too_long(),
            BrokenRule::Value(InvalidValue::PasskeyNameControl) => self.passkey_name_control(),
            BrokenRule::Password(invalid) => self.invalid_password(*invalid),
            BrokenRule::Request { .. } => self.value_refused(),
        }
    }

    fn invalid_password(self, invalid: InvalidPassword) -> Phrase {
        match invalid {
            InvalidPassword::TooLong => self.password_too_long(MAX_PASSWORD_BYTES),
            InvalidPassword::TooShort { least } => self.password_too_short(least),
            InvalidPassword::HasNul => self.password_nul(),
            InvalidPassword::TooSimilar => self.password_similar(),
            InvalidPassword::TooCommon => self.password_common(),
            InvalidPassword::Breached => self.password_breached(),
            InvalidPassword::Unchanged => self.password_unchanged(),
            InvalidPassword::TooWeak(Weakness { cause, vain }) => match (cause, vain) {
                (None, None) => self.password_weak(),
                (Some(cause), None) => self.password_weak_because(self.weak_because(cause)),
                (None, Some(vain)) => self.password_weak_in_vain(self.helps_little(vain)),
                (Some(cause), Some(vain)) => {
                    self.password_weak_because_in_vain(self.weak_because(cause), self.helps_little(vain))
                }
            },
        }
    }

    fn weak_because(self, cause: WeakBecause) -> Phrase {
        match cause {
            WeakBecause::KeysInARow => self.weak_keys_in_a_row(),
            WeakBecause::KeyboardPattern => self.weak_keyboard_pattern(),
            WeakBecause::OneCharacter => self.weak_one_character(),
            WeakBecause::Repetition => self.weak_repetition(),
            WeakBecause::Common => self.weak_common(),
            WeakBecause::NearlyCommon => self.weak_nearly_common(),
            WeakBecause::Sequence => self.weak_sequence(),
            WeakBecause::Year => self.weak_year(),
            WeakBecause::OneWord => self.weak_one_word(),
            WeakBecause::Date => self.weak_date(),
            WeakBecause::Name => self.weak_name(),
        }
    }

    fn helps_little(self, vain: HelpsLittle) -> Phrase {
        match vain {
            HelpsLittle::Capitals => self.vain_capitals(),
            HelpsLittle::Backwards => self.vain_backwards(),
            HelpsLittle::Substitution => self.vain_substitution(),
            HelpsLittle::OwnDates => self.vain_own_dates(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each rule once; a weak password in every way that it can be told.
    fn rules() -> Vec<BrokenRule> {
        let values = [
            InvalidValue::UsernameEmpty,
            InvalidValue::UsernameTooLong,
            InvalidValue::UsernameSpaced,
            InvalidValue::UsernameInvisible,
            InvalidValue::NoEmail,
            InvalidValue::NoRole,
            InvalidValue::TooManyRoles,
            InvalidValue::TooLongTogether,
            InvalidValue::PasskeyNameEmpty,
            InvalidValue::PasskeyNameTooLong,
            InvalidValue::PasskeyNameControl,
        ];
        let passwords = [
            InvalidPassword::TooLong,
            InvalidPassword::TooShort { least: 15 },
            InvalidPassword::HasNul,
            InvalidPassword::TooSimilar,
            InvalidPassword::TooCommon,
            InvalidPassword::Breached,
            InvalidPassword::Unchanged,
        ];
        let causes = [
            WeakBecause::KeysInARow,
            WeakBecause::KeyboardPattern,
            WeakBecause::OneCharacter,
            WeakBecause::Repetition,
            WeakBecause::Common,
            WeakBecause::NearlyCommon,
            WeakBecause::Sequence,
            WeakBecause::Year,
            WeakBecause::OneWord,
            WeakBecause::Date,
            WeakBecause::Name,
        ];
        let vain =
            [HelpsLittle::Capitals, HelpsLittle::Backwards, HelpsLittle::Substitution, HelpsLittle::OwnDates];
        let causes = causes.map(Some).into_iter().chain([None]);
        let weak = causes.flat_map(|cause| {
            let vain = vain.map(Some).into_iter().chain([None]);
            vain.map(move |vain| InvalidPassword::TooWeak(Weakness { cause, vain }))
        });
        let values = values.into_iter().map(BrokenRule::from);
        values.chain(passwords.into_iter().chain(weak).map(BrokenRule::from)).collect()
    }

    #[test]
    fn a_page_in_english_says_of_each_rule_what_the_api_says() {
        for rule in rules() {
            let detail = rule.to_string();
            let (first, rest) = detail.split_at(1);
            let sentence = format!("{}{rest}.", first.to_uppercase());
            assert_eq!(Language::English.broken_rule(&rule).as_str(), sentence);
        }
    }

    #[test]
    fn each_rule_has_german_words_of_its_own() {
        let rules = rules();
        let mut told: Vec<_> =
            rules.iter().map(|rule| Language::German.broken_rule(rule).to_string()).collect();
        for (rule, words) in rules.iter().zip(&told) {
            assert_ne!(*words, Language::English.broken_rule(rule).to_string());
            assert!(words.ends_with('.') && !words.contains("{"), "{words}");
        }
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), rules.len());
    }
}
