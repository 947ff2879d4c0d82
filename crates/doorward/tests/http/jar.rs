//! Cookies as a browser keeps them (RFC 6265bis, 5.6 to 5.8).

use std::collections::BTreeMap;

use doorward_core::time::Timestamp;

/// A `Set-Cookie` header, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// By lower-case name; a flag's value is empty.
    attributes: BTreeMap<String, String>,
}

impl SetCookie {
    pub(crate) fn parse(header: &str) -> Self {
        let mut parts = header.split(';');
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attribute = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.trim().to_ascii_lowercase(), value.trim().to_owned())
        };
        Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            attributes: parts.map(attribute).collect(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub(crate) fn max_age(&self) -> i64 {
        self.attribute("max-age").unwrap().parse().unwrap()
    }

    /// Every attribute but Max-Age, sorted: what clearing has to repeat.
    pub(crate) fn attributes(&self) -> String {
        let all = self.attributes.iter().filter(|(name, _)| *name != "max-age");
        let all = all.map(|(n, v)| if v.is_empty() { n.clone() } else { format!("{n}={v}") });
        all.collect::<Vec<_>>().join("; ")
    }
}

/// Where a request goes, as far as cookies depend on it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) https: bool,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
}

#[derive(Clone, Debug)]
struct Kept {
    name: String,
    value: String,
    host: String,
    host_only: bool,
    path: String,
    secure: bool,
    http_only: bool,
    strict: bool,
    ends_at: Timestamp,
}

/// A browser's cookie jar.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar(Vec<Kept>);

impl Jar {
    /// Takes a cookie in, if a browser would; removes it when it is cleared.
    pub(crate) fn store(&mut self, set: &SetCookie, place: Place<'_>, now: Timestamp) {
        let domain = set.attribute("domain").map(|domain| domain.trim_start_matches('.').to_owned());
        let covers = |domain: &String| place.host == domain || place.host.ends_with(&format!(".{domain}"));
        let secure = set.attribute("secure").is_some();
        let path = set.attribute("path").unwrap_or("/").to_owned();
        let may_be_secure = place.https || matches!(place.host, "localhost" | "127.0.0.1");
        let host_prefix = set.name.starts_with("__Host-") && (!secure || domain.is_some() || path != "/");
        let secure_prefix = set.name.starts_with("__Secure-") && !secure;
        let dropped = domain.as_ref().is_some_and(|domain| !covers(domain))
            || secure && !may_be_secure
            || host_prefix
            || secure_prefix
            || set.name.len() + set.value.len() > 4096;
        if dropped {
            return;
        }
        let host = domain.clone().unwrap_or_else(|| place.host.to_owned());
        self.0.retain(|kept| {
            !(kept.name == set.name
                && kept.path == path
                && kept.host == host
                && kept.host_only == domain.is_none())
        });
        let max_age = set.max_age();
        if max_age > 0 {
            self.0.push(Kept {
                name: set.name.clone(),
                value: set.value.clone(),
                host,
                host_only: domain.is_none(),
                path,
                secure,
                http_only: set.attribute("httponly").is_some(),
                strict: set.attribute("samesite") == Some("Strict"),
                ends_at: Timestamp::from_millis(now.as_millis() + max_age * 1000),
            });
        }
    }

    fn sent(&self, place: Place<'_>, now: Timestamp) -> Vec<&Kept> {
        let path_matches = |path: &str| {
            place.path == path
                || place
                    .path
                    .strip_prefix(path)
                    .is_some_and(|rest| path.ends_with('/') || rest.starts_with('/'))
        };
        let mut sent: Vec<_> = self
            .0
            .iter()
            .filter(|kept| {
                let host = place.host == kept.host
                    || !kept.host_only && place.host.ends_with(&format!(".{}", kept.host));
                let loopback = matches!(place.host, "localhost" | "127.0.0.1");
                host && path_matches(&kept.path)
                    && (!kept.secure || place.https || loopback)
                    && now < kept.ends_at
            })
            .collect();
        // Longer paths first (RFC 6265bis, 5.8.3).
        sent.sort_by_key(|kept| std::cmp::Reverse(kept.path.len()));
        sent
    }

    /// The Cookie header; `same_site` tells whether Strict cookies go along.
    pub(crate) fn header(&self, place: Place<'_>, now: Timestamp, same_site: bool) -> Option<String> {
        let sent = self.sent(place, now).into_iter().filter(|kept| same_site || !kept.strict);
        let pairs: Vec<_> = sent.map(|kept| format!("{}={}", kept.name, kept.value)).collect();
        if pairs.is_empty() { None } else { Some(pairs.join("; ")) }
    }

    /// The cookies of these names that a script could read at this place.
    pub(crate) fn readable(&self, name: &str, place: Place<'_>, now: Timestamp) -> Option<String> {
        let mut sent = self.sent(place, now).into_iter();
        sent.find(|kept| kept.name == name && !kept.http_only).map(|kept| kept.value.clone())
    }

    /// A cookie's value, wherever it would be sent; expired ones too.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.0.iter().find(|kept| kept.name == name).map(|kept| kept.value.clone())
    }

    /// Puts another value into a cookie, with its attributes as they are.
    pub(crate) fn replace(&mut self, name: &str, value: &str) {
        let kept = self.0.iter_mut().find(|kept| kept.name == name).unwrap();
        value.clone_into(&mut kept.value);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|kept| kept.name != name);
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.0.iter().map(|kept| kept.name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
