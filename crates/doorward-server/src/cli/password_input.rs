//! Passwords on their way in: from a terminal without echo, or from a pipe. Never from the arguments, which every
//! user of the machine can read.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::Failure;

/// More than any password may have; what is longer is refused by core with its own words.
const MOST_BYTES: u64 = 4096;

/// Asks for a new password twice, or reads the first line of a pipe.
///
/// # Errors
/// [`Failure::Failed`] where the two differ, or standard input fails; [`Failure::Unusable`] where it is empty.
pub(super) fn new_password() -> Result<Zeroizing<String>, Failure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return first_line(stdin.lock());
    }
    let first = prompt("New password: ")?;
    let second = prompt("The same again: ")?;
    if first == second {
        Ok(first)
    } else {
        Err(Failure::Failed("the two passwords differ: nothing was changed".to_owned()))
    }
}

fn first_line(input: impl BufRead) -> Result<Zeroizing<String>, Failure> {
    let failed = |error| Failure::failed("cannot read the password from standard input", error);
    let mut line = Zeroizing::new(String::with_capacity(256));
    input.take(MOST_BYTES).read_line(&mut line).map_err(failed)?;
    let password = Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned());
    if password.is_empty() {
        return Err(Failure::Unusable(
            "standard input holds no password: write it there, or run this in a terminal".to_owned(),
        ));
    }
    Ok(password)
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: io::Error| Failure::failed("cannot ask for the password", error);
    let mut stderr = io::stderr();
    write!(stderr, "{question}").and_then(|()| stderr.flush()).map_err(failed)?;
    let _silence = Silence::begin().map_err(failed)?;
    first_line(io::stdin().lock())
}

/// A terminal that does not show what is typed, until dropped.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        // The line end is shown all the same, so that the next prompt begins a line.
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gives_its_first_line_without_the_line_end() {
        for piped in ["correct horse\n", "correct horse\r\nmore\n", "correct horse"] {
            assert_eq!(first_line(piped.as_bytes()).unwrap().as_str(), "correct horse");
        }
        assert_eq!(first_line(" spaces stay \n".as_bytes()).unwrap().as_str(), " spaces stay ");
    }

    #[test]
    fn an_empty_pipe_is_an_error_and_an_endless_one_ends() {
        assert!(matches!(first_line("\n".as_bytes()), Err(Failure::Unusable(_))));
        let endless = io::BufReader::new(io::repeat(b'x'));
        assert_eq!(first_line(endless).unwrap().len(), 4096);
    }
}
