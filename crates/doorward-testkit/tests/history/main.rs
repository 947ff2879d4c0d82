//! The checker of histories: what it lets pass, what it finds, and that it finds neither too much nor too little.

mod found;
mod recording;
mod search;
mod writing;
