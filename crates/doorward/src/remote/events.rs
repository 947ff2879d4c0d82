//! Reading server-sent events (WHATWG HTML 9.2.6), as far as the server sends them: no carriage returns, one line of data.

use super::connection::Failure;

/// Nothing longer is an event of ours.
const MOST_BYTES: usize = 64 * 1024;

/// An event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Its name; empty for most.
    pub(super) name: String,
    pub(super) data: String,
}

/// What has come of an event that has not ended.
#[derive(Default)]
pub(super) struct Events {
    pending: Vec<u8>,
}

impl Events {
    /// Takes the next bytes; the events that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, Failure> {
        self.pending.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.pending.windows(2).position(|pair| pair == b"\n\n") {
            let rest = self.pending.split_off(end + 2);
            let text = std::mem::replace(&mut self.pending, rest);
            let text = std::str::from_utf8(&text).map_err(|_| Failure::Unreadable)?;
            events.extend(event(text));
        }
        if self.pending.len() > MOST_BYTES { Err(Failure::Unreadable) } else { Ok(events) }
    }
}

/// One without data is none.
fn event(text: &str) -> Option<Event> {
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
    let data = field("data: ")?.to_owned();
    Some(Event { name: field("event: ").unwrap_or_default().to_owned(), data })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "retry: 1000\n\nid: 1\ndata: {\"a\":1}\n\n:\n\nevent: confirmed\nid: 1\ndata: {}\n\n";

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let event = |name: &str, data: &str| Event { name: name.to_owned(), data: data.to_owned() };
        for size in 1..TEXT.len() {
            let mut events = Events::default();
            let found: Vec<_> =
                TEXT.as_bytes().chunks(size).flat_map(|part| events.take(part).unwrap()).collect();
            assert_eq!(found, [event("", "{\"a\":1}"), event("confirmed", "{}")], "{size}");
        }
    }

    #[test]
    fn what_never_ends_and_what_is_no_text_is_given_up() {
        let mut events = Events::default();
        assert!(events.take(&vec![b'a'; MOST_BYTES]).is_ok());
        assert!(events.take(b"a").is_err());
        assert!(Events::default().take(b"data: \xff\n\n").is_err());
    }
}
