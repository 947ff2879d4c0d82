//! The example as a user runs it, spoken to over HTTP.

#[cfg(test)]
mod app;
#[cfg(test)]
mod pages;
