//! The HTTP contract through the public router: what clients, proxies and attackers send, and what they get.

#![cfg(test)]

mod answer;
mod ask;
mod browser;
mod jar;
mod proxy;
mod world;

mod attacks;
mod audit;
mod bodies;
mod cookie_header;
mod cookies;
mod cors;
mod credentials;
mod csrf;
mod forged_tokens;
mod lifetimes;
mod links;
mod lockstep;
mod login;
mod logout;
mod me;
mod own_sessions;
mod paging;
mod password;
mod perimeter;
mod races;
mod rate_limit;
mod refresh;
mod resume;
mod setup;
mod users;
mod verify;
mod verify_forgery;
mod verify_redirect;
