//! Long lists, part by part: the addresses of their parts.

use doorward_core::page::{Cursor, PageRequest};
use url::form_urlencoded::Serializer;

use crate::{app::App, pages::views::admin::ListParts};

/// What a list is asked for: a path below the base path, and what its address says beside the cursor.
pub(super) struct Listed<'a> {
    pub(super) path: &'static str,
    pub(super) chosen: (&'static str, &'a str),
    pub(super) cursor: Option<&'a str>,
}

impl Listed<'_> {
    /// Which part; the beginning where the cursor is none of ours.
    pub(super) fn request(&self, limit: u32) -> PageRequest {
        PageRequest { after: self.after(), limit }
    }

    fn after(&self) -> Option<Cursor> {
        self.cursor.and_then(|cursor| cursor.parse().ok())
    }

    /// Where the other parts are, if the next one begins at `next`.
    pub(super) fn parts(&self, app: &App, next: Option<&Cursor>) -> ListParts {
        ListParts {
            beginning: self.after().map(|_| self.url(app, None)),
            next: next.map(|next| self.url(app, Some(&next.to_string()))),
        }
    }

    fn url(&self, app: &App, cursor: Option<&str>) -> String {
        let (name, value) = self.chosen;
        let members = [(name, value), ("cursor", cursor.unwrap_or_default())];
        let given = members.into_iter().filter(|(_, value)| !value.is_empty());
        let query = Serializer::new(String::new()).extend_pairs(given).finish();
        app.path(&if query.is_empty() { self.path.to_owned() } else { format!("{}?{query}", self.path) })
    }
}
