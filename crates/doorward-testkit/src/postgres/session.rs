//! A connection that somebody else holds.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

/// What marks the end of an answer: no row of a test's looks like it.
const END: &str = "-- answered";

/// A connection to a database by which statements are run one after the other, in transactions that stay open for as long as
/// they are let. Dropped, it is closed, and what was not committed is rolled back.
#[derive(Debug)]
pub struct Session {
    psql: Child,
    output: BufReader<ChildStdout>,
}

impl Session {
    pub(super) fn of(mut psql: Command) -> Result<Self, String> {
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut psql = psql.spawn().map_err(|error| format!("psql: {error}"))?;
        let output = BufReader::new(psql.stdout.take().expect("its standard output is a pipe"));
        let mut session = Self { psql, output };
        session.try_run("SELECT 1").map(|_| session)
    }

    /// Runs statements; gives what they answer, as [`Database::sql`](super::Database::sql) does.
    ///
    /// # Panics
    /// When they fail.
    #[track_caller]
    pub fn run(&mut self, statements: &str) -> String {
        self.try_run(statements).unwrap_or_else(|error| panic!("{statements}: {error}"))
    }

    /// [`Session::run`], if the statements do not fail. The session is over when they do.
    ///
    /// # Errors
    /// What `psql` said before it gave up.
    ///
    /// # Panics
    /// When there is no `psql` to speak to.
    pub fn try_run(&mut self, statements: &str) -> Result<String, String> {
        let input = self.psql.stdin.as_mut().expect("its standard input is a pipe");
        // Who is gone already is found out by reading.
        let _ = writeln!(input, "{statements};\n\\echo {END}");
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            match self.output.read_line(&mut line) {
                Ok(1..) if line.trim_end() == END => return Ok(answer.trim_end().to_owned()),
                Ok(1..) => answer += &line,
                Ok(0) | Err(_) => return Err(self.last_words()),
            }
        }
    }

    fn last_words(&mut self) -> String {
        let mut said = String::new();
        if let Some(error) = &mut self.psql.stderr {
            // What cannot be read was not said.
            let _ = error.read_to_string(&mut said);
        }
        said
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Gone already, or gone now; the server notices.
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}
