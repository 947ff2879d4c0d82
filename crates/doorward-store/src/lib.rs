//! What Doorward remembers: SQLite behind the core's Store port.
