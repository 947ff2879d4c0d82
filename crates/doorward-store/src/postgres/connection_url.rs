//! A connection URL, taken apart: what stands where, percent-decoded, before anybody asks what it means.
//!
//! The form is libpq's (PostgreSQL manual, 34.1.1.2): a URL that may name several hosts, which is why the `url` crate cannot read it.

use super::AddressError;

/// The parts of a URL. Parameters come in the order written.
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Hosts and ports in the order written; an empty host is none.
    pub(super) hosts: Vec<(String, Option<u16>)>,
    pub(super) database: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Parts {
    /// Takes a URL apart. No error shows any of it: what looks like a host may be half of a password with a slash in it.
    pub(super) fn of(url: &str) -> Result<Self, AddressError> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or(AddressError::Scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        // The last one, so that a password with an unescaped @ in it still ends where its writer meant.
        let (credentials, hosts) =
            authority.rsplit_once('@').map_or((None, authority), |(c, h)| (Some(c), h));
        let (user, password) = match credentials.map(|text| text.split_once(':').unwrap_or((text, ""))) {
            Some((user, password)) => (given(user)?, given(password)?),
            None => (None, None),
        };
        let hosts = hosts.split(',').map(host_and_port).collect::<Result<_, _>>()?;
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').ok_or(AddressError::Parameters)?;
            Ok((decode(name)?, decode(value)?))
        });
        let parameters = parameters.collect::<Result<_, _>>()?;
        Ok(Self { user, password, hosts, database: given(database)?, parameters })
    }
}

/// A port as digits.
pub(super) fn port(text: &str) -> Result<u16, AddressError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0).ok_or(AddressError::Port)
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), AddressError> {
    let (host, after) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, after)) => (
            address,
            after.strip_prefix(':').map_or_else(
                || if after.is_empty() { Ok(None) } else { Err(AddressError::Port) },
                |port| Ok(Some(port)),
            )?,
        ),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    // `host:` is libpq's for the default port.
    let after = after.filter(|text| !text.is_empty()).map(port).transpose()?;
    Ok((decode(host)?, after))
}

fn given(text: &str) -> Result<Option<String>, AddressError> {
    decode(text).map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn decode(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            let (high, low) = (digit(rest.next()), digit(rest.next()));
            let (Some(high), Some(low)) = (high, low) else { return Err(AddressError::Encoding) };
            u8::try_from(high * 16 + low).map_err(|_| AddressError::Encoding)?
        } else {
            byte
        };
        // The protocol ends its texts with a zero: one within would cut them short.
        if byte == 0 {
            return Err(AddressError::Encoding);
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> Parts {
        Parts::of(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn a_url_is_taken_apart_and_decoded() {
        let url = "postgresql://dw%20x:p%40s%2Fs@h1:5433,[::1]:5434,h3/data%2Fbase?sslmode=require&options=-c%20a%3Db";
        let parts = parts(url);
        assert_eq!((parts.user.as_deref(), parts.password.as_deref()), (Some("dw x"), Some("p@s/s")));
        let hosts = [("h1", Some(5433)), ("::1", Some(5434)), ("h3", None)];
        assert_eq!(parts.hosts, hosts.map(|(host, port)| (host.to_owned(), port)));
        assert_eq!(parts.database.as_deref(), Some("data/base"));
        let parameters = [("sslmode", "require"), ("options", "-c a=b")];
        assert_eq!(parts.parameters, parameters.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_socket_is_a_host_that_is_escaped() {
        assert_eq!(parts("postgres://u@%2Frun%2Fpostgresql/d").hosts, [("/run/postgresql".to_owned(), None)]);
        assert_eq!(parts("postgres:///d").hosts, [(String::new(), None)]);
    }

    #[test]
    fn a_password_may_hold_what_was_not_escaped() {
        assert_eq!(parts("postgres://u:a@b:c@h/d").password.as_deref(), Some("a@b:c"));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for (url, error) in [
            ("mysql://h/d", AddressError::Scheme),
            ("postgres:h/d", AddressError::Scheme),
            ("postgres://u@h:port/d", AddressError::Port),
            ("postgres://u@h:0/d", AddressError::Port),
            ("postgres://u@h:+1/d", AddressError::Port),
            ("postgres://u@h:65536/d", AddressError::Port),
            ("postgres://u@[::1]5432/d", AddressError::Port),
            ("postgres://u@h/d?sslmode", AddressError::Parameters),
            ("postgres://u%2@h/d", AddressError::Encoding),
            ("postgres://u%zz@h/d", AddressError::Encoding),
            ("postgres://u%ff@h/d", AddressError::Encoding),
            ("postgres://u%00@h/d", AddressError::Encoding),
        ] {
            assert_eq!(Parts::of(url).err(), Some(error), "{url}");
        }
    }
}
