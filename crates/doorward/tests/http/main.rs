//! The HTTP contract through the public router: what clients, proxies and attackers send, and what they get.

#![cfg(test)]

mod answer;
mod ask;
mod authenticator;
mod browser;
mod guesses;
mod jar;
mod page;
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
mod devices;
mod enumeration;
mod forged_tokens;
mod lifetimes;
mod links;
mod lockout;
mod lockstep;
mod login;
mod logout;
mod me;
mod own_sessions;
mod paging;
mod password;
mod password_policy;
mod perimeter;
mod races;
mod rate_limit;
mod refresh;
mod resume;
mod second_factor_pages;
mod setup;
mod single_operator;
mod throttle;
mod unlock;
mod users;
mod verify;
mod verify_forgery;
mod verify_redirect;
mod waiting;
