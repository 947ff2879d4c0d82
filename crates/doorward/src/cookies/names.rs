//! Which cookies we set, under which names and attributes: the contract's table, derived from the settings.

use serde::Deserialize;
use url::{Host, Url};

use super::set::{Attributes, OurCookie, is_token};

/// `cookie.secure`: when cookies carry the Secure attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecureCookies {
    /// Whenever the public URL is https.
    #[default]
    Auto,
    /// Always; over plain http, browsers keep such cookies on loopback names only.
    Always,
    /// Never, and then without prefixes, which browsers refuse without Secure.
    Never,
}

/// `cookie.same_site`: which requests of other sites carry the cookies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// None.
    #[default]
    Strict,
    /// Top-level navigations.
    Lax,
    /// All; needs Secure.
    None,
}

impl SameSite {
    /// As the attribute spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// The `cookie.*` settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieSettings {
    /// `cookie.secure`.
    pub secure: SecureCookies,
    /// `cookie.same_site`.
    pub same_site: SameSite,
    /// `cookie.domain`: shares session and CSRF cookie with the subdomains; a leading dot is ignored.
    pub domain: Option<String>,
    /// `cookie.session_name`, instead of the table's.
    pub session_name: Option<String>,
    /// `cookie.csrf_name`, instead of the table's.
    pub csrf_name: Option<String>,
    /// `cookie.refresh_name`, instead of the table's.
    pub refresh_name: Option<String>,
}

/// The cookies we set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CookieKind {
    /// The access JWT.
    Session,
    /// The CSRF token, for scripts to read.
    Csrf,
    /// The refresh token, for paths under the base path only.
    Refresh,
    /// A login that waits for its second factor.
    Pending,
    /// What makes a browser a known device.
    Device,
}

impl CookieKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Session, Self::Csrf, Self::Refresh, Self::Pending, Self::Device];

    /// The setting that renames it; the pending and the device cookie have none.
    const fn setting(self) -> &'static str {
        match self {
            Self::Session => "cookie.session_name",
            Self::Csrf => "cookie.csrf_name",
            Self::Refresh => "cookie.refresh_name",
            Self::Pending => "the pending cookie's name",
            Self::Device => "the device cookie's name",
        }
    }

    const fn bare_name(self) -> &'static str {
        match self {
            Self::Session => "dw_session",
            Self::Csrf => "dw_csrf",
            Self::Refresh => "dw_refresh",
            Self::Pending => "dw_pending",
            Self::Device => "dw_device",
        }
    }

    /// Whether applications behind the proxy see it, and `cookie.domain` shares it.
    const fn is_for_applications(self) -> bool {
        match self {
            Self::Session | Self::Csrf => true,
            Self::Refresh | Self::Pending | Self::Device => false,
        }
    }

    fn configured_name(self, settings: &CookieSettings) -> Option<&String> {
        match self {
            Self::Session => settings.session_name.as_ref(),
            Self::Csrf => settings.csrf_name.as_ref(),
            Self::Refresh => settings.refresh_name.as_ref(),
            Self::Pending | Self::Device => None,
        }
    }
}

/// Cookie settings that contradict each other; each message names the key, the value and the mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieSettingsError {
    /// Browsers refuse SameSite=None without Secure.
    #[error(
        "cookie.same_site = \"none\" needs Secure cookies: serve over https (http.public_url), set cookie.secure to \
         \"always\", or use \"lax\" or \"strict\""
    )]
    SameSiteNoneWithoutSecure,
    /// Not a token (RFC 9110, 5.6.2).
    #[error("{setting} = {name:?} is no cookie name: use ASCII letters, digits, \"-\", \"_\" and \".\"")]
    Name {
        /// The setting's key.
        setting: &'static str,
        /// Its value.
        name: String,
    },
    /// Two cookies would overwrite each other.
    #[error("{setting} and {other} are both {name:?}: give each cookie a name of its own")]
    SameName {
        /// One setting's key.
        setting: &'static str,
        /// The other's.
        other: &'static str,
        /// The shared name.
        name: String,
    },
    /// Browsers drop a cookie whose prefix promises what its attributes do not keep.
    #[error(
        "{setting} = {name:?}: browsers refuse this prefix {why}: drop the prefix from the name, or {mend}"
    )]
    Prefix {
        /// The setting's key.
        setting: &'static str,
        /// Its value.
        name: String,
        /// What is wrong with it.
        why: &'static str,
        /// What else would mend it.
        mend: &'static str,
    },
    /// Browsers refuse a domain that the host is not part of.
    #[error(
        "cookie.domain = {domain:?} does not cover {host:?}, the host of http.public_url: use that host or a parent \
         of it with a dot in it, such as \"example.com\""
    )]
    Domain {
        /// The setting's value.
        domain: String,
        /// The public URL's host.
        host: String,
    },
    /// The base path cannot stand in a cookie's Path.
    #[error(
        "http.base_path = {base_path:?} cannot be a cookie's Path: begin it with \"/\", without \";\" or \",\""
    )]
    BasePath {
        /// The setting's value.
        base_path: String,
    },
}

/// Name and attributes of each of our cookies, settled at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookiePlan {
    session: OurCookie,
    csrf: OurCookie,
    refresh: OurCookie,
    pending: OurCookie,
    device: OurCookie,
}

impl CookiePlan {
    /// Derives the plan. `base_path` is the path that our own routes are mounted under, empty or `/` for the root.
    ///
    /// # Errors
    /// [`CookieSettingsError`] for settings that contradict each other or that no browser would keep.
    pub fn new(
        settings: &CookieSettings,
        public_url: &Url,
        base_path: &str,
    ) -> Result<Self, CookieSettingsError> {
        let https = public_url.scheme() == "https";
        let secure = match settings.secure {
            SecureCookies::Auto => https,
            SecureCookies::Always => true,
            SecureCookies::Never => false,
        };
        if settings.same_site == SameSite::None && !secure {
            return Err(CookieSettingsError::SameSiteNoneWithoutSecure);
        }
        let site = Site {
            prefixed: https && secure,
            secure,
            same_site: settings.same_site,
            domain: settings.domain.as_deref().map(|domain| shared_domain(domain, public_url)).transpose()?,
            base_path: cookie_path(base_path)?,
        };
        let plan = Self {
            session: site.cookie(CookieKind::Session, settings)?,
            csrf: site.cookie(CookieKind::Csrf, settings)?,
            refresh: site.cookie(CookieKind::Refresh, settings)?,
            pending: site.cookie(CookieKind::Pending, settings)?,
            device: site.cookie(CookieKind::Device, settings)?,
        };
        plan.refuse_shared_names()?;
        Ok(plan)
    }

    /// One of our cookies.
    #[must_use]
    pub const fn cookie(&self, kind: CookieKind) -> &OurCookie {
        match kind {
            CookieKind::Session => &self.session,
            CookieKind::Csrf => &self.csrf,
            CookieKind::Refresh => &self.refresh,
            CookieKind::Pending => &self.pending,
            CookieKind::Device => &self.device,
        }
    }

    fn refuse_shared_names(&self) -> Result<(), CookieSettingsError> {
        for (index, kind) in CookieKind::ALL.into_iter().enumerate() {
            let name = self.cookie(kind).name();
            for other in CookieKind::ALL.into_iter().skip(index + 1) {
                if self.cookie(other).name() == name {
                    return Err(CookieSettingsError::SameName {
                        setting: kind.setting(),
                        other: other.setting(),
                        name: name.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// What all cookies of one deployment have in common.
struct Site {
    prefixed: bool,
    secure: bool,
    same_site: SameSite,
    domain: Option<String>,
    base_path: String,
}

impl Site {
    fn cookie(&self, kind: CookieKind, settings: &CookieSettings) -> Result<OurCookie, CookieSettingsError> {
        // A shared domain turns the table round: what applications see is shared with their subdomains, and what
        // they must not see is locked to our own host instead of to our path.
        let whole_host = kind.is_for_applications() || self.domain.is_some();
        let attributes = Attributes {
            path: if whole_host { "/".to_owned() } else { self.base_path.clone() },
            domain: if kind.is_for_applications() { self.domain.clone() } else { None },
            secure: self.secure,
            http_only: kind != CookieKind::Csrf,
            same_site: self.same_site,
        };
        let name = match kind.configured_name(settings) {
            Some(name) => {
                check_name(kind, name, &attributes)?;
                name.clone()
            }
            None => {
                let host_locked = kind.is_for_applications() == self.domain.is_none();
                let prefix = match (self.prefixed, host_locked) {
                    (false, _) => "",
                    (true, true) => "__Host-",
                    (true, false) => "__Secure-",
                };
                format!("{prefix}{}", kind.bare_name())
            }
        };
        let refused = CookieSettingsError::Name { setting: kind.setting(), name: name.clone() };
        OurCookie::new(name, attributes).ok_or(refused)
    }
}

/// Refuses a configured name that is no token, or whose prefix browsers would not honour. Browsers compare prefixes
/// without regard to case (RFC 6265bis, 5.7).
fn check_name(kind: CookieKind, name: &str, attributes: &Attributes) -> Result<(), CookieSettingsError> {
    let setting = kind.setting();
    if !is_token(name) || name.len() > 256 {
        return Err(CookieSettingsError::Name { setting, name: name.to_owned() });
    }
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    let host_locked = starts("__Host-");
    let no_scripts = starts("__Http-") || starts("__Host-Http-");
    let refused = |why, mend| Err(CookieSettingsError::Prefix { setting, name: name.to_owned(), why, mend });
    if (host_locked || no_scripts || starts("__Secure-")) && !attributes.secure {
        return refused("without Secure", "serve over https (http.public_url)");
    }
    if host_locked && attributes.domain.is_some() {
        return refused("together with a Domain", "drop cookie.domain");
    }
    if host_locked && attributes.path != "/" {
        return refused("with a Path other than \"/\"", "use \"__Secure-\"");
    }
    if no_scripts && !attributes.http_only {
        return refused("on a cookie that scripts read", "use \"__Secure-\"");
    }
    Ok(())
}

/// The Domain attribute, if browsers would take it from the public URL's host. Public suffixes (`co.uk`) are not
/// known here; browsers refuse those by themselves.
fn shared_domain(domain: &str, public_url: &Url) -> Result<String, CookieSettingsError> {
    let host = public_url.host_str().unwrap_or_default();
    let wanted = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    let is_name = matches!(public_url.host(), Some(Host::Domain(_)));
    let covers = host == wanted || (wanted.contains('.') && host.ends_with(&format!(".{wanted}")));
    if is_name && covers && !wanted.is_empty() && !wanted.starts_with('.') {
        Ok(wanted)
    } else {
        Err(CookieSettingsError::Domain { domain: domain.to_owned(), host: host.to_owned() })
    }
}

/// The base path as a cookie's Path: without a closing slash, so that `BASE` itself is covered too.
fn cookie_path(base_path: &str) -> Result<String, CookieSettingsError> {
    let path = base_path.trim_end_matches('/');
    if path.is_empty() {
        return Ok("/".to_owned());
    }
    let fits = path.bytes().all(|b| matches!(b, 0x21..=0x7e) && !b";,?#".contains(&b));
    if path.starts_with('/') && fits {
        Ok(path.to_owned())
    } else {
        Err(CookieSettingsError::BasePath { base_path: base_path.to_owned() })
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
