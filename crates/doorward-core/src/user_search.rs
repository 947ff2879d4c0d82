//! Finding users by how their name or mail address begins.

use crate::{
    ids::UserId,
    page::Cursor,
    user::{NormalisedName, User},
};

/// Which users to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only those whose name or mail address begins with this, in whatever form it is typed, or who have it as their id.
    /// Text of nothing but spaces is none.
    pub search: Option<String>,
}

/// How a user was found. Whom a search finds in several ways is listed once, under the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// By the id.
    Id,
    /// By how the name begins.
    Name,
    /// By how the mail address begins.
    Email,
}

impl FoundBy {
    /// Every way, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Id, Self::Name, Self::Email];

    const fn position(self) -> i64 {
        match self {
            Self::Id => 0,
            Self::Name => 1,
            Self::Email => 2,
        }
    }

    /// Where a user who was found this way stands in the list: after all who were found in an earlier way, by the name or
    /// the address, then by the id.
    #[must_use]
    pub fn cursor(self, user: &User) -> Cursor {
        let text = match self {
            Self::Id => String::new(),
            Self::Name => user.username.normalised().as_str().to_owned(),
            Self::Email => {
                user.email.as_ref().map(|email| email.normalised().to_string()).unwrap_or_default()
            }
        };
        Cursor { position: self.position(), text, id: *user.id.as_bytes() }
    }

    /// Whether a page that begins at `after` holds anybody who was found this way.
    #[must_use]
    pub fn is_after(self, after: Option<&Cursor>) -> bool {
        after.is_none_or(|after| after.position <= self.position())
    }

    /// Whether `cursor` stands among those who were found this way.
    #[must_use]
    pub const fn holds(self, cursor: &Cursor) -> bool {
        cursor.position == self.position()
    }
}

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// What names and addresses have to begin with, in the form they are compared in. Never empty.
    pub prefix: String,
    /// The id, if the text is one.
    pub id: Option<UserId>,
}

impl UserFilter {
    /// What is searched for; none if everybody is to be listed.
    #[must_use]
    pub fn sought(&self) -> Option<Sought> {
        // Nobody's name begins or ends with a space, and whoever pastes one there means none.
        let typed = self.search.as_deref()?.trim();
        let prefix = NormalisedName::of(typed).as_str().trim().to_owned();
        (!prefix.is_empty()).then(|| Sought { prefix, id: typed.parse().ok() })
    }
}

impl Sought {
    /// The way in which it finds `user`, if it does.
    #[must_use]
    pub fn finds(&self, user: &User) -> Option<FoundBy> {
        let begins = |name: &NormalisedName| name.as_str().starts_with(&self.prefix);
        if self.id == Some(user.id) {
            Some(FoundBy::Id)
        } else if begins(user.username.normalised()) {
            Some(FoundBy::Name)
        } else if user.email.as_ref().is_some_and(|email| begins(&email.normalised())) {
            Some(FoundBy::Email)
        } else {
            None
        }
    }

    /// The first text, by its bytes, that sorts after everything that begins with the prefix; none if there is no such
    /// text.
    #[must_use]
    pub fn end(&self) -> Option<String> {
        let mut characters: Vec<char> = self.prefix.chars().collect();
        while let Some(last) = characters.pop() {
            if let Some(next) = (last..=char::MAX).nth(1) {
                characters.push(next);
                return Some(characters.into_iter().collect());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(text: &str) -> Option<Sought> {
        UserFilter { search: Some(text.to_owned()) }.sought()
    }

    #[test]
    fn what_is_typed_is_compared_as_names_are() {
        for typed in ["ANN Mu\u{308}ller", "  Ａｎｎ müller ", "ann m\u{fc}ller\t"] {
            assert_eq!(sought(typed).unwrap().prefix, "ann müller", "{typed}");
        }
        for nothing in ["", " ", "\u{a0}\t"] {
            assert_eq!(sought(nothing), None);
        }
        assert_eq!(UserFilter::default().sought(), None);
    }

    #[test]
    fn an_id_is_recognised_in_its_own_case_only() {
        let id = UserId::from_bytes(*b"0123456789abcdef");
        assert_eq!(sought(&format!(" {id} ")).unwrap().id, Some(id));
        assert_eq!(sought("ann").unwrap().id, None);
    }

    #[test]
    fn the_end_is_after_all_that_begin_alike_and_before_all_else() {
        for (prefix, end) in [("a", "b"), ("ann", "ano"), ("a\u{d7ff}", "a\u{e000}"), ("a\u{10ffff}", "b")] {
            assert_eq!(sought(prefix).unwrap().end().as_deref(), Some(end));
            assert!(format!("{prefix}\u{10ffff}\u{10ffff}").as_str() < end && *prefix < *end);
        }
        assert_eq!(sought("\u{10ffff}").unwrap().end(), None);
    }
}
